import { serveBlobMounting } from './handler/serve-blob-mounting';
import { lambdaDependencies } from '../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/protocol';

const dependencies = lambdaDependencies({ environment: process.env, log: line => console.log(line) });

/** Serves `Custom::RegistryBlobMountingBefore` and `Custom::RegistryBlobMounting`: reads and changes the setting for blob mounting. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveBlobMounting(event, context, dependencies);
}
