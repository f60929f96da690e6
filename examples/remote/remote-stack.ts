import * as path from 'path';
import { CfnOutput, Duration, Stack, StackProps } from 'aws-cdk-lib';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { BuildCache, FargateService, ImageBuilder, ImageRepository, ImageTagMutability, LifecycleRule } from 'cdk-container-delivery';
import { Construct } from 'constructs';

export interface RemoteStackProps extends StackProps {
  /** The folder with the Dockerfile; the end-to-end test passes a copy that it can change. */
  readonly app?: string;
}

/** A service whose image CodeBuild builds during the deployment, for x86 and Graviton. */
export class RemoteStack extends Stack {
  constructor(scope: Construct, id: string, props: RemoteStackProps = {}) {
    super(scope, id, props);
    const vpc = new Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }],
    });
    const repository = new ImageRepository(this, 'Repository', {
      imageTagMutability: ImageTagMutability.immutableExcept('cache-*'),
      lifecycleRules: [LifecycleRule.expireUntagged({ olderThan: Duration.days(7) })],
    });
    const image = repository.buildAndPushImage(props.app ?? path.join(__dirname, 'app'), {
      platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64],
      builder: ImageBuilder.codeBuild({ cache: BuildCache.registry(), timeout: Duration.minutes(20) }),
    });
    new FargateService(this, 'Service', {
      cluster: new Cluster(this, 'Cluster', { vpc, containerInsightsV2: ContainerInsights.ENHANCED }),
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      containers: { web: { image, port: 8080 } },
    });
    new CfnOutput(this, 'Image', { value: image.imageUri });
  }
}
