import { Duration } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkThreshold, ThresholdRule } from './threshold-checks';
import { checkObject } from '../../private/check-types';

/** For how long something is too high before it is an alarm. */
export interface AlarmThresholdOptions {
  /**
   * What is measured at once: whole minutes.
   *
   * @default - what suits the alarm
   */
  readonly period?: Duration;

  /**
   * How many of the last periods are looked at, at least 1. Together they last a day at most; a week where a period lasts an hour or more.
   *
   * @default - what suits the alarm
   */
  readonly evaluationPeriods?: number;

  /**
   * In how many of these periods it has to be too high, from 1 to `evaluationPeriods`.
   *
   * @default - in each of them; where `evaluationPeriods` is left out too, what suits the alarm
   */
  readonly datapointsToAlarm?: number;
}

/**
 * From where on, and for how long, something is an alarm.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 */
export class AlarmThreshold {
  /**
   * An alarm when it is above this.
   *
   * `addAlarms` throws when the value or the periods are none that the alarm can have.
   *
   * @param value in the unit that the property names
   * @param options for how long
   */
  public static above(value: number, options: AlarmThresholdOptions = {}): AlarmThreshold {
    return new AlarmThreshold(value, options);
  }

  /** No such alarm. */
  public static never(): AlarmThreshold {
    return new AlarmThreshold();
  }

  private constructor(private readonly value?: number, private readonly options?: AlarmThresholdOptions) {}

  /**
   * What the alarm is made with; undefined for no alarm.
   *
   * @internal
   */
  public _resolve(scope: IConstruct, rule: ThresholdRule, usual: _AlarmPeriods): _ResolvedThreshold | undefined {
    if (this.options === undefined) return undefined;
    checkObject(scope, `${rule.property}.options`, this.options);
    const { period = usual.period, evaluationPeriods = usual.evaluationPeriods } = this.options;
    const { datapointsToAlarm = this.options.evaluationPeriods ?? usual.datapointsToAlarm } = this.options;
    const resolved = { value: this.value as number, period, evaluationPeriods, datapointsToAlarm };
    checkThreshold(scope, rule, resolved);
    return resolved;
  }
}

/**
 * How long an alarm waits.
 *
 * @internal
 */
export type _AlarmPeriods = Required<AlarmThresholdOptions>;

/**
 * A threshold with nothing left out.
 *
 * @internal
 */
export interface _ResolvedThreshold extends _AlarmPeriods {
  readonly value: number;
}
