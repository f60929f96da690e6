import { Size } from 'aws-cdk-lib';
import { CpuArchitecture, FargatePlatformVersion } from 'aws-cdk-lib/aws-ecs';
import { OneOffTaskProps } from './one-off-task-props';
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
