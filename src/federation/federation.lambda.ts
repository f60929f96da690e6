import { serveFederation } from './handler/serve-federation';
import { lambdaDependencies } from '../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/protocol';

const dependencies = lambdaDependencies({ environment: process.env, log: line => console.log(line) });

/** Serves `Custom::OutboundIdentityFederation`: enables outbound identity federation in the account. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveFederation(event, context, dependencies);
}
