import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Cluster, ContainerImage, ICluster } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancedFargateService } from 'aws-cdk-lib/aws-ecs-patterns';

/** Platform of every image, for every builder. */
export const platform = Platform.LINUX_AMD64;

/** The common parts of all apps: one stack with one VPC and one cluster. */
export class Scene {
  readonly stack: Stack;
  readonly cluster: ICluster;
  /** Build contexts, one for each service. */
  readonly directories: readonly string[];

  constructor(readonly app: App, folder: string, services: number, newStack = () => new Stack(app, 'Services')) {
    this.stack = newStack();
    this.cluster = new Cluster(this.stack, 'Cluster', { vpc: new Vpc(this.stack, 'Vpc', { maxAzs: 2, natGateways: 1 }) });
    this.directories = Array.from({ length: services }, (_, index) => join(folder, `service-${index}`));
  }

  /** The service of every image, except with the service of this library. */
  service(index: number, image: ContainerImage): ApplicationLoadBalancedFargateService {
    return new ApplicationLoadBalancedFargateService(this.stack, `Service${index}`, {
      cluster: this.cluster, taskImageOptions: { image, containerPort: 80 },
    });
  }
}

/** Builds one variant: the scene, an image for each directory, and a service for each image. */
export type BuildApp = (app: App, folder: string, services: number) => void;
