import { Size } from 'aws-cdk-lib';
import { CpuArchitecture, FargatePlatformVersion } from 'aws-cdk-lib/aws-ecs';
import { FargateCapacity } from './capacity/fargate-capacity';
import { ContainerServiceProps } from './container-service-props';
import { FargateSize } from './launch/task-size';

/** Properties of a `FargateService`. */
export interface FargateServiceProps extends ContainerServiceProps {
  /**
   * How much CPU and memory each task has.
   *
   * @default - the cheapest size that fits the containers
   */
  readonly size?: FargateSize;

  /**
   * Whether tasks run for the full price, or on Spot.
   *
   * @default FargateCapacity.onDemand()
   */
  readonly capacity?: FargateCapacity;

  /**
   * The architecture of the tasks, for images that are there for several, and for those of which nothing is known. `ARM64` is Graviton, which costs less:
   * build the image for it, with `platform: Platform.LINUX_ARM64`, or for both. Throws when an image is built for another.
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
   * The disk of each task, in whole GiB, 21 to 200: images and ephemeral volumes have it together.
   *
   * @default - 20 GiB
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html
   */
  readonly ephemeralStorage?: Size;
}
