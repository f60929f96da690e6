import { Construct } from 'constructs';
import { Ec2Capacity } from './capacity/ec2-capacity';
import { CONTAINER_SERVICE, ContainerService, ContainerServiceProps } from './container-service';
import { EC2_RULES, Ec2Launch } from './launch/ec2-launch';
import { Ec2Placement } from './launch/ec2-placement';
import { Launch } from './launch/launch';
import { Shape } from '../private/shape';

/** Properties of an `Ec2Service`. */
export interface Ec2ServiceProps extends ContainerServiceProps {
  /**
   * The EC2 capacity of the cluster to use. Throws if the cluster has none.
   *
   * @default Ec2Capacity.instancesOfTheCluster()
   */
  readonly capacity?: Ec2Capacity;

  /**
   * The placement of tasks on these instances.
   *
   * @default Ec2Placement.replicas()
   */
  readonly placement?: Ec2Placement;
}

/** The rules of `Ec2ServiceProps`. */
export const EC2_SERVICE = new Shape<Ec2ServiceProps>('Write an object with at least { cluster, containers }.', {
  ...CONTAINER_SERVICE.rules,
  ...EC2_RULES,
}, {
  ...CONTAINER_SERVICE.replacements,
  size: 'Leave it out: set cpu and memoryLimitMiB in the options of a container.',
  cpuArchitecture: 'Leave it out: the instances of the cluster determine the CPU architecture.',
  platformVersion: 'Leave it out, or use FargateService.',
  assignPublicIp: 'Leave it out: tasks on EC2 instances cannot have a public IP address. Use FargateService.',
  ephemeralStorage: 'Leave it out, or use FargateService.',
  placementStrategies: 'Write placement: Ec2Placement.replicas({ … }).',
  placementConstraints: 'Write placement: Ec2Placement.replicas({ … }).',
  daemon: 'Write placement: Ec2Placement.daemon().',
});

/**
 * An ECS service on the EC2 instances of a cluster. It replaces its tasks when an image changes, and rolls back if the new tasks fail.
 *
 * Each task has its own network interface, as on Fargate.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/launch-type-ec2.html
 */
export class Ec2Service extends ContainerService {
  /**
   * @param scope the parent construct
   * @param id the ID in that scope
   * @param props `cluster` and `containers` are required
   */
  constructor(scope: Construct, id: string, props: Ec2ServiceProps) {
    super(scope, id, props);
  }

  /** @internal */
  protected _shape(): Shape<ContainerServiceProps> {
    return EC2_SERVICE;
  }

  /** @internal */
  protected _launch(props: Ec2ServiceProps): Launch {
    return new Ec2Launch(this, props);
  }
}
