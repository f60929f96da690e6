import { App, Stack } from 'aws-cdk-lib';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { FargateService, ImageRepository } from 'cdk-container-delivery';

// Deployed twice with different pages: the second time the tag would have to move, which is not allowed.
const app = new App();
const stack = new Stack(app, 'MovingTag');
const vpc = new Vpc(stack, 'Vpc', { natGateways: 0, subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }] });
const image = new ImageRepository(stack, 'Repository').buildAndPushImage(app.node.getContext('app'), { tags: ['v1'] });
new FargateService(stack, 'Service', {
  cluster: new Cluster(stack, 'Cluster', { vpc }),
  vpcSubnets: { subnetType: SubnetType.PUBLIC },
  containers: { web: { image, port: 8080 } },
});
