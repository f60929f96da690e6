import * as path from 'path';
import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { FargateService, ImageRepository } from 'cdk-container-delivery';
import { Construct } from 'constructs';

/** The stack of the repository, which is deployed first. The CDK CLI needs a fixed name to push to it. */
export class RepositoryStack extends Stack {
  public readonly repository: ImageRepository;

  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    this.repository = new ImageRepository(this, 'Repository', { repositoryName: 'direct/web' });
  }
}

export interface WebStackProps extends StackProps {
  readonly repository: ImageRepository;
  /** The folder with the Dockerfile; the end-to-end test passes a copy that it can change. */
  readonly app?: string;
}

/** The stack of the service. `cdk deploy` pushes its image directly into the repository. */
export class WebStack extends Stack {
  constructor(scope: Construct, id: string, props: WebStackProps) {
    super(scope, id, props);
    const vpc = new Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }],
    });
    const image = props.repository.buildAndPushImage(props.app ?? path.join(__dirname, 'app'), { scope: this });
    new FargateService(this, 'Service', {
      cluster: new Cluster(this, 'Cluster', { vpc, containerInsightsV2: ContainerInsights.ENHANCED }),
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      containers: { web: { image, port: 8080 } },
    });
    // No output contains the image, because a changed output would prevent a hotswap.
    new CfnOutput(this, 'Route', { value: `${image.route}: ${image.routeReason}` });
  }
}
