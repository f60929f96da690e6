import { ExpectedResult } from '@aws-cdk/integ-tests-alpha';
import { ImageSource, ManagedSigning, RegistrySettings } from 'cdk-container-delivery';
import { REPOSITORY_PREFIX } from '../names';
import { exactly, Scene, SceneProps } from '../scene';

/** ECR signs the image when it is pushed. The lifecycle policy does not expire the signature, and a promotion copies it. */
export function signatures(props: SceneProps): Scene {
  const scene = new Scene('Signatures', props);
  const settings = new RegistrySettings(scene.stack, 'Registry', { signing: [ManagedSigning.withNewProfile([`${REPOSITORY_PREFIX}signatures/staging`])] });
  const staging = scene.repository('Staging');
  staging.node.addDependency(settings);
  const image = scene.image(staging);
  settings.grantSign(image.publisher);
  const stored = scene.call('ECR', 'describeImages', { repositoryName: staging.repositoryName });
  stored.assertAtPath('imageDetails.0.repositoryName', exactly(staging.repositoryName));

  // In the second deployment, because ECR signs after the push.
  if (scene.context('promote', 'no') !== 'yes') return scene;
  const signed = scene.call('ECR', 'listImageReferrers', { repositoryName: staging.repositoryName, subjectId: { imageDigest: scene.storedDigest(image) } });
  // There is no permission with the name of this call.
  signed.provider.addToRolePolicy({ Effect: 'Allow', Action: ['ecr:BatchGetImage'], Resource: ['*'] });
  const signature = { imageDigest: signed.getAttString('referrers.0.digest') };

  const start = scene.call('ECR', 'startLifecyclePolicyPreview', { repositoryName: staging.repositoryName });
  const preview = scene.call('ECR', 'getLifecyclePolicyPreview', { repositoryName: staging.repositoryName, imageIds: [signature] });
  preview.expect(ExpectedResult.objectLike({ status: 'COMPLETE', previewResults: [] }));
  scene.wait(preview);
  start.next(preview);

  const production = scene.repository('Production');
  production.publish('web', ImageSource.ecr(staging, image.imageDigest));
  const copied = scene.call('ECR', 'describeImages', { repositoryName: production.repositoryName, imageIds: [signature] });
  copied.assertAtPath('imageDetails.0.imageDigest', exactly(signature.imageDigest));
  return scene;
}
