import { Lazy } from 'aws-cdk-lib';
import { ContainerImage, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Construct, IConstruct } from 'constructs';
import { architectureOf } from './containers/added-containers';
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
      // Lazy, because users can change the architecture of the task definition.
      architecture: Lazy.string({ produce: () => architectureOf(taskDefinition) }),
    });
  }
}
