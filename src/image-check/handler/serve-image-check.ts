import { Seams, Work, serveCustomResource, CustomResourceEvent, InvocationContext, resourceHash } from '../../custom-resource/protocol';

/** Serves `Custom::ContainerImageCheck`. There is nothing to delete. */
export async function serveImageCheck(event: CustomResourceEvent, context: InvocationContext, work: Work, seams: Seams): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the check of the image',
    tooLong: 'deploy again',
    physicalId: each => each.PhysicalResourceId ?? `image-check-${resourceHash(each)}`,
    work,
    remove: async () => ({ status: 'SUCCESS', summary: 'nothing is removed' }),
  }, seams);
}
