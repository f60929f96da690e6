import { TimeZone } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { isKnown } from './lookups';
import { isObject } from './shape';
import { reject } from './validation';

/** The property with a schedule, and how to write one. */
export interface ScheduleRule {
  readonly property: string;
  readonly value: unknown;
  readonly must: string;
  readonly fix: string;
}

/** Checks a schedule with an expression of AWS. Tokens and pending lookups pass. */
export function checkScheduleExpression(scope: IConstruct, { property, value, must, fix }: ScheduleRule): void {
  if (!isObject(value) || typeof value.expressionString !== 'string') {
    return reject(scope, { property, must, got: value, fix });
  }
  if (isKnown(value.expressionString) && !isExpression(value.expressionString)) {
    reject(scope, { property, must: 'be cron(…) with six fields, rate(…) or at(…)', got: value.expressionString, fix });
  }
}

function isExpression(expression: string): boolean {
  const [, kind, value] = /^(cron|rate|at)\((.*)\)$/.exec(expression) ?? [];
  switch (kind) {
    case 'cron': return isCron(value);
    case 'rate': return /^[1-9]\d* (minute|hour|day)s?$/.test(value);
    case 'at': return /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(value) && !Number.isNaN(Date.parse(`${value}Z`));
    default: return false;
  }
}

// Minute, hour, day of the month, month, day of the week, year.
const CRON_RANGES = [[0, 59], [0, 23], [1, 31], [1, 12], [1, 7], [1970, 2199]];

/**
 * Whether a cron expression has six fields with numbers in their ranges. The rest of the syntax is left to AWS: Application Auto Scaling and
 * EventBridge Scheduler do not accept exactly the same.
 *
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
 */
export function isCron(expression: string): boolean {
  const fields = expression.trim().split(/\s+/);
  return fields.length === CRON_RANGES.length && fields.every((field, index) => isField(field, CRON_RANGES[index]));
}

function isField(field: string, [min, max]: number[]): boolean {
  // The number after "/" is a step, and the one after "#" a week.
  const numbers = field.split(/[,-]/).map(part => /^\d+/.exec(part)?.[0]).filter(text => text !== undefined).map(Number);
  return /^[A-Z\d*?,/#-]+$/i.test(field) && numbers.every(number => number >= min && number <= max);
}

/** Checks that a time zone exists. `undefined` and tokens pass. */
export function checkTimeZone(scope: IConstruct, property: string, timeZone: TimeZone | undefined): void {
  const name: unknown = isObject(timeZone) ? timeZone.timezoneName : timeZone;
  if (name === undefined && timeZone === undefined || !isKnown(name)) {
    return;
  }
  if (!isObject(timeZone) || typeof name !== 'string' || !isTimeZone(name)) {
    reject(scope, {
      property, must: 'be a time zone of the IANA database', got: isObject(timeZone) && name !== undefined ? name : timeZone,
      fix: 'Use a member of TimeZone, e.g. TimeZone.EUROPE_BERLIN, or leave it out for UTC.',
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

/** A start and an end, each of which may be missing. */
export interface PeriodRule {
  readonly startProperty: string;
  readonly start: Date | undefined;
  readonly endProperty: string;
  readonly end: Date | undefined;
}

/** Checks that the start is before the end. */
export function checkPeriod(scope: IConstruct, { startProperty, start, endProperty, end }: PeriodRule): void {
  checkDate(scope, startProperty, start);
  checkDate(scope, endProperty, end);
  if (start !== undefined && end !== undefined && start >= end) {
    reject(scope, {
      property: endProperty, must: `be after ${startProperty.split('.').pop()}`, got: end.toISOString(), fix: `Use a time after ${start.toISOString()}.`,
    });
  }
}

function checkDate(scope: IConstruct, property: string, date: Date | undefined): void {
  if (date !== undefined && !(date instanceof Date && !Number.isNaN(date.getTime()))) {
    reject(scope, { property, must: 'be a Date', got: date, fix: 'Use a date such as new Date(\'2030-01-01T00:00:00Z\'), or leave it out.' });
  }
}
