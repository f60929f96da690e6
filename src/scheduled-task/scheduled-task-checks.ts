import { Construct, IConstruct } from 'constructs';
import { ScheduledTaskProps } from './scheduled-task';
import { SCHEDULED_TASK_NAMES } from './scheduled-task-names';
import { checkSeconds } from '../private/check-duration';
import { checkObject, checkOneOf, hasMethods, isObject } from '../private/check-types';
import { checkPeriod, checkScheduleExpression, checkTimeZone } from '../private/schedules';
import { checkSpelling } from '../private/spelling';
import { checkOwnScope } from '../private/stacks';
import { checkInteger, reject } from '../private/validation';
import { checkContainers } from '../service/containers/container-checks';
import { checkCluster } from '../service/launch/cluster-check';
import { checkTaskNetwork } from '../service/launch/task-network-checks';
import { checkTask } from '../service/task-checks';

const DAY_SECONDS = 86_400;

/** What AWS would refuse or what cannot run, of what every scheduled task has. */
export function checkScheduledTask(scope: Construct, props: ScheduledTaskProps): void {
  checkOwnScope(scope);
  checkObject(scope, 'props', props, 'Give at least { cluster, containers, schedule }.');
  checkSpelling(scope, '', props, SCHEDULED_TASK_NAMES);
  checkCluster(scope, props.cluster);
  checkContainers(scope, props.containers);
  checkTaskNetwork(scope, props);
  checkTask(scope, props);
  checkWhen(scope, props);
  checkRetries(scope, props);
}

function checkWhen(scope: IConstruct, { schedule, timeWindow, start, end, enabled }: ScheduledTaskProps): void {
  checkScheduleExpression(scope, {
    property: 'schedule', value: schedule, must: 'be a ScheduleExpression of EventBridge Scheduler',
    fix: 'Make one of aws-cdk-lib/aws-scheduler, e.g. ScheduleExpression.cron({ hour: \'3\', minute: \'0\' }) or ScheduleExpression.rate(Duration.hours(1)).',
  });
  checkTimeZone(scope, 'schedule.timeZone', schedule.timeZone);
  if (timeWindow !== undefined && (!isObject(timeWindow) || typeof timeWindow.mode !== 'string')) {
    reject(scope, { property: 'timeWindow', must: 'be a TimeWindow', got: timeWindow, fix: 'Make one, e.g. TimeWindow.flexible(Duration.minutes(15)).' });
  }
  checkPeriod(scope, { startProperty: 'start', start, endProperty: 'end', end });
  checkOneOf(scope, enabled, [undefined, true, false], { property: 'enabled', must: 'be true or false', fix: 'Leave it out, so that it starts tasks.' });
}

function checkRetries(scope: IConstruct, { retryAttempts, maxEventAge, deadLetterQueue }: ScheduledTaskProps): void {
  if (retryAttempts !== undefined) {
    checkInteger(scope, { property: 'retryAttempts', value: retryAttempts, min: 0, max: 185, fix: 'Give a number within these limits of the scheduler.' });
  }
  checkSeconds(scope, { property: 'maxEventAge', value: maxEventAge, min: 60, max: DAY_SECONDS, fix: 'Use Duration.hours(1) or the like.' });
  if (deadLetterQueue !== undefined && !hasMethods(deadLetterQueue, 'grantSendMessages')) {
    reject(scope, { property: 'deadLetterQueue', must: 'be a queue', got: deadLetterQueue, fix: 'Make one, e.g. new sqs.Queue(this, \'Missed\').' });
  }
  if (deadLetterQueue?.fifo) {
    reject(scope, {
      property: 'deadLetterQueue', must: 'be a standard queue, which is the only kind that the scheduler sends to', got: 'a FIFO queue',
      fix: 'Make one without fifo.',
    });
  }
}
