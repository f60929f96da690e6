import { systemClock } from './engine/clock';
import { copyWork } from './handler/copy-work';
import { serveCustomResource } from './handler/custom-resource';
import { EcrCredentials } from './handler/ecr-credentials';
import { CustomResourceEvent, InvocationContext } from './handler/event';
import { registryOrigins } from './handler/registry-origins';
import { send } from './handler/small-request';

const seams = { clock: systemClock, send, log: (line: string) => console.log(line) };
// Lives as long as the process: one token serves many copies.
const credentials = new EcrCredentials({ environment: process.env, clock: systemClock, send });
const work = copyWork({ clock: systemClock, credentials, origins: () => registryOrigins(process.env.REGISTRY_ORIGINS) });

/** Serves `Custom::ContainerImageCopy`: copies an image for Create and Update, keeps all images on Delete. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveCustomResource(event, context, work, seams);
}
