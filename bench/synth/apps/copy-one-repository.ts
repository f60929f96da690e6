import { ImageRepository } from 'cdk-container-delivery';
import { BuildApp, platform, Scene } from './scene';

/** Like `copy`, with a single repository. */
export const build: BuildApp = (app, folder, services) => {
  const scene = new Scene(app, folder, services);
  const repository = new ImageRepository(scene.stack, 'Repository');
  scene.directories.forEach((directory, index) => {
    scene.service(index, repository.buildAndPushImage(directory, { platform }));
  });
};
