import { Repository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { BuildApp, platform, Scene } from './scene';

/** Services run the asset in the bootstrap repository; the repositories stay empty. */
export const build: BuildApp = (app, folder, services) => {
  const scene = new Scene(app, folder, services);
  scene.directories.forEach((directory, index) => {
    new Repository(scene.stack, `Repository${index}`);
    const asset = new DockerImageAsset(scene.stack, `Image${index}`, { directory, platform });
    scene.service(index, ContainerImage.fromDockerImageAsset(asset));
  });
};
