import { ImageRepository } from 'cdk-container-delivery';
import { BuildApp, platform, Scene } from './scene';

/** Services run the copy in the repository, by digest. */
export const build: BuildApp = (app, folder, services) => {
  const scene = new Scene(app, folder, services);
  scene.directories.forEach((directory, index) => {
    scene.service(index, new ImageRepository(scene.stack, `Repository${index}`).buildAndPushImage(directory, { platform }));
  });
};
