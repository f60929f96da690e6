import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { AutoScalingGroup, BlockDeviceVolume } from 'aws-cdk-lib/aws-autoscaling';
import { InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AsgCapacityProvider, Cluster, ContainerInsights, EcsOptimizedImage } from 'aws-cdk-lib/aws-ecs';
import { AUTOSCALING_GENERATE_LAUNCH_TEMPLATE } from 'aws-cdk-lib/cx-api';
import { Ec2Service, Exposure, ImageRepository } from 'cdk-container-delivery';

/** A service on the EC2 instances of a cluster, built from a Dockerfile. */
// AWS no longer offers launch configurations to new accounts.
export const app = new App({ postCliContext: { [AUTOSCALING_GENERATE_LAUNCH_TEMPLATE]: true } });
const stack = new Stack(app, 'Ec2');

const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const cluster = new Cluster(stack, 'Cluster', { vpc, containerInsightsV2: ContainerInsights.ENHANCED });
cluster.addAsgCapacityProvider(new AsgCapacityProvider(stack, 'Instances', {
  autoScalingGroup: new AutoScalingGroup(stack, 'Group', {
    vpc, instanceType: new InstanceType('t3.small'), machineImage: EcsOptimizedImage.amazonLinux2023(), minCapacity: 1, maxCapacity: 3,
    requireImdsv2: true,
    blockDevices: [{ deviceName: '/dev/xvda', volume: BlockDeviceVolume.ebs(30, { encrypted: true }) }],
  }),
}));

const image = new ImageRepository(stack, 'Repository').buildAndPushImage(app.node.tryGetContext('app') ?? `${__dirname}/app`);
const service = new Ec2Service(stack, 'Service', {
  cluster,
  containers: { web: { image, memoryLimitMiB: 64, port: 8080 } },
  exposure: Exposure.publicHttp(),
});
new CfnOutput(stack, 'Endpoint', { value: service.endpoint });
