import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkName } from './policy-checks';
import { ScheduledScalingOptions } from './scaling-options';
import { allowsNone, ScalingPolicy, TaskLimits } from './scaling-policy';
import { checkSchedule } from './schedule-checks';
import { checkObject } from '../../private/check-types';
import { checkInteger, reject } from '../../private/validation';

const PROPERTY = 'scaling.onSchedule';

/** Other limits from a time on. */
export function schedulePolicy(options: ScheduledScalingOptions): ScalingPolicy {
  return {
    get id() {
      return `Schedule-${nameOf(options)}`;
    },
    property: PROPERTY,
    get wakes() {
      return options.minTasks !== undefined && options.minTasks !== 0;
    },
    get allowsNone() {
      return options.minTasks !== undefined && allowsNone(options.minTasks);
    },
    check(scope, limits) {
      checkObject(scope, PROPERTY, options, 'Give options in brackets, e.g. { schedule: Schedule.cron({ hour: \'8\', minute: \'0\' }), minTasks: 4 }.');
      checkName(scope, `${PROPERTY}.name`, options.name);
      checkSchedule(scope, PROPERTY, options);
      checkLimits(scope, options, limits);
    },
    apply(_scope, { tasks }) {
      const { minTasks: minCapacity, maxTasks: maxCapacity, schedule, timeZone, startTime, endTime } = options;
      tasks.scaleOnSchedule(nameOf(options), { schedule, timeZone, startTime, endTime, minCapacity, maxCapacity });
    },
  };
}

function checkLimits(scope: IConstruct, { minTasks, maxTasks }: ScheduledScalingOptions, limits: TaskLimits): void {
  if (minTasks === undefined && maxTasks === undefined) {
    reject(scope, { property: PROPERTY, must: 'give minTasks, maxTasks or both', got: 'none', fix: 'Say how many tasks there are from then on.' });
  }
  if (minTasks !== undefined) {
    checkInteger(scope, { property: `${PROPERTY}.minTasks`, value: minTasks, min: 0, fix: 'Give the fewest tasks from then on.' });
  }
  if (maxTasks !== undefined) {
    checkInteger(scope, { property: `${PROPERTY}.maxTasks`, value: maxTasks, min: 0, fix: 'Give the most tasks from then on.' });
  }
  const [min, max] = [minTasks ?? limits.minTasks, maxTasks ?? limits.maxTasks];
  if (!Token.isUnresolved(min) && !Token.isUnresolved(max) && min > max) {
    reject(scope, {
      property: PROPERTY, must: 'not have more minTasks than maxTasks', got: `minTasks ${min}, maxTasks ${max}`,
      fix: 'Give both, the fewest and the most tasks from then on.',
    });
  }
}

// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
function nameOf({ name, schedule, timeZone }: ScheduledScalingOptions): string {
  const text = [schedule.expressionString, timeZone?.timezoneName ?? ''].join(' ').trim();
  return name ?? (Token.isUnresolved(text) ? 'Schedule' : text.replace(/[:/|]/g, '-'));
}
