import { Lazy } from 'aws-cdk-lib';
import { ContainerDefinition, ContainerImage, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct, IConstruct } from 'constructs';
import { architectureOf } from './containers/added-containers';
import { ContainerOptions, Containers } from './containers/container-options';
import { ContainerHost, TaskContainers } from './containers/task-containers';
import { TaskRunner } from './containers/volumes/volume-definition';
import { ContainerPort } from './exposure/exposure-config';
import { logGroupOf } from './monitoring/service-logs';
import { TaskProps } from './task-props';
import { checked, isChecked } from '../image/gates';
import { PublishedImage } from '../image/published-image';

/** Properties of a `RunnableTask`. */
export interface RunnableTaskProps extends TaskProps {
  readonly containers: Containers;
}

/** A task definition with its containers, log group and image checks. Services, schedules and one-off tasks run it. */
export class RunnableTask {
  /** The log group of the containers. */
  public readonly logGroup: ILogGroup;
  private readonly containers: TaskContainers;
  private readonly imageChecks: TaskImageChecks;

  /** The properties must already have been checked. */
  constructor(scope: Construct, host: ContainerHost, props: RunnableTaskProps) {
    this.logGroup = logGroupOf(scope, 'Logs', props);
    this.containers = new TaskContainers(scope, host, props.containers, this.logGroup);
    // Named one by one, because a spread object has no properties that are getters of a class.
    const { containers, imageCheck } = props;
    this.imageChecks = new TaskImageChecks(scope, 'ImageChecks', { containers, imageCheck, taskDefinition: this.taskDefinition });
  }

  public get taskDefinition(): TaskDefinition {
    return this.containers.taskDefinition;
  }

  /** All ports, in the order of the containers, the main port of each first. */
  public get ports(): ContainerPort[] {
    return this.containers.ports;
  }

  /** Adds a container, and the check of its image. */
  public addContainer(name: string, container: ContainerOptions): ContainerDefinition {
    const added = this.containers.add(name, container);
    this.imageChecks.add(name, container.image);
    return added;
  }

  /**
   * Connects the task to the construct that runs it.
   *
   * @param runner it waits for the image checks
   * @param connected reaches the file systems, and waits for them
   */
  public runBy(runner: IConstruct, connected: Omit<TaskRunner, 'node'> & Partial<TaskRunner>): void {
    this.containers.attachTo({ node: runner.node, ...connected });
    runner.node.addDependency(this.imageChecks);
  }
}

/** Properties of `TaskImageChecks`. */
interface TaskImageChecksProps extends Pick<RunnableTaskProps, 'containers' | 'imageCheck'> {
  readonly taskDefinition: TaskDefinition;
}

/** The checks of the images of a task. */
class TaskImageChecks extends Construct {
  constructor(private readonly owner: Construct, id: string, private readonly props: TaskImageChecksProps) {
    super(owner, id);
    Object.entries(props.containers).forEach(([name, { image }]) => this.add(name, image));
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
