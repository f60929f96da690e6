import { runWork, serveOneOffTask } from './handler/run-work';
import { selfInvokingDependencies } from '../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/protocol';

const dependencies = selfInvokingDependencies({ environment: process.env, log: line => console.log(line) });

/** Serves `Custom::ContainerOneOffTask`: runs a task to its end for Create and Update, does nothing on Delete. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveOneOffTask(event, context, runWork(dependencies), dependencies);
}
