import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Peer, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import {
  ContainerDependency, ContainerRestartPolicy, Deployment, DeploymentHook, DeploymentStage, Exposure, FargateService, ImageRepository, ImageSelection,
  LifecycleRule, Retention, Scaling, ScanGate, Severity, TaskVolume,
} from 'cdk-container-delivery';

/** Lifecycle rules, a scan gate, two containers, and a canary deployment with manual approval. */
export const app = new App();
const stack = new Stack(app, 'Release');

const repository = new ImageRepository(stack, 'Repository', {
  retention: Retention.keepForRollback(2),
  lifecycleRules: [
    LifecycleRule.archiveUnused({ images: ImageSelection.tagPrefix('release-'), notPulledFor: Duration.days(45) }),
    LifecycleRule.expireArchived({ images: ImageSelection.tagPrefix('release-'), archivedFor: Duration.days(90) }),
    LifecycleRule.keepNewest({ images: ImageSelection.tagPrefix('dev-'), count: 2 }),
  ],
});
const image = repository.buildAndPushImage(`${__dirname}/app`, { scanGate: ScanGate.failOn(Severity.HIGH, { waitAtMost: Duration.minutes(20) }) });
const news = TaskVolume.ephemeral('news');

const service = new FargateService(stack, 'Service', {
  cluster: new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 }), containerInsightsV2: ContainerInsights.ENHANCED }),
  containers: {
    web: {
      image, memoryLimitMiB: 64, port: 8080,
      volumes: { '/www/news': news.readOnly() },
      dependsOn: [ContainerDependency.started('writer')],
    },
    writer: {
      image, memoryLimitMiB: 32,
      command: ['sh', '-c', 'while sleep 1; do date > /www/news/index.html; done'],
      volumes: { '/www/news': news },
      essential: false,
      restartPolicy: ContainerRestartPolicy.onExit({ attemptPeriod: Duration.minutes(1) }),
    },
  },
  exposure: Exposure.publicHttp({ healthCheck: { path: '/', interval: Duration.seconds(10) }, testOpenTo: [Peer.ipv4('203.0.113.0/24')] }),
  deployment: Deployment.canary({
    canaryPercent: 10,
    canaryBakeTime: Duration.minutes(10),
    testPort: 8080,
    hooks: [DeploymentHook.pause({ stages: [DeploymentStage.POST_TEST_TRAFFIC_SHIFT], timeout: Duration.hours(4) })],
  }),
  scaling: Scaling.between(2, 6).onCpu(60, { scaleInCooldown: Duration.minutes(10) }),
});
service.addRollbackAlarms(service.metricCpuUtilization().createAlarm(stack, 'Busy', { alarmName: 'release-busy', threshold: 90, evaluationPeriods: 3 }));
new CfnOutput(stack, 'Endpoint', { value: service.endpoint });
