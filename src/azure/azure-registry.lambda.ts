import { removalWork } from './handler/registry-removal';
import { registryWork, serveAzureRegistry } from './handler/registry-work';
import { selfInvokingDependencies } from '../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/protocol';

const dependencies = selfInvokingDependencies({ environment: process.env, log: line => console.log(line) });
const kind = { work: registryWork(dependencies), remove: removalWork(dependencies) };

/** Serves `Custom::AzureContainerRegistry`: creates, changes and deletes a registry in Azure. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveAzureRegistry(event, context, kind, dependencies);
}
