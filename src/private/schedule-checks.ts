import { TimeZone } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { isObject } from './check-types';
import { isCron } from './cron';
import { isKnown } from './lookups';
import { reject } from './validation';

/** What a schedule has to be, and how one is made. */
export interface ScheduleRule {
  readonly property: string;
  readonly value: unknown;
  readonly must: string;
  readonly fix: string;
}

/** A schedule with an expression that AWS understands; a token passes, and what is still to be looked up. */
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
    case 'rate': return /^(1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))$/.test(value);
    case 'at': return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(value) && !Number.isNaN(Date.parse(`${value}Z`));
    default: return false;
  }
}

/** A time zone that is known; what is left out passes, and so does a token. */
export function checkTimeZone(scope: IConstruct, property: string, timeZone: TimeZone | undefined): void {
  const name: unknown = isObject(timeZone) ? timeZone.timezoneName : timeZone;
  if (name === undefined && timeZone === undefined || !isKnown(name)) {
    return;
  }
  if (!isObject(timeZone) || typeof name !== 'string' || !isTimeZone(name)) {
    reject(scope, {
      property, must: 'be a time zone of the IANA database', got: isObject(timeZone) && name !== undefined ? name : timeZone,
      fix: 'Use one of TimeZone, e.g. TimeZone.EUROPE_BERLIN, or leave it out for UTC.',
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

/** What is begun before it is over. */
export interface PeriodRule {
  readonly startProperty: string;
  readonly start: Date | undefined;
  readonly endProperty: string;
  readonly end: Date | undefined;
}

/** Two times in their order, of which each may be left out. */
export function checkPeriod(scope: IConstruct, { startProperty, start, endProperty, end }: PeriodRule): void {
  checkDate(scope, startProperty, start);
  checkDate(scope, endProperty, end);
  if (start !== undefined && end !== undefined && start >= end) {
    reject(scope, {
      property: endProperty, must: `be after ${startProperty.split('.').pop()}`, got: end.toISOString(), fix: `Give a time after ${start.toISOString()}.`,
    });
  }
}

function checkDate(scope: IConstruct, property: string, date: Date | undefined): void {
  if (date !== undefined && !(date instanceof Date && !Number.isNaN(date.getTime()))) {
    reject(scope, { property, must: 'be a Date', got: date, fix: 'Give one, e.g. new Date(\'2030-01-01T00:00:00Z\'), or leave it out.' });
  }
}
