import { App, Duration, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { FargateService, ImageRepository, OneOffFargateTask } from 'cdk-container-delivery';

/** A migration that runs before the service changes. If it fails, the deployment fails with the last lines of its log. */
export const app = new App();
const stack = new Stack(app, 'Migration');

const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 }), containerInsightsV2: ContainerInsights.ENHANCED });
const image = new ImageRepository(stack, 'Repository').buildAndPushImage(`${__dirname}/app`);

const migrate = new OneOffFargateTask(stack, 'Migrate', {
  cluster,
  containers: { migrate: { image, command: ['sh', '-c', 'echo "adding a column"'] } },
  timeout: Duration.minutes(10),
});
const service = new FargateService(stack, 'Service', { cluster, containers: { web: { image, memoryLimitMiB: 128, port: 8080 } } });
migrate.executeBefore(service);
