import { checkWork, serveImageCheck } from './handler/check-work';
import { lambdaDependencies } from '../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/protocol';

const dependencies = lambdaDependencies({ environment: process.env, log: line => console.log(line) });

/** Serves `Custom::ContainerImageCheck`: checks images for Create and Update, does nothing on Delete. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveImageCheck(event, context, checkWork(dependencies), dependencies);
}
