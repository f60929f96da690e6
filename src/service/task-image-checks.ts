import { Lazy, Stack } from 'aws-cdk-lib';
import { CfnTaskDefinition, ContainerImage, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Construct, IConstruct } from 'constructs';
import { Containers } from './containers/container-options';
import { ImageCheck } from '../image-check/image-check';
import { checked, isChecked } from '../image/gates';
import { PublishedImage } from '../image/published-image';

/** Whose images are looked at. */
export interface TaskImageChecksProps {
  readonly taskDefinition: TaskDefinition;
  readonly containers: Containers;
  /** @default - those are that come by a function anyway */
  readonly imageCheck?: ImageCheck;
  /** What runs the task: it waits until all of them have been looked at. */
  readonly runner: IConstruct;
}

/** The images of a task, which runs when all of them have been looked at. */
export class TaskImageChecks extends Construct {
  constructor(private readonly owner: Construct, id: string, private readonly props: TaskImageChecksProps) {
    super(owner, id);
    Object.entries(props.containers).forEach(([name, { image }]) => this.add(name, image));
    props.runner.node.addDependency(this);
  }

  /** The image of one container. Public images are left to their registries. */
  public add(containerName: string, image: ContainerImage): void {
    if (!PublishedImage._isPublishedImage(image) || !isChecked(image, this.props.imageCheck)) return;
    const { taskDefinition } = this.props;
    checked(new Construct(this, `${containerName}-container`), image, {
      runner: taskDefinition.isFargateCompatible ? 'FARGATE' : 'EC2',
      usedBy: `the container '${containerName}' of ${this.owner.node.path}`,
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
