import { artifactRepositoryWork, serveArtifactRepository } from './handler/serve-artifact-repository';
import { continuingSeams } from '../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext } from '../custom-resource/protocol';

const seams = continuingSeams({ environment: process.env, log: line => console.log(line) });
const work = artifactRepositoryWork(seams);

/** Serves `Custom::GoogleArtifactRepository`: creates, changes and deletes a repository of Google's Artifact Registry. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveArtifactRepository(event, context, work, seams);
}
