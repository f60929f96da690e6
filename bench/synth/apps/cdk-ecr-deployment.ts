import { Repository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { DockerImageName, ECRDeployment } from 'cdk-ecr-deployment';
import { BuildApp, platform, Scene } from './scene';

/** Services run the copy in the repository, with the tag of the asset, and wait for it. */
export const build: BuildApp = (app, folder, services) => {
  const scene = new Scene(app, folder, services);
  scene.directories.forEach((directory, index) => {
    const repository = new Repository(scene.stack, `Repository${index}`);
    const asset = new DockerImageAsset(scene.stack, `Image${index}`, { directory, platform });
    const deployment = new ECRDeployment(scene.stack, `Deployment${index}`, {
      src: new DockerImageName(asset.imageUri),
      dest: new DockerImageName(repository.repositoryUriForTag(asset.imageTag)),
    });
    scene.service(index, ContainerImage.fromEcrRepository(repository, asset.imageTag)).node.addDependency(deployment);
  });
};
