import { ContainerDependencyCondition } from 'aws-cdk-lib/aws-ecs';

/**
 * What has to have happened to another container of the task.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
 */
export class ContainerDependency {
  /**
   * It runs.
   *
   * @param containerName the name of the other container
   */
  public static started(containerName: string): ContainerDependency {
    return new ContainerDependency(containerName, ContainerDependencyCondition.START);
  }

  /**
   * Its health check has passed. It has to have one.
   *
   * @param containerName the name of the other container
   */
  public static healthy(containerName: string): ContainerDependency {
    return new ContainerDependency(containerName, ContainerDependencyCondition.HEALTHY);
  }

  /**
   * It has run and stopped, however that ended. It must not be essential.
   *
   * @param containerName the name of the other container
   */
  public static completed(containerName: string): ContainerDependency {
    return new ContainerDependency(containerName, ContainerDependencyCondition.COMPLETE);
  }

  /**
   * It has run and stopped with exit code 0. It must not be essential.
   *
   * @param containerName the name of the other container
   */
  public static succeeded(containerName: string): ContainerDependency {
    return new ContainerDependency(containerName, ContainerDependencyCondition.SUCCESS);
  }

  private constructor(
    /** The name of the other container. */
    public readonly containerName: string,
    /** What has to have happened to it. */
    public readonly condition: ContainerDependencyCondition,
  ) {}

  /**
   * Tells it apart from what only looks like it.
   *
   * @internal
   */
  public _isContainerDependency(): boolean {
    return true;
  }
}
