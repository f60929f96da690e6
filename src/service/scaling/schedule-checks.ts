import { TimeZone, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { isCron } from './cron';
import { ScheduledScalingOptions } from './scaling-options';
import { isObject } from '../../private/check-types';
import { reject } from '../../private/validation';

const SCHEDULE_CURE = 'Make one, e.g. Schedule.cron({ hour: \'8\', minute: \'0\' }), Schedule.rate(Duration.hours(1)) or Schedule.at(date).';

/**
 * When something is to happen.
 *
 * @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
 */
export function checkSchedule(scope: IConstruct, property: string, options: ScheduledScalingOptions): void {
  const { schedule, timeZone, startTime, endTime } = options;
  if (!isObject(schedule) || typeof schedule.expressionString !== 'string') {
    reject(scope, { property: `${property}.schedule`, must: 'be a Schedule of Application Auto Scaling', got: schedule, cure: SCHEDULE_CURE });
  }
  if (!Token.isUnresolved(schedule.expressionString) && !isExpression(schedule.expressionString)) {
    reject(scope, {
      property: `${property}.schedule`, must: 'be cron(…) with six fields, rate(…) or at(…)', got: schedule.expressionString, cure: SCHEDULE_CURE,
    });
  }
  checkTimeZone(scope, `${property}.timeZone`, timeZone);
  checkDate(scope, `${property}.startTime`, startTime);
  checkDate(scope, `${property}.endTime`, endTime);
  if (startTime !== undefined && endTime !== undefined && startTime >= endTime) {
    reject(scope, {
      property: `${property}.endTime`, must: 'be after startTime', got: endTime.toISOString(), cure: `Give a time after ${startTime.toISOString()}.`,
    });
  }
}

function isExpression(expression: string): boolean {
  const [, kind, value] = /^(cron|rate|at)\((.*)\)$/.exec(expression) ?? [];
  switch (kind) {
    case 'cron': return isCron(value);
    case 'rate': return /^(1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))$/.test(value);
    case 'at': return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(value) && !Number.isNaN(Date.parse(`${value}Z`));
    default: return false;
  }
}

function checkTimeZone(scope: IConstruct, property: string, timeZone: TimeZone | undefined): void {
  const name: unknown = isObject(timeZone) ? timeZone.timezoneName : timeZone;
  if (name === undefined && timeZone === undefined || Token.isUnresolved(name)) {
    return;
  }
  if (!isObject(timeZone) || typeof name !== 'string' || !isTimeZone(name)) {
    reject(scope, {
      property, must: 'be a time zone of the IANA database', got: isObject(timeZone) && name !== undefined ? name : timeZone,
      cure: 'Use one of TimeZone, e.g. TimeZone.EUROPE_BERLIN, or leave it out for UTC.',
    });
  }
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }) !== undefined;
  } catch {
    return false;
  }
}

function checkDate(scope: IConstruct, property: string, date: Date | undefined): void {
  if (date !== undefined && !(date instanceof Date && !Number.isNaN(date.getTime()))) {
    reject(scope, { property, must: 'be a Date', got: date, cure: 'Give one, e.g. new Date(\'2030-01-01T00:00:00Z\'), or leave it out.' });
  }
}
