import { Repository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { BuildApp, platform, Scene } from './scene';

/** Like `l2`, with a single repository. */
export const build: BuildApp = (app, folder, services) => {
  const scene = new Scene(app, folder, services);
  new Repository(scene.stack, 'Repository');
  scene.directories.forEach((directory, index) => {
    const asset = new DockerImageAsset(scene.stack, `Image${index}`, { directory, platform });
    scene.service(index, ContainerImage.fromDockerImageAsset(asset));
  });
};
