import { buildWork, removeWork, serveImageBuild } from './handler/build-work';
import { copier } from '../copy/handler/copy-work';
import { EcrCredentials, registryOrigins, readSecret } from '../copy/handler/credentials';
import { checkAllowed } from '../copy/handler/decode';
import { continuingSeams } from '../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/protocol';

const seams = continuingSeams({ environment: process.env, log: line => console.log(line) });
const copy = copier({
  clock: seams.clock,
  credentials: new EcrCredentials(seams),
  secret: async arn => readSecret(arn, seams),
  check: order => checkAllowed(order, process.env),
  origins: () => registryOrigins(process.env.REGISTRY_ORIGINS),
});
const work = { work: buildWork(seams, copy), remove: removeWork(seams) };

/** Serves `Custom::ContainerImageBuild`: builds an image with CodeBuild for Create and Update, keeps all images on Delete. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveImageBuild(event, context, work, seams);
}
