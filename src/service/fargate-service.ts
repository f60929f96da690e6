import { Size } from 'aws-cdk-lib';
import { CpuArchitecture, FargatePlatformVersion } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { FargateCapacity } from './capacity/fargate-capacity';
import { CONTAINER_SERVICE, ContainerService, ContainerServiceProps } from './container-service';
import { FARGATE_RULES, FargateLaunch } from './launch/fargate-launch';
import { Launch } from './launch/launch';
import { FargateSize } from './launch/task-size';
import { Shape } from '../private/shape';

/** Properties of a `FargateService`. */
export interface FargateServiceProps extends ContainerServiceProps {
  /**
   * The CPU and memory of each task.
   *
   * @default - the cheapest size that fits the containers
   */
  readonly size?: FargateSize;

  /**
   * The Fargate capacity: on-demand, Spot, or both.
   *
   * @default FargateCapacity.onDemand()
   */
  readonly capacity?: FargateCapacity;

  /**
   * The CPU architecture of the tasks, for images that support several and for images whose platform is unknown. `ARM64` (Graviton) costs less: build
   * the image with `platform: Platform.LINUX_ARM64`, or for both. Throws if an image is built for another architecture.
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
   * The ephemeral storage of each task, in whole GiB, 21 to 200. Images and ephemeral volumes share it.
   *
   * @default - 20 GiB
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html
   */
  readonly ephemeralStorage?: Size;
}

/** The rules of `FargateServiceProps`. */
export const FARGATE_SERVICE = new Shape<FargateServiceProps>('Write an object with at least { cluster, containers }.', {
  ...CONTAINER_SERVICE.rules,
  ...FARGATE_RULES,
}, {
  ...CONTAINER_SERVICE.replacements,
  placement: 'Leave it out: Fargate has no placement. Use Ec2Service.',
  placementStrategies: 'Leave it out: Fargate has no placement. Use Ec2Service.',
  placementConstraints: 'Leave it out: Fargate has no placement. Use Ec2Service.',
  daemon: 'Leave it out: use Ec2Service with placement: Ec2Placement.daemon().',
});

/**
 * An ECS service on Fargate. It replaces its tasks when an image changes, and rolls back if the new tasks fail.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate.html
 */
export class FargateService extends ContainerService {
  /**
   * @param scope the parent construct
   * @param id the ID in that scope
   * @param props `cluster` and `containers` are required
   */
  constructor(scope: Construct, id: string, props: FargateServiceProps) {
    super(scope, id, props);
  }

  /** @internal */
  protected _shape(): Shape<ContainerServiceProps> {
    return FARGATE_SERVICE;
  }

  /** @internal */
  protected _launch(props: FargateServiceProps): Launch {
    return new FargateLaunch(this, props);
  }
}
