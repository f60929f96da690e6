import { ContainerDependencyCondition } from 'aws-cdk-lib/aws-ecs';

/**
 * A condition that another container of the task must reach before a container starts.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
 */
export class ContainerDependency {
  /**
   * The other container has started.
   *
   * @param containerName the name of the other container
   */
  public static started(containerName: string): ContainerDependency {
    return new ContainerDependency(containerName, ContainerDependencyCondition.START);
  }

  /**
   * The health check of the other container has passed. It must have one.
   *
   * @param containerName the name of the other container
   */
  public static healthy(containerName: string): ContainerDependency {
    return new ContainerDependency(containerName, ContainerDependencyCondition.HEALTHY);
  }

  /**
   * The other container has exited with any code. It must not be essential.
   *
   * @param containerName the name of the other container
   */
  public static completed(containerName: string): ContainerDependency {
    return new ContainerDependency(containerName, ContainerDependencyCondition.COMPLETE);
  }

  /**
   * The other container has exited with code 0. It must not be essential.
   *
   * @param containerName the name of the other container
   */
  public static succeeded(containerName: string): ContainerDependency {
    return new ContainerDependency(containerName, ContainerDependencyCondition.SUCCESS);
  }

  private constructor(
    /** The name of the other container. */
    public readonly containerName: string,
    /** The condition. */
    public readonly condition: ContainerDependencyCondition,
  ) {}

  /**
   * Identifies the class, even if it comes from another copy of this package.
   *
   * @internal
   */
  public _isContainerDependency(): boolean {
    return true;
  }
}
