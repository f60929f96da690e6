import { Ec2Capacity } from './capacity/ec2-capacity';
import { ContainerServiceProps } from './container-service-props';
import { Ec2Placement } from './launch/ec2-placement';

/** Properties of an `Ec2Service`. */
export interface Ec2ServiceProps extends ContainerServiceProps {
  /**
   * Which instances of the cluster run the tasks. A cluster without any is an error at synthesis.
   *
   * @default Ec2Capacity.instancesOfTheCluster()
   */
  readonly capacity?: Ec2Capacity;

  /**
   * On which of these instances tasks run.
   *
   * @default Ec2Placement.replicas()
   */
  readonly placement?: Ec2Placement;
}
