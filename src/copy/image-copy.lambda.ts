import { systemClock } from '../engine/clock';
import { checkAllowed } from './handler/allowed';
import { CopyWorkOptions, copyWork } from './handler/copy-work';
import { EcrCredentials } from './handler/ecr-credentials';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/event';
import { invokeAgain } from '../custom-resource/invoke-again';
import { registryOrigins } from './handler/registry-origins';
import { readSecret } from './handler/secret-credentials';
import { serveImageCopy } from './handler/serve-image-copy';
import { send } from '../custom-resource/small-request';

const aws = { environment: process.env, clock: systemClock, send };
const seams = {
  clock: systemClock,
  send,
  environment: process.env,
  log: (line: string) => console.log(line),
  invokeAgain: async (event: CustomResourceEvent) => invokeAgain(event, aws),
};
// It lives as long as the process: one token serves many copies.
const credentials = new EcrCredentials(aws);
const secret = async (arn: string) => readSecret(arn, aws);
const check: CopyWorkOptions['check'] = order => checkAllowed(order, process.env);
const work = copyWork({ clock: systemClock, credentials, secret, check, origins: () => registryOrigins(process.env.REGISTRY_ORIGINS) });

/** Serves `Custom::ContainerImageCopy`: copies an image for Create and Update, keeps all images on Delete. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveImageCopy(event, context, work, seams);
}
