import { gateWork, serveScanGate } from './handler/gate-work';
import { selfInvokingDependencies } from '../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/protocol';

const dependencies = selfInvokingDependencies({ environment: process.env, log: line => console.log(line) });

/** Serves `Custom::ImageScanGate`: evaluates images for Create and Update, does nothing on Delete. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveScanGate(event, context, gateWork(dependencies), dependencies);
}
