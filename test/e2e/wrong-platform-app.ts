import { App, Stack } from 'aws-cdk-lib';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { FargateService, ImageRepository, ImageSource } from 'cdk-container-delivery';

// Deployed twice: the second time with an image for arm64. It is published from a repository, so its platform is unknown at synthesis.
const app = new App();
const stack = new Stack(app, 'WrongPlatform');
const vpc = new Vpc(stack, 'Vpc', { natGateways: 0, subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }] });
const arm = app.node.tryGetContext('arm');
const asset = new DockerImageAsset(stack, 'Asset', {
  directory: arm ?? app.node.getContext('app'), platform: arm === undefined ? Platform.LINUX_AMD64 : Platform.LINUX_ARM64,
});
const image = new ImageRepository(stack, 'Repository').publish('web', ImageSource.ecr(asset.repository, asset.imageTag));
new FargateService(stack, 'Service', {
  cluster: new Cluster(stack, 'Cluster', { vpc }),
  vpcSubnets: { subnetType: SubnetType.PUBLIC },
  containers: { web: { image, port: 8080 } },
});
