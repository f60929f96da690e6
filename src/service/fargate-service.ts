import { Construct } from 'constructs';
import { ContainerService } from './container-service';
import { FargateServiceProps } from './fargate-service-props';
import { FargateLaunch } from './launch/fargate-launch';
import { Launch } from './launch/launch';

/**
 * A service on Fargate that replaces its tasks when an image changes, and goes back when the new ones fail.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate.html
 */
export class FargateService extends ContainerService {
  /**
   * @param scope where to add it
   * @param id the id in that scope
   * @param props `cluster` and `containers` are required
   */
  constructor(scope: Construct, id: string, props: FargateServiceProps) {
    super(scope, id, props);
  }

  /** @internal */
  protected _launch(props: FargateServiceProps): Launch {
    return new FargateLaunch(this, props);
  }
}
