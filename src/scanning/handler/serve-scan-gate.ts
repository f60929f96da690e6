import { createHash } from 'node:crypto';
import { REASON_BYTES } from './report';
import { Seams, Work, serveCustomResource } from '../../custom-resource/custom-resource';
import { CustomResourceEvent, InvocationContext } from '../../custom-resource/event';

/** Serves `Custom::ImageScanGate`. Delete does nothing: that an image has passed is remembered as long as the image is there. */
export async function serveScanGate(event: CustomResourceEvent, context: InvocationContext, work: Work, seams: Seams): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the scan gate',
    tooLong: 'deploy again',
    reasonBytes: REASON_BYTES,
    physicalId: ({ PhysicalResourceId, StackId, LogicalResourceId }) => PhysicalResourceId
      ?? `scan-gate-${createHash('sha256').update(`${StackId}|${LogicalResourceId}`).digest('hex').slice(0, 16)}`,
    work,
    remove: async () => ({ status: 'SUCCESS', summary: 'nothing is removed' }),
  }, seams);
}
