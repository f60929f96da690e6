import { copyWork, serveImageCopy } from './handler/copy-work';
import { EcrCredentials, registryOrigins, readSecret } from './handler/credentials';
import { checkAllowed } from './handler/decode';
import { continuingSeams } from '../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/protocol';

const seams = continuingSeams({ environment: process.env, log: line => console.log(line) });
const work = copyWork({
  clock: seams.clock,
  // They live as long as the process, so one token serves many copies.
  credentials: new EcrCredentials(seams),
  secret: async arn => readSecret(arn, seams),
  check: order => checkAllowed(order, process.env),
  origins: () => registryOrigins(process.env.REGISTRY_ORIGINS),
});

/** Serves `Custom::ContainerImageCopy`: copies an image for Create and Update, keeps all images on Delete. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveImageCopy(event, context, work, seams);
}
