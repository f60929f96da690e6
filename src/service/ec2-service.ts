import { Construct } from 'constructs';
import { ContainerService } from './container-service';
import { Ec2ServiceProps } from './ec2-service-props';
import { Ec2Launch } from './launch/ec2-launch';
import { Launch } from './launch/launch';

/**
 * A service on the EC2 instances of a cluster that replaces its tasks when an image changes, and goes back when the new ones fail.
 *
 * Each task has a network interface of its own, as on Fargate.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/launch-type-ec2.html
 */
export class Ec2Service extends ContainerService {
  /**
   * @param scope where to add it
   * @param id the id in that scope
   * @param props `cluster` and `containers` are required
   */
  constructor(scope: Construct, id: string, props: Ec2ServiceProps) {
    super(scope, id, props);
  }

  /** @internal */
  protected _launch(props: Ec2ServiceProps): Launch {
    return new Ec2Launch(this, props);
  }
}
