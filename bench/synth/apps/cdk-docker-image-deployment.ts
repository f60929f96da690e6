import { Repository } from 'aws-cdk-lib/aws-ecr';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Destination, DockerImageDeployment, Source } from 'cdk-docker-image-deployment';
import { BuildApp, platform, Scene } from './scene';

/** Services run the copy in the repository, with a tag that the program must choose, and wait for it. */
export const build: BuildApp = (app, folder, services) => {
  const scene = new Scene(app, folder, services);
  scene.directories.forEach((directory, index) => {
    const repository = new Repository(scene.stack, `Repository${index}`);
    const deployment = new DockerImageDeployment(scene.stack, `Deployment${index}`, {
      source: Source.directory(directory, { platform }),
      destination: Destination.ecr(repository, { tag: 'v1' }),
    });
    scene.service(index, ContainerImage.fromEcrRepository(repository, 'v1')).node.addDependency(deployment);
  });
};
