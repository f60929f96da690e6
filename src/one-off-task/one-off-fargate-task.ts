import { Size } from 'aws-cdk-lib';
import { CpuArchitecture, FargatePlatformVersion } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { ONE_OFF_TASK, OneOffLaunch, OneOffTask, OneOffTaskProps } from './one-off-task';
import { Shape } from '../private/shape';
import { FARGATE_RULES, FargateLaunch } from '../service/launch/fargate-launch';
import { FargateSize } from '../service/launch/task-size';

/** Properties of a `OneOffFargateTask`. */
export interface OneOffFargateTaskProps extends OneOffTaskProps {
  /**
   * The CPU and memory of the task.
   *
   * @default - the cheapest size that fits the containers
   */
  readonly size?: FargateSize;

  /**
   * The CPU architecture of the task. Throws if an image is built for another one.
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
   * Whether the task gets a public IP address. With `true` and without `vpcSubnets`, it runs in the public subnets, as in aws-cdk. Subnets imported by
   * ID (`Subnet.fromSubnetId`) count as private: set `true` if they are public.
   *
   * @default - true in public subnets, where the task needs an address to pull its image; otherwise false
   */
  readonly assignPublicIp?: boolean;

  /**
   * The ephemeral storage of the task, in whole GiB, 21 to 200. Images and ephemeral volumes share it.
   *
   * @default - 20 GiB
   */
  readonly ephemeralStorage?: Size;
}

const { capacity, ...withoutCapacity } = FARGATE_RULES;

/** The rules of `OneOffFargateTaskProps`. */
export const ONE_OFF_FARGATE_TASK = new Shape<OneOffFargateTaskProps>('Write an object with at least { cluster, containers }.', {
  ...ONE_OFF_TASK.rules,
  ...withoutCapacity,
}, ONE_OFF_TASK.replacements);

/**
 * A task that runs to completion on Fargate during the deployment, e.g. a database migration before the service is updated.
 *
 * It runs on creation, and after each change of the task: image, command, environment, size, network or timeout. Without a change, it does not run
 * again. If it fails, the deployment fails with the exit code and the last log lines.
 *
 * A CloudFormation rollback and the removal of the task run nothing: the effects of the task remain. Write migrations so that the previous version
 * of the service still works.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/standalone-tasks.html
 */
export class OneOffFargateTask extends OneOffTask {
  /**
   * @param scope the parent construct
   * @param id the ID in that scope
   * @param props `cluster` and `containers` are required
   */
  constructor(scope: Construct, id: string, props: OneOffFargateTaskProps) {
    super(scope, id, props);
  }

  /** @internal */
  protected _shape(): Shape<OneOffTaskProps> {
    return ONE_OFF_FARGATE_TASK;
  }

  /** @internal */
  protected _launch(props: OneOffFargateTaskProps): OneOffLaunch {
    return { launchType: 'FARGATE', launch: new FargateLaunch(this, props), platformVersion: props.platformVersion };
  }
}
