import { Construct } from 'constructs';
import { OneOffLaunch, OneOffTask, OneOffTaskProps } from './one-off-task';
import { Ec2Launch } from '../service/launch/ec2-launch';

/** Properties of an `Ec2RunOnce`. */
export interface Ec2RunOnceProps extends OneOffTaskProps {}

/**
 * A task that runs to its end during the deployment, on the EC2 instances of a cluster. In everything else it is as `RunOnce`.
 *
 * It waits ten minutes for an instance with room for it. The instances have to be there: capacity providers are not asked to start any.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/launch-type-ec2.html
 */
export class Ec2RunOnce extends OneOffTask {
  /**
   * @param scope where to add it
   * @param id the id in that scope
   * @param props `cluster` and `containers` are required
   */
  constructor(scope: Construct, id: string, props: Ec2RunOnceProps) {
    super(scope, id, props);
  }

  /** @internal */
  protected _launch(props: Ec2RunOnceProps): OneOffLaunch {
    return { launchType: 'EC2', launch: new Ec2Launch(this, props) };
  }
}
