import { createHash } from 'node:crypto';
import { Seams, Work, serveCustomResource } from '../../custom-resource/custom-resource';
import { CustomResourceEvent, InvocationContext } from '../../custom-resource/event';

/** Serves `Custom::ContainerImageCheck`. There is nothing to delete. */
export async function serveImageCheck(event: CustomResourceEvent, context: InvocationContext, work: Work, seams: Seams): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the check of the image',
    tooLong: 'deploy again',
    physicalId: ({ PhysicalResourceId, StackId, LogicalResourceId }) => PhysicalResourceId
      ?? `image-check-${createHash('sha256').update(`${StackId}|${LogicalResourceId}`).digest('hex').slice(0, 16)}`,
    work,
    remove: async () => ({ status: 'SUCCESS', summary: 'nothing is removed' }),
  }, seams);
}
