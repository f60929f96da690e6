import { ImageSource, ScanGate, Severity } from 'cdk-container-delivery';
import { exactly, Scene, SceneProps } from '../scene';

/** An old image with known findings. With the gate, nothing that uses the image changes. */
export function scanGate(props: SceneProps): Scene {
  const scene = new Scene('ScanGate', props);
  const image = scene.repository().publish('old', ImageSource.registry('public.ecr.aws/docker/library/debian:10'), {
    scanGate: scene.context('gate', 'no') === 'yes' ? ScanGate.failOn(Severity.HIGH) : undefined,
  });
  // The parameter uses the image, so it waits for the gate.
  const used = scene.deployedValue('Used', image.imageDigest);
  const described = scene.call('ECR', 'describeImages', { repositoryName: image.repository.repositoryName, imageIds: [{ imageDigest: used }] });
  described.assertAtPath('imageDetails.0.imageDigest', exactly(used));
  return scene;
}
