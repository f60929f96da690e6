import { runWork } from './handler/run-work';
import { serveRunOnce } from './handler/serve-run-once';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/event';
import { invokeAgain } from '../custom-resource/invoke-again';
import { send } from '../custom-resource/small-request';
import { systemClock } from '../engine/clock';

const aws = { environment: process.env, clock: systemClock, send };
const seams = {
  clock: systemClock,
  send,
  environment: process.env,
  log: (line: string) => console.log(line),
  invokeAgain: async (event: CustomResourceEvent) => invokeAgain(event, aws),
};

/** Serves `Custom::ContainerRunOnce`: runs a task to its end for Create and Update, does nothing on Delete. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveRunOnce(event, context, runWork(aws), seams);
}
