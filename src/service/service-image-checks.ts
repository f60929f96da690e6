import { Lazy, Stack } from 'aws-cdk-lib';
import { BaseService, CfnTaskDefinition, ContainerImage, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { ContainerServiceProps } from './container-service-props';
import { checked, isChecked } from '../image/checked';
import { PublishedImage } from '../image/published-image';
import { ImageCheck } from '../image-check/image-check';

/** The images of a service, which waits until all of them have been looked at. */
export class ServiceImageChecks extends Construct {
  private readonly imageCheck?: ImageCheck;

  constructor(scope: Construct, id: string, private readonly service: BaseService, { containers, imageCheck }: ContainerServiceProps) {
    super(scope, id);
    this.imageCheck = imageCheck;
    Object.entries(containers).forEach(([name, { image }]) => this.add(name, image));
    service.node.addDependency(this);
  }

  /** The image of one container. Public images are left to their registries. */
  public add(containerName: string, image: ContainerImage): void {
    if (!PublishedImage._isPublishedImage(image) || !isChecked(image, this.imageCheck)) return;
    const { taskDefinition } = this.service;
    checked(new Construct(this, `${containerName}-container`), image, {
      runner: taskDefinition.isFargateCompatible ? 'FARGATE' : 'EC2',
      usedBy: `the container '${containerName}' of ${this.service.node.scope?.node.path}`,
      // Late, because users may change it by taskDefinition.
      architecture: Lazy.string({ produce: () => architectureOf(taskDefinition) }),
    });
  }
}

/** The CPU architecture of a task on Linux; undefined where it may be any. */
function architectureOf(taskDefinition: TaskDefinition): string | undefined {
  const resource = taskDefinition.node.defaultChild as CfnTaskDefinition;
  const { cpuArchitecture, operatingSystemFamily = 'LINUX' }: CfnTaskDefinition.RuntimePlatformProperty
    = Stack.of(resource).resolve(resource.runtimePlatform) ?? {};
  if (operatingSystemFamily !== 'LINUX') return undefined;
  // What Fargate takes where none is named; on EC2 it is the one of the instance.
  return cpuArchitecture ?? (taskDefinition.isFargateCompatible ? 'X86_64' : undefined);
}
