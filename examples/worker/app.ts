import { App, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { FargateCapacity, FargateService, ImageRepository, Scaling } from 'cdk-container-delivery';

/** A worker without inbound traffic. It scales with the messages in a queue and runs on Fargate Spot. */
export const app = new App();
const stack = new Stack(app, 'Worker');

const failed = new Queue(stack, 'Failed', { enforceSSL: true });
const queue = new Queue(stack, 'Queue', { enforceSSL: true, deadLetterQueue: { queue: failed, maxReceiveCount: 3 } });
const cluster = new Cluster(stack, 'Cluster', {
  vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 }),
  containerInsightsV2: ContainerInsights.ENHANCED,
  enableFargateCapacityProviders: true,
});
const image = new ImageRepository(stack, 'Repository').buildAndPushImage(app.node.tryGetContext('app') ?? `${__dirname}/app`);

const service = new FargateService(stack, 'Service', {
  cluster,
  containers: { worker: { image, environment: { QUEUE_URL: queue.queueUrl } } },
  scaling: Scaling.between(1, 10).onQueueDepth(queue, { messagesPerTask: 100 }),
  capacity: FargateCapacity.spot(),
});
queue.grantConsumeMessages(service);
