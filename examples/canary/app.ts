import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Peer, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { Deployment, DeploymentHook, DeploymentStage, Exposure, FargateService, ImageRepository } from 'cdk-container-delivery';

/** A canary deployment: after manual approval, ten percent of the traffic for ten minutes. An alarm rolls it back. */
export const app = new App();
const stack = new Stack(app, 'Canary');

const image = new ImageRepository(stack, 'Repository').buildAndPushImage(`${__dirname}/app`);
const service = new FargateService(stack, 'Service', {
  cluster: new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 }), containerInsightsV2: ContainerInsights.ENHANCED }),
  desiredCount: 4,
  containers: { web: { image, memoryLimitMiB: 128, port: 8080 } },
  exposure: Exposure.publicHttp({ testOpenTo: [Peer.ipv4('203.0.113.0/24')] }),
  deployment: Deployment.canary({
    canaryPercent: 10,
    canaryBakeTime: Duration.minutes(10),
    testPort: 8080,
    hooks: [DeploymentHook.pause({ stages: [DeploymentStage.POST_TEST_TRAFFIC_SHIFT], timeout: Duration.hours(4) })],
  }),
});
service.addRollbackAlarms(service.metricCpuUtilization().createAlarm(stack, 'Busy', { alarmName: 'canary-busy', threshold: 90, evaluationPeriods: 3 }));
new CfnOutput(stack, 'Endpoint', { value: service.endpoint });
