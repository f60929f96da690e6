import { Size } from 'aws-cdk-lib';
import { CpuArchitecture, FargatePlatformVersion } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { OneOffLaunch, OneOffTask, OneOffTaskProps } from './one-off-task';
import { FargateLaunch } from '../service/launch/fargate-launch';
import { FargateSize } from '../service/launch/fargate-size';

/** Properties of a `RunOnce`. */
export interface RunOnceProps extends OneOffTaskProps {
  /**
   * How much CPU and memory the task has.
   *
   * @default - the cheapest size that fits the containers
   */
  readonly size?: FargateSize;

  /**
   * The architecture of the task. Throws when an image is built for another.
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
   * Whether the task gets a public IP address. With `true`, and no `vpcSubnets`, it runs in the public subnets, as with CDK. Subnets of which
   * only the id is given (`Subnet.fromSubnetId`) count as private, so say `true` where they are public.
   *
   * @default - in the public subnets of the VPC, where the task could not pull its image without one, and nowhere else
   */
  readonly assignPublicIp?: boolean;

  /**
   * The disk of the task, in whole GiB, 21 to 200: images and ephemeral volumes have it together.
   *
   * @default - 20 GiB
   */
  readonly ephemeralStorage?: Size;
}

/**
 * A task that runs to its end during the deployment, on Fargate: the migration of a database before the service updates.
 *
 * It runs when it is created, and whenever anything of it changes: image, command, environment, size, network or timeout. What does not
 * change does not run again. When it fails, the deployment fails, with the exit code and the last lines of the log.
 *
 * A rollback of CloudFormation runs nothing, and neither does the removal: what the task has done stays. So a migration has to leave the
 * database such that the version of the service before it can work with it, too.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/standalone-tasks.html
 */
export class RunOnce extends OneOffTask {
  /**
   * @param scope where to add it
   * @param id the id in that scope
   * @param props `cluster` and `containers` are required
   */
  constructor(scope: Construct, id: string, props: RunOnceProps) {
    super(scope, id, props);
  }

  /** @internal */
  protected _launch(props: RunOnceProps): OneOffLaunch {
    return { launchType: 'FARGATE', launch: new FargateLaunch(this, props), platformVersion: props.platformVersion };
  }
}
