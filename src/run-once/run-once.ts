import { Construct } from 'constructs';
import { OneOffLaunch, OneOffTask } from './one-off-task';
import { RunOnceProps } from './run-once-props';
import { FargateLaunch } from '../service/launch/fargate-launch';

/**
 * A task that runs to its end during the deployment, on Fargate: the migration of a database before the service updates.
 *
 * It runs when it is created, and whenever anything of it changes: image, command, environment, size, network or timeout. What does not
 * change does not run again. When it fails, the deployment fails, with the exit code and the last lines of the log.
 *
 * A rollback of CloudFormation runs nothing, and neither does the removal: what the task has done stays. So a migration has to leave the
 * database such that the version of the service before it can work with it, too.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/standalone-tasks.html
 */
export class RunOnce extends OneOffTask {
  /**
   * @param scope where to add it
   * @param id the id in that scope
   * @param props `cluster` and `containers` are required
   */
  constructor(scope: Construct, id: string, props: RunOnceProps) {
    super(scope, id, props);
  }

  /** @internal */
  protected _launch(props: RunOnceProps): OneOffLaunch {
    return { launchType: 'FARGATE', launch: new FargateLaunch(this, props), platformVersion: props.platformVersion };
  }
}
