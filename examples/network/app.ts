import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Peer, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { Exposure, FargateService, ImageRepository, NetworkPort } from 'cdk-container-delivery';

/** TCP through a network load balancer, and a second service that calls the first one through Service Connect. */
export const app = new App();
const stack = new Stack(app, 'Network');

const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const cluster = new Cluster(stack, 'Cluster', { vpc, containerInsightsV2: ContainerInsights.ENHANCED });
cluster.addDefaultCloudMapNamespace({ name: 'internal', useForServiceConnect: true });
const image = new ImageRepository(stack, 'Repository').buildAndPushImage(`${__dirname}/app`);

const broker = new FargateService(stack, 'Broker', {
  cluster,
  containers: { broker: { image, memoryLimitMiB: 64, port: 8080 } },
  exposure: Exposure.publicNetwork({ ports: [NetworkPort.tcp(1883)], openTo: [Peer.ipv4('198.51.100.0/24')] })
    .also('Mesh', Exposure.serviceConnect()),
});
const reader = new FargateService(stack, 'Reader', {
  cluster,
  containers: { reader: { image, memoryLimitMiB: 64, command: ['sh', '-c', 'while sleep 5; do wget -q -O - http://broker.internal:8080; done'] } },
  exposure: Exposure.serviceConnectClient(),
});
reader.node.addDependency(broker);
new CfnOutput(stack, 'Endpoint', { value: broker.endpoint });
