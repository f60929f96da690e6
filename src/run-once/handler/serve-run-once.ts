import { REASON_BYTES } from './report';
import { Seams, Work, serveCustomResource, CustomResourceEvent, InvocationContext, resourceHash } from '../../custom-resource/protocol';

/** Serves `Custom::ContainerRunOnce`. Delete runs nothing: what a task has done is not undone. */
export async function serveRunOnce(event: CustomResourceEvent, context: InvocationContext, work: Work, seams: Seams): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the run',
    tooLong: 'look at the tasks of the cluster before you deploy again',
    reasonBytes: REASON_BYTES,
    physicalId: each => each.PhysicalResourceId ?? `run-once-${resourceHash(each)}`,
    work,
    remove: async () => ({ status: 'SUCCESS', summary: 'nothing runs' }),
  }, seams);
}
