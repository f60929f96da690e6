import * as path from 'path';
import { CfnOutput, Duration, Stack, StackProps } from 'aws-cdk-lib';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { Exposure, FargateService, ImageRepository, ImageRoute, LifecycleRule } from 'cdk-container-delivery';
import { Construct } from 'constructs';

export interface HelloStackProps extends StackProps {
  /** The folder with the Dockerfile; the end-to-end test passes a copy that it can change. */
  readonly app?: string;
}

/** A service that is built from a Dockerfile and runs from its own repository. */
export class HelloStack extends Stack {
  constructor(scope: Construct, id: string, props: HelloStackProps = {}) {
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

    const service = new FargateService(this, 'Service', {
      cluster,
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      desiredCount: 2,
      containers: { web: { image, memoryLimitMiB: 128, port: 8080 } },
      exposure: Exposure.publicHttp(),
    });
    new CfnOutput(this, 'Endpoint', { value: service.endpoint });
    // A changed output would prevent a hotswap.
    if (image.route === ImageRoute.COPY) new CfnOutput(this, 'Image', { value: image.imageUri });
  }
}
