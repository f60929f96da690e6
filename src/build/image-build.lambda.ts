import { buildWork, removeWork, serveImageBuild } from './handler/build-work';
import { copier, optionsOf } from '../copy/handler/copy-work';
import { selfInvokingDependencies } from '../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/protocol';
import { serveIfImageCheck } from '../image-check/handler/check-work';

const dependencies = selfInvokingDependencies({ environment: process.env, log: line => console.log(line) });
const work = { work: buildWork(dependencies, copier(optionsOf(dependencies))), remove: removeWork(dependencies) };

/** Serves `Custom::ContainerImageBuild`: builds an image with CodeBuild for Create and Update, keeps all images on Delete. Also serves image checks. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  if (await serveIfImageCheck(event, context, dependencies)) return;
  await serveImageBuild(event, context, work, dependencies);
}
