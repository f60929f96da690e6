import { Construct } from 'constructs';
import { ScheduledLaunch, ScheduledTask, ScheduledTaskProps } from './scheduled-task';
import { Ec2Capacity } from '../service/capacity/ec2-capacity';
import { Ec2Launch } from '../service/launch/ec2-launch';

/** Properties of a `ScheduledEc2Task`. */
export interface ScheduledEc2TaskProps extends ScheduledTaskProps {
  /**
   * Whose instances the tasks run on.
   *
   * @default Ec2Capacity.instancesOfTheCluster()
   */
  readonly capacity?: Ec2Capacity;
}

/**
 * Tasks on the EC2 instances of a cluster that start by a schedule. In everything else it is as `ScheduledFargateTask`.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/launch-type-ec2.html
 */
export class ScheduledEc2Task extends ScheduledTask {
  /**
   * @param scope where to add it
   * @param id the id in that scope
   * @param props `cluster`, `containers` and `schedule` are required
   */
  constructor(scope: Construct, id: string, props: ScheduledEc2TaskProps) {
    super(scope, id, props);
  }

  /** @internal */
  protected _launch(props: ScheduledEc2TaskProps): ScheduledLaunch {
    const launch = new Ec2Launch(this, props);
    return { launchType: 'EC2', launch, capacityProviderStrategies: launch.capacityProviderStrategies };
  }
}
