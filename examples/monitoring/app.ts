import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AlarmThreshold, Exposure, FargateService } from 'cdk-container-delivery';

/** A service with alarms, a dashboard, and logs that are encrypted with your own key. */
export const app = new App();
const stack = new Stack(app, 'Monitoring');

const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const service = new FargateService(stack, 'Service', {
  cluster: new Cluster(stack, 'Cluster', { vpc, containerInsightsV2: ContainerInsights.ENHANCED }),
  desiredCount: 2,
  containers: { nginx: { image: ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx:1.27'), port: 80 } },
  exposure: Exposure.publicHttp(),
  logRetention: RetentionDays.ONE_YEAR,
  logEncryptionKey: new Key(stack, 'LogKey', { enableKeyRotation: true }),
});

const topic = new Topic(stack, 'OnCall', { enforceSSL: true });
const alarms = service.addAlarms(new SnsAction(topic), { responseTimeSeconds: AlarmThreshold.above(2) });
// Errors during a deployment roll it back.
service.addRollbackAlarms(...alarms.ofLoadBalancer);

const dashboard = service.addDashboard();
new CfnOutput(stack, 'Dashboard', { value: dashboard.dashboardName });
new CfnOutput(stack, 'Endpoint', { value: service.endpoint });
