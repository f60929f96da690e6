import { serveTrafficShift } from './handler/traffic-work';
import { lambdaDependencies } from '../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/protocol';

const dependencies = lambdaDependencies({ environment: process.env, log: line => console.log(line) });

/** Serves `Custom::TrafficShiftRule` and `Custom::TrafficShiftListener`: rules and listeners whose weights ECS changes. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveTrafficShift(event, context, dependencies);
}
