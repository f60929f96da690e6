import { DirectPushSynthesizer, Exposure } from 'cdk-container-delivery';
import { Scene, SceneProps } from '../scene';

/** The CDK CLI pushes the image into the repository, which is in a separate stack. */
export function directPush(props: SceneProps): Scene {
  const scene = new Scene('DirectPush', { ...props, defaultStackSynthesizer: new DirectPushSynthesizer() });
  const repository = scene.repository('Repository', {}, scene.createStack('Repositories'));
  const image = scene.image(repository, { scope: scene.stack });
  const service = scene.service({ containers: { web: { image, port: 8080 } }, exposure: Exposure.publicHttp() });
  scene.expectPage(service.endpoint, `^version ${scene.context('version', '1')}$`);
  scene.expectRunning(service.ecsService, image);
  return scene;
}
