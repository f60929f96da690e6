import { Size } from 'aws-cdk-lib';
import { CpuArchitecture, FargatePlatformVersion } from 'aws-cdk-lib/aws-ecs';
import { ScheduledTaskProps } from './scheduled-task-props';
import { FargateCapacity } from '../service/capacity/fargate-capacity';
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
