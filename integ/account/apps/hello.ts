import { Exposure } from 'cdk-container-delivery';
import { Scene, SceneProps } from '../scene';

/** A Dockerfile becomes a running page. A second version is deployed, and a version that does not start is rolled back. */
export function hello(props: SceneProps): Scene {
  const scene = new Scene('Hello', props);
  const image = scene.image(scene.repository());
  const service = scene.service({ containers: { web: { image, port: 8080 } }, exposure: Exposure.publicHttp() });
  scene.expectPage(service.endpoint, `^version ${scene.context('version', '1')}$`);
  scene.expectRunning(service.ecsService, image);
  return scene;
}
