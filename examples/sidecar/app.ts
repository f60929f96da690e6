import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { ContainerDependency, ContainerRestartPolicy, Exposure, FargateService, ImageRepository, TaskVolume } from 'cdk-container-delivery';

/** Two containers in each task: one serves pages, the other writes them into a shared volume. */
export const app = new App();
const stack = new Stack(app, 'Sidecar');

const image = new ImageRepository(stack, 'Repository').buildAndPushImage(`${__dirname}/app`);
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
      // The containers of a task share a network interface, so the other container is on localhost.
      command: ['sh', '-c', 'while sleep 1; do wget -q -O /dev/null http://localhost:8080 && echo "the page answers" > /www/news/index.html; done'],
      volumes: { '/www/news': news },
      essential: false,
      restartPolicy: ContainerRestartPolicy.onExit({ attemptPeriod: Duration.minutes(1) }),
    },
  },
  exposure: Exposure.publicHttp(),
});
new CfnOutput(stack, 'Endpoint', { value: service.endpoint });
