import { Size } from 'aws-cdk-lib';
import { CpuArchitecture, FargatePlatformVersion } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { ScheduledLaunch, ScheduledTask, ScheduledTaskProps } from './scheduled-task';
import { FargateCapacity } from '../service/capacity/fargate-capacity';
import { FargateLaunch } from '../service/launch/fargate-launch';
import { FargateSize } from '../service/launch/fargate-size';

/** Properties of a `ScheduledFargateTask`. */
export interface ScheduledFargateTaskProps extends ScheduledTaskProps {
  /**
   * What the tasks run on: all of Fargate, or Spot for what may be interrupted.
   *
   * @default FargateCapacity.onDemand()
   */
  readonly capacity?: FargateCapacity;

  /**
   * How much CPU and memory a task has.
   *
   * @default - the cheapest size that fits the containers
   */
  readonly size?: FargateSize;

  /**
   * The architecture of the tasks. Throws when an image is built for another.
   *
   * @default - what the images are built for; X86_64 where they are built for both, or do not say
   */
  readonly cpuArchitecture?: CpuArchitecture;

  /**
   * The platform version of Fargate: `LATEST`, or `VERSION1_4` to stay there. AWS has ended all older ones, which throw.
   *
   * @default FargatePlatformVersion.LATEST
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html
   */
  readonly platformVersion?: FargatePlatformVersion;

  /**
   * Whether each task gets a public IP address. With `true`, and no `vpcSubnets`, tasks run in the public subnets, as with CDK. Subnets of which
   * only the id is given (`Subnet.fromSubnetId`) count as private, so say `true` where they are public.
   *
   * @default - in the public subnets of the VPC, where tasks could not pull their image without one, and nowhere else
   */
  readonly assignPublicIp?: boolean;

  /**
   * The disk of a task, in whole GiB, 21 to 200: images and ephemeral volumes have it together.
   *
   * @default - 20 GiB
   */
  readonly ephemeralStorage?: Size;
}

/**
 * Tasks on Fargate that start by a schedule: a report each night, a clean-up each hour.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/tasks-scheduled-eventbridge-scheduler.html
 */
export class ScheduledFargateTask extends ScheduledTask {
  /**
   * @param scope where to add it
   * @param id the id in that scope
   * @param props `cluster`, `containers` and `schedule` are required
   */
  constructor(scope: Construct, id: string, props: ScheduledFargateTaskProps) {
    super(scope, id, props);
  }

  /** @internal */
  protected _launch(props: ScheduledFargateTaskProps): ScheduledLaunch {
    const launch = new FargateLaunch(this, props);
    return { launchType: 'FARGATE', launch, capacityProviderStrategies: launch.capacityProviderStrategies, platformVersion: props.platformVersion };
  }
}
