import { physicalIdOf } from './physical-id';
import { Seams, Work, serveCustomResource, CustomResourceEvent, InvocationContext } from '../../custom-resource/protocol';

/**
 * Serves `Custom::ContainerImageCopy`.
 *
 * Delete does nothing: images stay, because what runs may be pulled again long after the stack has moved on.
 */
export async function serveImageCopy(event: CustomResourceEvent, context: InvocationContext, work: Work, seams: Seams): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the copy',
    tooLong: 'smaller layers would help',
    physicalId: physicalIdOf,
    work,
    remove: async () => ({ status: 'SUCCESS', summary: 'images are kept' }),
  }, seams);
}
