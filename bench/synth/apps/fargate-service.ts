import { Exposure, FargateService, ImageRepository } from 'cdk-container-delivery';
import { BuildApp, platform, Scene } from './scene';

/** Like `copy`, with the service of this library. */
export const build: BuildApp = (app, folder, services) => {
  const { stack, cluster, directories } = new Scene(app, folder, services);
  directories.forEach((directory, index) => {
    const image = new ImageRepository(stack, `Repository${index}`).buildAndPushImage(directory, { platform });
    new FargateService(stack, `Service${index}`, { cluster, containers: { web: { image, port: 80 } }, exposure: Exposure.publicHttp() });
  });
};
