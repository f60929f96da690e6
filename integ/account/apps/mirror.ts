import { Exposure, ImageSource } from 'cdk-container-delivery';
import { exactly, Scene, SceneProps } from '../scene';

/** An image of a public registry runs from your own repository. */
export function mirror(props: SceneProps): Scene {
  const scene = new Scene('Mirror', props);
  const image = scene.repository().publish('nginx', ImageSource.registry('public.ecr.aws/nginx/nginx:1.27'));
  const service = scene.service({ containers: { web: { image, port: 80 } }, exposure: Exposure.publicHttp() });
  scene.expectPage(service.endpoint, 'Welcome to nginx');
  // The image has several platforms, so the digest of a running task can be that of one platform.
  const stored = scene.storedDigest(image);
  const described = scene.call('ECR', 'describeImages', { repositoryName: image.repository.repositoryName, imageIds: [{ imageDigest: stored }] });
  described.assertAtPath('imageDetails.0.imageDigest', exactly(scene.deployedValue('Mirrored', image.imageDigest)));
  return scene;
}
