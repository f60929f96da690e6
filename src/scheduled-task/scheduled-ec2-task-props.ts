import { ScheduledTaskProps } from './scheduled-task-props';
import { Ec2Capacity } from '../service/capacity/ec2-capacity';

/** Properties of a `ScheduledEc2Task`. */
export interface ScheduledEc2TaskProps extends ScheduledTaskProps {
  /**
   * Whose instances the tasks run on.
   *
   * @default Ec2Capacity.instancesOfTheCluster()
   */
  readonly capacity?: Ec2Capacity;
}
