import { buildWork, removeWork, serveImageBuild } from './handler/build-work';
import { copier, optionsOf } from '../copy/handler/copy-work';
import { continuingSeams } from '../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/protocol';

const seams = continuingSeams({ environment: process.env, log: line => console.log(line) });
const work = { work: buildWork(seams, copier(optionsOf(seams))), remove: removeWork(seams) };

/** Serves `Custom::ContainerImageBuild`: builds an image with CodeBuild for Create and Update, keeps all images on Delete. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveImageBuild(event, context, work, seams);
}
