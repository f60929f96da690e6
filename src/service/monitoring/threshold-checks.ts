import { Duration, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { _ResolvedThreshold } from './alarm-threshold';
import { hasMethods } from '../../private/check-types';
import { checkInteger, reject } from '../../private/validation';

/** What the value of a threshold may be. */
export interface ThresholdRule {
  /** The property, whose name has the unit. */
  readonly property: string;
  /** Says what it is, with its limits. */
  readonly must: string;
  /** Whether it is that. */
  readonly allows: (value: number) => boolean;
  /** A value that people use. */
  readonly example: number;
}

const HOUR = 3600;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/**
 * What CloudWatch would refuse, and what would never be an alarm.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export function checkThreshold(
  scope: IConstruct, { property, must, allows, example }: ThresholdRule, { value, period, evaluationPeriods, datapointsToAlarm }: _ResolvedThreshold,
): void {
  if (!Token.isUnresolved(value) && !(Number.isFinite(value) && allows(value))) {
    reject(scope, { property, must, got: value, fix: `Give e.g. AlarmThreshold.above(${example}), or AlarmThreshold.never() for no such alarm.` });
  }
  checkPeriod(scope, `${property}.period`, period);
  checkInteger(scope, {
    property: `${property}.evaluationPeriods`, value: evaluationPeriods, min: 1, fix: 'Give the number of periods that are looked at.',
  });
  checkInteger(scope, {
    property: `${property}.datapointsToAlarm`, value: datapointsToAlarm, min: 1,
    max: Token.isUnresolved(evaluationPeriods) ? undefined : evaluationPeriods,
    fix: 'Give how many of the evaluationPeriods have to be too high.',
  });
  checkDuration(scope, property, period, evaluationPeriods);
}

function checkPeriod(scope: IConstruct, property: string, period: Duration): void {
  const fix = 'Give whole minutes, e.g. Duration.minutes(5).';
  if (!hasMethods(period, 'toSeconds', 'isUnresolved')) {
    reject(scope, { property, must: 'be a Duration', got: period, fix });
  }
  if (period.isUnresolved()) {
    reject(scope, { property, must: 'be known before the deployment, because CDK looks at it', got: 'a token', fix });
  }
  const seconds = period.toSeconds({ integral: false });
  if (seconds < 60 || seconds % 60 !== 0) {
    reject(scope, { property, must: 'be whole minutes, at least one, because AWS measures once a minute', got: period.toHumanString(), fix });
  }
}

function checkDuration(scope: IConstruct, property: string, period: Duration, evaluationPeriods: number): void {
  if (Token.isUnresolved(evaluationPeriods)) return;
  const seconds = period.toSeconds();
  const limit = seconds < HOUR ? DAY : WEEK;
  if (seconds * evaluationPeriods > limit) {
    reject(scope, {
      property: `${property}.evaluationPeriods`,
      must: `last at most ${limit === DAY ? 'a day, as periods of less than an hour do' : 'seven days'}, together`,
      got: `${evaluationPeriods} periods of ${period.toHumanString()}`,
      fix: `Look at ${Math.floor(limit / seconds)} periods at most.`,
    });
  }
}
