import { artifactRepositoryWork, serveArtifactRepository } from './handler/serve-artifact-repository';
import { selfInvokingDependencies } from '../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/protocol';

const dependencies = selfInvokingDependencies({ environment: process.env, log: line => console.log(line) });
const work = artifactRepositoryWork(dependencies);

/** Serves `Custom::GoogleArtifactRepository`: creates, changes and deletes a repository of Google's Artifact Registry. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveArtifactRepository(event, context, work, dependencies);
}
