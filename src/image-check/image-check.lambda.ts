import { checkWork } from './handler/check-work';
import { serveImageCheck } from './handler/serve-image-check';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/event';
import { send } from '../custom-resource/small-request';
import { systemClock } from '../engine/clock';

const aws = { environment: process.env, clock: systemClock, send };
const seams = { clock: systemClock, send, environment: process.env, log: (line: string) => console.log(line) };

/** Serves `Custom::ContainerImageCheck`: looks at images for Create and Update, does nothing on Delete. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveImageCheck(event, context, checkWork(aws), seams);
}
