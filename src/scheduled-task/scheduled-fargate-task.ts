import { Size } from 'aws-cdk-lib';
import { CpuArchitecture, FargatePlatformVersion } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { SCHEDULED_TASK, ScheduledLaunch, ScheduledTask, ScheduledTaskProps } from './scheduled-task';
import { Shape } from '../private/shape';
import { FargateCapacity } from '../service/capacity/fargate-capacity';
import { FARGATE_RULES, FargateLaunch } from '../service/launch/fargate-launch';
import { FargateSize } from '../service/launch/task-size';

/** Properties of a `ScheduledFargateTask`. */
export interface ScheduledFargateTaskProps extends ScheduledTaskProps {
  /**
   * The Fargate capacity: on-demand, or Spot for tasks that may be interrupted.
   *
   * @default FargateCapacity.onDemand()
   */
  readonly capacity?: FargateCapacity;

  /**
   * The CPU and memory of a task.
   *
   * @default - the cheapest size that fits the containers
   */
  readonly size?: FargateSize;

  /**
   * The CPU architecture of the tasks. Throws if an image is built for another one.
   *
   * @default - the platform of the images; X86_64 if it is unknown or if they support both
   */
  readonly cpuArchitecture?: CpuArchitecture;

  /**
   * The platform version of Fargate: `LATEST`, or `VERSION1_4` to pin it. Older versions throw, because AWS has retired them.
   *
   * @default FargatePlatformVersion.LATEST
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html
   */
  readonly platformVersion?: FargatePlatformVersion;

  /**
   * Whether each task gets a public IP address. With `true` and without `vpcSubnets`, tasks run in the public subnets, as in aws-cdk. Subnets imported by
   * ID (`Subnet.fromSubnetId`) count as private: set `true` if they are public.
   *
   * @default - true in public subnets, where tasks need an address to pull their image; otherwise false
   */
  readonly assignPublicIp?: boolean;

  /**
   * The ephemeral storage of a task, in whole GiB, 21 to 200. Images and ephemeral volumes share it.
   *
   * @default - 20 GiB
   */
  readonly ephemeralStorage?: Size;
}

/** The rules of `ScheduledFargateTaskProps`. */
export const SCHEDULED_FARGATE_TASK = new Shape<ScheduledFargateTaskProps>('Write an object with at least { cluster, containers, schedule }.', {
  ...SCHEDULED_TASK.rules,
  ...FARGATE_RULES,
}, {
  ...SCHEDULED_TASK.replacements,
  placement: 'Leave it out: Fargate has no placement. Use ScheduledEc2Task for instances.',
});

/**
 * A task that runs on Fargate on a schedule, such as a nightly report or an hourly cleanup.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/tasks-scheduled-eventbridge-scheduler.html
 */
export class ScheduledFargateTask extends ScheduledTask {
  /**
   * @param scope the parent construct
   * @param id the ID in that scope
   * @param props `cluster`, `containers` and `schedule` are required
   */
  constructor(scope: Construct, id: string, props: ScheduledFargateTaskProps) {
    super(scope, id, props);
  }

  /** @internal */
  protected _shape(): Shape<ScheduledTaskProps> {
    return SCHEDULED_FARGATE_TASK;
  }

  /** @internal */
  protected _launch(props: ScheduledFargateTaskProps): ScheduledLaunch {
    const launch = new FargateLaunch(this, props);
    return { launchType: 'FARGATE', launch, capacityProviderStrategies: launch.capacityProviderStrategies, platformVersion: props.platformVersion };
  }
}
