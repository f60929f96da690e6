import { Stack } from 'aws-cdk-lib';
import { DirectPushSynthesizer, ImageRepository } from 'cdk-container-delivery';
import { BuildApp, platform, Scene } from './scene';

/** Services run the images that the CDK CLI has pushed into the repositories, which are in a separate stack. */
export const build: BuildApp = (app, folder, services) => {
  const repositories = new Stack(app, 'Repositories');
  const scene = new Scene(app, folder, services, () => new Stack(app, 'Services', { synthesizer: new DirectPushSynthesizer() }));
  scene.directories.forEach((directory, index) => {
    const repository = new ImageRepository(repositories, `Repository${index}`, { repositoryName: `service/${index}` });
    scene.service(index, repository.buildAndPushImage(directory, { platform, scope: scene.stack }));
  });
};
