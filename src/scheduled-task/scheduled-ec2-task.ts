import { Construct } from 'constructs';
import { ScheduledEc2TaskProps } from './scheduled-ec2-task-props';
import { ScheduledLaunch, ScheduledTask } from './scheduled-task';
import { Ec2Launch } from '../service/launch/ec2-launch';

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
