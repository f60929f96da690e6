import { copyWork, optionsOf, serveImageCopy } from './handler/copy-work';
import { selfInvokingDependencies } from '../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/protocol';
import { serveIfImageCheck } from '../image-check/handler/check-work';

const dependencies = selfInvokingDependencies({ environment: process.env, log: line => console.log(line) });
const work = copyWork(optionsOf(dependencies));

/** Serves `Custom::ContainerImageCopy`: copies an image for Create and Update, keeps all images on Delete. Also serves image checks. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  if (await serveIfImageCheck(event, context, dependencies)) return;
  await serveImageCopy(event, context, work, dependencies);
}
