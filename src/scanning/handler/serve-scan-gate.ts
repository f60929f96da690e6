import { REASON_BYTES } from './report';
import { Seams, Work, serveCustomResource, CustomResourceEvent, InvocationContext, resourceHash } from '../../custom-resource/protocol';

/** Serves `Custom::ImageScanGate`. Delete does nothing: that an image has passed is remembered as long as the image is there. */
export async function serveScanGate(event: CustomResourceEvent, context: InvocationContext, work: Work, seams: Seams): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the scan gate',
    tooLong: 'deploy again',
    reasonBytes: REASON_BYTES,
    physicalId: each => each.PhysicalResourceId ?? `scan-gate-${resourceHash(each)}`,
    work,
    remove: async () => ({ status: 'SUCCESS', summary: 'nothing is removed' }),
  }, seams);
}
