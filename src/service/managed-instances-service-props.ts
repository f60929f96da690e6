import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { ManagedInstancesCapacity } from './capacity/managed-instances-capacity';
import { ContainerServiceProps } from './container-service-props';
import { TaskSize } from './launch/task-size';

/** Properties of a `ManagedInstancesService`. */
export interface ManagedInstancesServiceProps extends ContainerServiceProps {
  /** The capacity providers whose instances run the tasks. */
  readonly capacity: ManagedInstancesCapacity;

  /**
   * How much CPU and memory each task has. Any combination for which there are instances.
   *
   * @default - what the containers need together, at least 256 CPU units and 512 MiB
   */
  readonly size?: TaskSize;

  /**
   * The architecture of the tasks. Throws when an image is built for another.
   *
   * @default - what the images are built for; where they are built for both, or do not say, that of whatever instances there are
   */
  readonly cpuArchitecture?: CpuArchitecture;
}
