import { Lazy, Stack } from 'aws-cdk-lib';
import { CfnTaskDefinition, ContainerImage, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Construct, IConstruct } from 'constructs';
import { Containers } from './containers/container-options';
import { checked, isChecked } from '../image/gates';
import { PublishedImage } from '../image/published-image';
import { ImageCheck } from '../image-check/image-check';

/** Properties of `TaskImageChecks`. */
export interface TaskImageChecksProps {
  readonly taskDefinition: TaskDefinition;
  readonly containers: Containers;
  /** @default - images that already need a function are checked */
  readonly imageCheck?: ImageCheck;
  /** The service, schedule or one-off task, which waits for the checks. */
  readonly runner: IConstruct;
}

/** The checks of the images of a task. */
export class TaskImageChecks extends Construct {
  constructor(private readonly owner: Construct, id: string, private readonly props: TaskImageChecksProps) {
    super(owner, id);
    Object.entries(props.containers).forEach(([name, { image }]) => this.add(name, image));
    props.runner.node.addDependency(this);
  }

  /** Adds the check of an image. Public images are not checked. */
  public add(containerName: string, image: ContainerImage): void {
    if (!PublishedImage._isPublishedImage(image) || !isChecked(image, this.props.imageCheck)) return;
    const { taskDefinition } = this.props;
    checked(new Construct(this, `${containerName}-container`), image, {
      runner: taskDefinition.isFargateCompatible ? 'FARGATE' : 'EC2',
      usedBy: `the container '${containerName}' of ${this.owner.node.path}`,
      // Lazy, because users can change it through taskDefinition.
      architecture: Lazy.string({ produce: () => architectureOf(taskDefinition) }),
    });
  }
}

/** The CPU architecture of a Linux task; undefined if it can be any. */
function architectureOf(taskDefinition: TaskDefinition): string | undefined {
  const resource = taskDefinition.node.defaultChild as CfnTaskDefinition;
  const { cpuArchitecture, operatingSystemFamily = 'LINUX' }: CfnTaskDefinition.RuntimePlatformProperty
    = Stack.of(resource).resolve(resource.runtimePlatform) ?? {};
  if (operatingSystemFamily !== 'LINUX') return undefined;
  // The default of Fargate. On EC2, the instance determines it.
  return cpuArchitecture ?? (taskDefinition.isFargateCompatible ? 'X86_64' : undefined);
}
