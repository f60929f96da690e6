import { Construct } from 'constructs';
import { ContainerService } from './container-service';
import { Launch } from './launch/launch';
import { ManagedInstancesLaunch } from './launch/managed-instances-launch';
import { ManagedInstancesServiceProps } from './managed-instances-service-props';

/**
 * A service on EC2 instances that ECS chooses, starts, mends and stops by itself. It replaces its tasks when an image changes, and goes back when
 * the new ones fail.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ManagedInstances.html
 */
export class ManagedInstancesService extends ContainerService {
  /**
   * @param scope where to add it
   * @param id the id in that scope
   * @param props `cluster`, `containers` and `capacity` are required
   */
  constructor(scope: Construct, id: string, props: ManagedInstancesServiceProps) {
    super(scope, id, props);
  }

  /** @internal */
  protected _launch(props: ManagedInstancesServiceProps): Launch {
    return new ManagedInstancesLaunch(this, props);
  }
}
