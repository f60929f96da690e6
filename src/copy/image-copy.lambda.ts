import { copyWork, optionsOf, serveImageCopy } from './handler/copy-work';
import { continuingSeams } from '../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/protocol';
import { servedAsCheck } from '../image-check/handler/check-work';

const seams = continuingSeams({ environment: process.env, log: line => console.log(line) });
const work = copyWork(optionsOf(seams));

/** Serves `Custom::ContainerImageCopy`: copies an image for Create and Update, keeps all images on Delete. Also serves image checks. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  if (await servedAsCheck(event, context, seams)) return;
  await serveImageCopy(event, context, work, seams);
}
