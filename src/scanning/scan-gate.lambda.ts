import { gateWork, serveScanGate } from './handler/gate-work';
import { continuingSeams } from '../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/protocol';

const seams = continuingSeams({ environment: process.env, log: line => console.log(line) });

/** Serves `Custom::ImageScanGate`: evaluates images for Create and Update, does nothing on Delete. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveScanGate(event, context, gateWork(seams), seams);
}
