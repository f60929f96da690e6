import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { ManagedInstancesCapacity } from './capacity/managed-instances-capacity';
import { CONTAINER_SERVICE, ContainerService, ContainerServiceProps } from './container-service';
import { Launch } from './launch/launch';
import { MANAGED_INSTANCES_RULES, ManagedInstancesLaunch } from './launch/managed-instances-launch';
import { TaskSize } from './launch/task-size';
import { Shape } from '../private/shape';

/** Properties of a `ManagedInstancesService`. */
export interface ManagedInstancesServiceProps extends ContainerServiceProps {
  /** The capacity providers whose instances run the tasks. */
  readonly capacity: ManagedInstancesCapacity;

  /**
   * The CPU and memory of each task. Any combination that an instance type supports.
   *
   * @default - the sum of the containers, at least 256 CPU units and 512 MiB
   */
  readonly size?: TaskSize;

  /**
   * The CPU architecture of the tasks. Throws if an image is built for another one.
   *
   * @default - the platform of the images; if it is unknown or if they support both, the architecture of the instances
   */
  readonly cpuArchitecture?: CpuArchitecture;
}

/** The rules of `ManagedInstancesServiceProps`. */
export const MANAGED_INSTANCES_SERVICE = new Shape<ManagedInstancesServiceProps>('Write an object with at least { cluster, containers, capacity }.', {
  ...CONTAINER_SERVICE.rules,
  ...MANAGED_INSTANCES_RULES,
}, {
  ...CONTAINER_SERVICE.replacements,
  placement: 'Leave it out: ECS places the tasks. Use Ec2Service.',
  daemon: 'Leave it out, or use Ec2Service with placement: Ec2Placement.daemon().',
  platformVersion: 'Leave it out, or use FargateService.',
  assignPublicIp: 'Leave it out, or use FargateService.',
  ephemeralStorage: 'Leave it out, or use FargateService.',
});

/**
 * An ECS service on ECS Managed Instances: EC2 instances that ECS selects, starts, patches and stops. It replaces its tasks when an image changes,
 * and rolls back if the new tasks fail.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ManagedInstances.html
 */
export class ManagedInstancesService extends ContainerService {
  /**
   * @param scope the parent construct
   * @param id the ID in that scope
   * @param props `cluster`, `containers` and `capacity` are required
   */
  constructor(scope: Construct, id: string, props: ManagedInstancesServiceProps) {
    super(scope, id, props);
  }

  /** @internal */
  protected _shape(): Shape<ContainerServiceProps> {
    return MANAGED_INSTANCES_SERVICE;
  }

  /** @internal */
  protected _launch(props: ManagedInstancesServiceProps): Launch {
    return new ManagedInstancesLaunch(this, props);
  }
}
