import { buildWork, removeWork, serveImageBuild } from './handler/build-work';
import { copier, optionsOf } from '../copy/handler/copy-work';
import { continuingSeams } from '../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/protocol';
import { servedAsCheck } from '../image-check/handler/check-work';

const seams = continuingSeams({ environment: process.env, log: line => console.log(line) });
const work = { work: buildWork(seams, copier(optionsOf(seams))), remove: removeWork(seams) };

/** Serves `Custom::ContainerImageBuild`: builds an image with CodeBuild for Create and Update, keeps all images on Delete. Also serves image checks. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  if (await servedAsCheck(event, context, seams)) return;
  await serveImageBuild(event, context, work, seams);
}
