import { ExpectedResult } from '@aws-cdk/integ-tests-alpha';
import { Retention } from 'cdk-container-delivery';
import { Scene, SceneProps } from '../scene';

/** A repository that keeps few versions. The lifecycle policy preview of ECR shows that the deployed image never expires. */
export function lifecycle(props: SceneProps): Scene {
  const scene = new Scene('Lifecycle', props);
  const image = scene.image(scene.repository('Repository', { retention: Retention.keepForRollback(1) }));
  const repositoryName = image.repository.repositoryName;
  const start = scene.call('ECR', 'startLifecyclePolicyPreview', { repositoryName });
  const digest = scene.storedDigest(image);
  const preview = scene.call('ECR', 'getLifecyclePolicyPreview', { repositoryName, imageIds: [{ imageDigest: digest }] });
  preview.expect(ExpectedResult.objectLike({ status: 'COMPLETE', previewResults: [] }));
  scene.wait(preview);
  start.next(preview);
  return scene;
}
