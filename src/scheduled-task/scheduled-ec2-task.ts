import { Construct } from 'constructs';
import { SCHEDULED_TASK, ScheduledLaunch, ScheduledTask, ScheduledTaskProps } from './scheduled-task';
import { Shape } from '../private/shape';
import { Ec2Capacity } from '../service/capacity/ec2-capacity';
import { EC2_RULES, Ec2Launch } from '../service/launch/ec2-launch';

/** Properties of a `ScheduledEc2Task`. */
export interface ScheduledEc2TaskProps extends ScheduledTaskProps {
  /**
   * The EC2 capacity of the cluster to use.
   *
   * @default Ec2Capacity.instancesOfTheCluster()
   */
  readonly capacity?: Ec2Capacity;
}

const ON_FARGATE = 'Leave it out, or use ScheduledFargateTask.';

/** The rules of `ScheduledEc2TaskProps`. */
export const SCHEDULED_EC2_TASK = new Shape<ScheduledEc2TaskProps>('Write an object with at least { cluster, containers, schedule }.', {
  ...SCHEDULED_TASK.rules,
  capacity: EC2_RULES.capacity,
}, {
  ...SCHEDULED_TASK.replacements,
  size: ON_FARGATE,
  cpuArchitecture: 'Leave it out: the instances of the cluster determine the CPU architecture.',
  platformVersion: ON_FARGATE,
  assignPublicIp: ON_FARGATE,
  ephemeralStorage: ON_FARGATE,
});

/**
 * A task that runs on the EC2 instances of a cluster on a schedule.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/launch-type-ec2.html
 */
export class ScheduledEc2Task extends ScheduledTask {
  /**
   * @param scope the parent construct
   * @param id the ID in that scope
   * @param props `cluster`, `containers` and `schedule` are required
   */
  constructor(scope: Construct, id: string, props: ScheduledEc2TaskProps) {
    super(scope, id, props);
  }

  /** @internal */
  protected _shape(): Shape<ScheduledTaskProps> {
    return SCHEDULED_EC2_TASK;
  }

  /** @internal */
  protected _launch(props: ScheduledEc2TaskProps): ScheduledLaunch {
    const launch = new Ec2Launch(this, props);
    return { launchType: 'EC2', launch, capacityProviderStrategies: launch.capacityProviderStrategies };
  }
}
