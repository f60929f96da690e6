import { runWork, serveRunOnce } from './handler/run-work';
import { continuingSeams } from '../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/protocol';

const seams = continuingSeams({ environment: process.env, log: line => console.log(line) });

/** Serves `Custom::ContainerRunOnce`: runs a task to its end for Create and Update, does nothing on Delete. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveRunOnce(event, context, runWork(seams), seams);
}
