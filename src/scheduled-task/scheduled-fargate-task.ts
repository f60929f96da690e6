import { Construct } from 'constructs';
import { ScheduledFargateTaskProps } from './scheduled-fargate-task-props';
import { ScheduledLaunch, ScheduledTask } from './scheduled-task';
import { FargateLaunch } from '../service/launch/fargate-launch';

/**
 * Tasks on Fargate that start by a schedule: a report each night, a clean-up each hour.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/tasks-scheduled-eventbridge-scheduler.html
 */
export class ScheduledFargateTask extends ScheduledTask {
  /**
   * @param scope where to add it
   * @param id the id in that scope
   * @param props `cluster`, `containers` and `schedule` are required
   */
  constructor(scope: Construct, id: string, props: ScheduledFargateTaskProps) {
    super(scope, id, props);
  }

  /** @internal */
  protected _launch(props: ScheduledFargateTaskProps): ScheduledLaunch {
    const launch = new FargateLaunch(this, props);
    return { launchType: 'FARGATE', launch, capacityProviderStrategies: launch.capacityProviderStrategies, platformVersion: props.platformVersion };
  }
}
