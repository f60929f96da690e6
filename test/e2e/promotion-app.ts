import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ImageRepository, ImageSource } from 'cdk-container-delivery';

// Built for two platforms into one repository. With `promote` in its context, the image is copied to a second one too.
const app = new App();
const stack = new Stack(app, 'Promotion');
const staging = new ImageRepository(stack, 'Staging', { repositoryName: 'promotion/staging' });
const image = staging.buildAndPushImage(app.node.getContext('app'), { platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] });
new CfnOutput(stack, 'Built', { value: image.imageUri });
if (app.node.tryGetContext('promote')) {
  const production = new ImageRepository(stack, 'Production', { repositoryName: 'promotion/production' });
  const promoted = production.publish('web', ImageSource.ecr(staging, image.imageDigest));
  new CfnOutput(stack, 'Promoted', { value: promoted.imageUri });
}
