import { App, Stack } from 'aws-cdk-lib';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { FargateService, ImageRepository } from 'cdk-container-delivery';

// Deployed twice, the second time with a command that exits at once.
const app = new App();
const stack = new Stack(app, 'Unhealthy');
const vpc = new Vpc(stack, 'Vpc', { natGateways: 0, subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }] });
const image = new ImageRepository(stack, 'Repository').buildAndPushImage(app.node.getContext('app'));
const command: string | undefined = app.node.tryGetContext('command');
new FargateService(stack, 'Service', {
  cluster: new Cluster(stack, 'Cluster', { vpc }),
  vpcSubnets: { subnetType: SubnetType.PUBLIC },
  containers: { web: { image, command: command === undefined ? undefined : ['sh', '-c', command], port: 8080 } },
});
