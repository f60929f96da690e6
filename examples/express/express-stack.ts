import * as path from 'path';
import { CfnOutput, Duration, Stack, StackProps } from 'aws-cdk-lib';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { ExpressService, ImageRepository, LifecycleRule, Scaling } from 'cdk-container-delivery';
import { Construct } from 'constructs';

export interface ExpressStackProps extends StackProps {
  /** The folder with the Dockerfile; a test passes a copy that it can change. */
  readonly app?: string;
}

/** A web service in ECS Express Mode with a sidecar. ECS creates the load balancer, the HTTPS endpoint and the canary deployments. */
export class ExpressStack extends Stack {
  constructor(scope: Construct, id: string, props: ExpressStackProps = {}) {
    super(scope, id, props);
    // Public subnets only, so there is no NAT gateway to pay for.
    const vpc = new Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }],
    });
    const cluster = new Cluster(this, 'Cluster', { vpc, containerInsightsV2: ContainerInsights.ENHANCED });

    const repository = new ImageRepository(this, 'Repository', {
      lifecycleRules: [LifecycleRule.expireUntagged({ olderThan: Duration.days(7) })],
    });
    const image = repository.buildAndPushImage(props.app ?? path.join(__dirname, 'app'));

    const service = new ExpressService(this, 'Service', {
      cluster,
      containers: {
        // Express Mode requires this name for the container that receives the requests.
        Main: { image, memoryLimitMiB: 128, port: 8080 },
        collector: {
          image: ContainerImage.fromRegistry('public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3'),
          command: ['--config=/etc/ecs/ecs-default-config.yaml'],
          memoryLimitMiB: 256,
          essential: false,
        },
      },
      scaling: Scaling.between(2, 10).onCpu(60),
    });
    new CfnOutput(this, 'Endpoint', { value: service.endpoint });
  }
}
