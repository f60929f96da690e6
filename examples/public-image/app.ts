import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { Exposure, FargateService } from 'cdk-container-delivery';

/** Two tasks of a public image behind a load balancer. */
export const app = new App();
const stack = new Stack(app, 'PublicImage');

const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const service = new FargateService(stack, 'Nginx', {
  cluster: new Cluster(stack, 'Cluster', { vpc, containerInsightsV2: ContainerInsights.ENHANCED }),
  desiredCount: 2,
  containers: {
    nginx: { image: ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx:1.27'), memoryLimitMiB: 128, port: 80 },
  },
  exposure: Exposure.publicHttp(),
});
new CfnOutput(stack, 'Endpoint', { value: service.endpoint });
