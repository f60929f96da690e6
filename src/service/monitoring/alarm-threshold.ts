import { Duration, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkValue, hasMethods, Shape } from '../../private/shape';
import { reject } from '../../private/validation';

/** The evaluation periods of an alarm. */
export interface AlarmThresholdAboveOptions {
  /**
   * The length of a period, in whole minutes.
   *
   * @default - depends on the alarm
   */
  readonly period?: Duration;

  /**
   * The number of most recent periods to evaluate, at least 1. Together they last at most one day, or seven days for periods of an hour or more.
   *
   * @default - depends on the alarm
   */
  readonly evaluationPeriods?: number;

  /**
   * The number of these periods in which the threshold must be exceeded, from 1 to `evaluationPeriods`.
   *
   * @default - all of them; depends on the alarm if `evaluationPeriods` is not set either
   */
  readonly datapointsToAlarm?: number;
}

/** The rules of `AlarmThresholdAboveOptions`. The values are checked together with the defaults of the alarm. */
export const ALARM_THRESHOLD = new Shape<AlarmThresholdAboveOptions>('Write an object such as { evaluationPeriods: 3 }, or leave it out.', {
  period: { kind: 'other' },
  evaluationPeriods: { kind: 'other' },
  datapointsToAlarm: { kind: 'other' },
}, {
  threshold: 'Write it as the first argument: AlarmThreshold.above(90).',
  comparisonOperator: 'Leave it out: all alarms compare with "greater than".',
  treatMissingData: 'Leave it out: missing data never breaches.',
  statistic: 'Leave it out: the alarm has its own statistic.',
});

/**
 * The threshold of an alarm.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 */
export class AlarmThreshold {
  /**
   * An alarm when the metric is above this value.
   *
   * `addAlarms` throws if the alarm cannot have this value or these periods.
   *
   * @param value the threshold, in the unit that the property names
   * @param options the evaluation periods
   */
  public static above(value: number, options: AlarmThresholdAboveOptions = {}): AlarmThreshold {
    return new AlarmThreshold(value, options);
  }

  /** No alarm. */
  public static never(): AlarmThreshold {
    return new AlarmThreshold();
  }

  private constructor(private readonly value?: number, private readonly options?: AlarmThresholdAboveOptions) {}

  /**
   * The complete threshold, or undefined for no alarm.
   *
   * @internal
   */
  public _resolve(scope: IConstruct, rule: ThresholdRule, usual: _AlarmPeriods): _ResolvedThreshold | undefined {
    if (this.options === undefined) return undefined;
    ALARM_THRESHOLD.check(scope, `${rule.property}.options`, this.options);
    const { period = usual.period, evaluationPeriods = usual.evaluationPeriods } = this.options;
    const { datapointsToAlarm = this.options.evaluationPeriods ?? usual.datapointsToAlarm } = this.options;
    const resolved = { value: this.value as number, period, evaluationPeriods, datapointsToAlarm };
    checkThreshold(scope, rule, resolved);
    return resolved;
  }
}

/**
 * Complete evaluation periods.
 *
 * @internal
 */
export type _AlarmPeriods = Required<AlarmThresholdAboveOptions>;

/**
 * A complete threshold.
 *
 * @internal
 */
export interface _ResolvedThreshold extends _AlarmPeriods {
  readonly value: number;
}

/** The values that a threshold can have. */
export interface ThresholdRule {
  /** The property. Its name contains the unit. */
  readonly property: string;
  /** The rule, as the end of the sentence "… must". */
  readonly must: string;
  /** Whether a value follows the rule. */
  readonly allows: (value: number) => boolean;
  /** A common value. */
  readonly example: number;
}

const HOUR = 3600;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/**
 * Rejects what CloudWatch rejects, and thresholds that can never be exceeded.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export function checkThreshold(
  scope: IConstruct, { property, must, allows, example }: ThresholdRule, { value, period, evaluationPeriods, datapointsToAlarm }: _ResolvedThreshold,
): void {
  if (!Token.isUnresolved(value) && !(Number.isFinite(value) && allows(value))) {
    reject(scope, { property, must, got: value, fix: `Use e.g. AlarmThreshold.above(${example}), or AlarmThreshold.never() for no alarm.` });
  }
  checkPeriod(scope, `${property}.period`, period);
  checkValue(scope, `${property}.evaluationPeriods`, evaluationPeriods, { kind: 'integer', min: 1, fix: 'Use the number of periods to evaluate.' });
  checkValue(scope, `${property}.datapointsToAlarm`, datapointsToAlarm, {
    kind: 'integer', min: 1, max: Token.isUnresolved(evaluationPeriods) ? undefined : evaluationPeriods, fix: 'Use at most the number of evaluationPeriods.',
  });
  checkDuration(scope, property, period, evaluationPeriods);
}

function checkPeriod(scope: IConstruct, property: string, period: Duration): void {
  const fix = 'Use whole minutes, e.g. Duration.minutes(5).';
  if (!hasMethods(period, 'toSeconds', 'isUnresolved')) {
    reject(scope, { property, must: 'be a Duration', got: period, fix });
  }
  if (period.isUnresolved()) {
    reject(scope, { property, must: 'be known at synthesis, because CDK evaluates it', got: 'a token', fix });
  }
  const seconds = period.toSeconds({ integral: false });
  if (seconds < 60 || seconds % 60 !== 0) {
    reject(scope, { property, must: 'be whole minutes, at least one, because AWS publishes one value per minute', got: period.toHumanString(), fix });
  }
}

function checkDuration(scope: IConstruct, property: string, period: Duration, evaluationPeriods: number): void {
  if (Token.isUnresolved(evaluationPeriods)) return;
  const seconds = period.toSeconds();
  const limit = seconds < HOUR ? DAY : WEEK;
  if (seconds * evaluationPeriods > limit) {
    reject(scope, {
      property: `${property}.evaluationPeriods`,
      must: `last at most ${limit === DAY ? 'one day (seven days for periods of an hour or more)' : 'seven days'} in total`,
      got: `${evaluationPeriods} periods of ${period.toHumanString()}`,
      fix: `Use at most ${Math.floor(limit / seconds)} periods.`,
    });
  }
}
