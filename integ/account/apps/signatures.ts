import { ExpectedResult } from '@aws-cdk/integ-tests-alpha';
import { ImageSource, ManagedSigning, RegistrySettings } from 'cdk-container-delivery';
import { REPOSITORY_PREFIX } from '../names';
import { Scene, SceneProps } from '../scene';

/** ECR signs the image when it is pushed. The lifecycle policy does not expire the signature, and a promotion copies it. */
export function signatures(props: SceneProps): Scene {
  const scene = new Scene('Signatures', props);
  const settings = new RegistrySettings(scene.stack, 'Registry', { signing: [ManagedSigning.withNewProfile([`${REPOSITORY_PREFIX}signatures/staging`])] });
  const staging = scene.repository('Staging');
  staging.node.addDependency(settings);
  const image = scene.image(staging);
  settings.grantSign(image.publisher);
  const digest = scene.storedDigest(image);
  const path = 'referrers.0.digest';
  const signed = scene.call('ECR', 'listImageReferrers', { repositoryName: staging.repositoryName, subjectId: { imageDigest: digest } }, [path]);

  const start = scene.call('ECR', 'startLifecyclePolicyPreview', { repositoryName: staging.repositoryName });
  const signature = { imageDigest: signed.getAttString(path) };
  const preview = scene.call('ECR', 'getLifecyclePolicyPreview', { repositoryName: staging.repositoryName, imageIds: [signature] });
  preview.expect(ExpectedResult.objectLike({ status: 'COMPLETE', previewResults: [] }));
  scene.wait(preview);
  start.next(preview);

  // In the second deployment: ECR needs a moment to sign.
  if (scene.context('promote', 'no') === 'yes') {
    const production = scene.repository('Production');
    production.publish('web', ImageSource.ecr(staging, image.imageDigest));
    const copied = scene.call('ECR', 'describeImages', { repositoryName: production.repositoryName, imageIds: [signature] });
    copied.assertAtPath('imageDetails.0.imageDigest', ExpectedResult.exact(signature.imageDigest));
  }
  return scene;
}
