import { App, Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { ScheduleExpression, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { FargateCapacity, ImageRepository, ScheduledFargateTask } from 'cdk-container-delivery';

/** A nightly report on Fargate Spot. Failed runs are sent to a topic, failed starts to a queue. */
export const app = new App();
const stack = new Stack(app, 'Scheduled');

const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 }), containerInsightsV2: ContainerInsights.ENHANCED });
const image = new ImageRepository(stack, 'Repository').buildAndPushImage(`${__dirname}/app`);

const report = new ScheduledFargateTask(stack, 'Report', {
  cluster,
  containers: { report: { image, memoryLimitMiB: 128 } },
  schedule: ScheduleExpression.cron({ hour: '3', minute: '0', timeZone: TimeZone.EUROPE_BERLIN }),
  timeWindow: TimeWindow.flexible(Duration.minutes(15)),
  capacity: FargateCapacity.spot(),
  deadLetterQueue: new Queue(stack, 'NotStarted', { enforceSSL: true }),
});
report.onFailedRun(new SnsTopic(new Topic(stack, 'FailedReports', { enforceSSL: true })));
