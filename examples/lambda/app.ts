import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Architecture, DockerImageFunction } from 'aws-cdk-lib/aws-lambda';
import { ImageRepository } from 'cdk-container-delivery';

/** An image for two platforms. The Lambda function uses the one for its architecture. */
export const app = new App();
const stack = new Stack(app, 'Function');

const repository = new ImageRepository(stack, 'Repository');
const image = repository.buildAndPushImage(`${__dirname}/app`, { platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] });

const hello = new DockerImageFunction(stack, 'Hello', { code: image.toLambdaCode(), architecture: Architecture.ARM_64 });
new CfnOutput(stack, 'Name', { value: hello.functionName });
