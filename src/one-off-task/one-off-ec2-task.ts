import { Construct } from 'constructs';
import { ONE_OFF_TASK, OneOffLaunch, OneOffTask, OneOffTaskProps } from './one-off-task';
import { Shape } from '../private/shape';
import { Ec2Launch } from '../service/launch/ec2-launch';

/** Properties of a `OneOffEc2Task`. */
export interface OneOffEc2TaskProps extends OneOffTaskProps {}

const ON_FARGATE = 'Leave it out, or use OneOffFargateTask.';

/** The rules of `OneOffEc2TaskProps`. */
export const ONE_OFF_EC2_TASK = new Shape<OneOffEc2TaskProps>('Write an object with at least { cluster, containers }.', ONE_OFF_TASK.rules, {
  ...ONE_OFF_TASK.replacements,
  size: ON_FARGATE,
  cpuArchitecture: 'Leave it out: the instances of the cluster determine the CPU architecture.',
  platformVersion: ON_FARGATE,
  assignPublicIp: ON_FARGATE,
  ephemeralStorage: ON_FARGATE,
});

/**
 * A task that runs to completion on the EC2 instances of a cluster during the deployment. Otherwise it behaves like `OneOffFargateTask`.
 *
 * It waits up to ten minutes for an instance with enough capacity. The instances must exist: capacity providers do not start any.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/launch-type-ec2.html
 */
export class OneOffEc2Task extends OneOffTask {
  /**
   * @param scope the parent construct
   * @param id the ID in that scope
   * @param props `cluster` and `containers` are required
   */
  constructor(scope: Construct, id: string, props: OneOffEc2TaskProps) {
    super(scope, id, props);
  }

  /** @internal */
  protected _shape(): Shape<OneOffTaskProps> {
    return ONE_OFF_EC2_TASK;
  }

  /** @internal */
  protected _launch(props: OneOffEc2TaskProps): OneOffLaunch {
    return { launchType: 'EC2', launch: new Ec2Launch(this, props) };
  }
}
