import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Architecture, CfnFunction, DockerImageFunction } from 'aws-cdk-lib/aws-lambda';
import { ImageRepository } from 'cdk-container-delivery';

// An image for two platforms as the code of a Lambda function, which supports only one.
const app = new App();
const stack = new Stack(app, 'Function');
const repository = new ImageRepository(stack, 'Repository', { repositoryName: 'function' });
const image = repository.buildAndPushImage(app.node.getContext('app'), { platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] });
const fn = new DockerImageFunction(stack, 'Handler', { code: image.toLambdaCode(), architecture: Architecture.ARM_64 });
new CfnOutput(stack, 'Built', { value: image.imageUri });
const { code } = fn.node.defaultChild as CfnFunction;
new CfnOutput(stack, 'Code', { value: 'imageUri' in code && code.imageUri !== undefined ? code.imageUri : 'none' });
