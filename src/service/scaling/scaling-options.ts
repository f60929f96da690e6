import { Duration, TimeZone } from 'aws-cdk-lib';
import { AdjustmentType, MetricAggregationType, ScalingInterval, Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import { KNOWN_BOOLEAN } from '../../private/rules';
import { Rule, Rules, Shape } from '../../private/shape';

/** Options of a scaling policy. */
export interface ScalingPolicyOptions {
  /**
   * The time after a scale-in activity before the next one can start, in whole seconds.
   *
   * @default Duration.minutes(5), the default of AWS
   * @see https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
   */
  readonly scaleInCooldown?: Duration;

  /**
   * The time to wait for a scale-out activity to take effect, in whole seconds. A larger scale-out activity can start earlier.
   *
   * @default Duration.minutes(5), the default of AWS
   */
  readonly scaleOutCooldown?: Duration;

  /**
   * Whether this policy only adds tasks. Other policies can still remove tasks.
   *
   * @default false
   */
  readonly disableScaleIn?: boolean;
}

/** Options of `Scaling.onCpu`. */
export interface OnCpuOptions extends ScalingPolicyOptions {
  /**
   * Whether ECS publishes the CPU utilization every 20 seconds instead of every 60, and this policy reacts to it. Scaling out starts earlier: after 86
   * instead of 363 seconds in a test of AWS. CloudWatch charges for such metrics.
   *
   * @default false
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/target-tracking-faster-auto-scaling.html
   */
  readonly highResolution?: boolean;
}

/** Options of `Scaling.onMemory`. */
export interface OnMemoryOptions extends ScalingPolicyOptions {
  /**
   * Whether ECS publishes the memory utilization every 20 seconds instead of every 60, and this policy reacts to it. CloudWatch charges for such metrics.
   *
   * @default false
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/target-tracking-faster-auto-scaling.html
   */
  readonly highResolution?: boolean;
}

/** Options of `Scaling.onRequestsPerTarget`. */
export interface OnRequestsPerTargetOptions extends ScalingPolicyOptions {}

/** Options of `Scaling.onQueueDepth`. */
export interface OnQueueDepthOptions extends ScalingPolicyOptions {
  /** The target number of messages per task, above 0: the messages that one task processes in the time that a message may wait. */
  readonly messagesPerTask: number;

  /**
   * The name of this policy: 1 to 64 letters, digits or hyphens. Required for a second queue.
   *
   * @default "QueueDepth"
   */
  readonly name?: string;
}

/** Options of `Scaling.onMetric`. */
export interface OnMetricOptions extends ScalingPolicyOptions {
  /**
   * The name of this policy: 1 to 64 letters, digits or hyphens. Required for a second metric with the same name.
   *
   * @default - the name of the metric, or "Metric" for a math expression
   */
  readonly name?: string;
}

/** Options of `Scaling.onMetricSteps`. */
export interface OnMetricStepsOptions {
  /**
   * The steps, 2 to 40: intervals of the metric, each with its `change`. An interval without a bound ends at its neighbor. No tasks are added or removed in
   * the gap between the intervals that remove tasks and those that add tasks. A `change` of 0 does nothing. Throws for tokens.
   */
  readonly scalingSteps: ScalingInterval[];

  /**
   * The meaning of `change`: tasks to add or remove, a percentage of the running tasks, or the number of tasks to run.
   *
   * @default AdjustmentType.CHANGE_IN_CAPACITY
   */
  readonly adjustmentType?: AdjustmentType;

  /**
   * The time that the policy waits after an activity, in whole seconds. A larger scale-out activity can start earlier.
   *
   * @default - no time
   */
  readonly cooldown?: Duration;

  /**
   * The minimum number of tasks to add or remove, at least 1. Only for `AdjustmentType.PERCENT_CHANGE_IN_CAPACITY`.
   *
   * @default - none
   */
  readonly minAdjustmentMagnitude?: number;

  /**
   * The number of periods of the metric to evaluate, at least 1.
   *
   * @default 1
   */
  readonly evaluationPeriods?: number;

  /**
   * The number of these periods that must be beyond the threshold, at least 1 and at most `evaluationPeriods`.
   *
   * @default - all of them
   */
  readonly datapointsToAlarm?: number;

  /**
   * How the policy combines the values of several periods.
   *
   * @default - the statistic of the metric if it is a minimum, maximum or average, otherwise the average
   */
  readonly metricAggregationType?: MetricAggregationType;

  /**
   * The name of this policy: 1 to 64 letters, digits or hyphens. Required for a second metric with the same name.
   *
   * @default - the name of the metric, or "Metric" for a math expression
   */
  readonly name?: string;
}

/** Options of `Scaling.onSchedule`: new limits for the number of tasks, from a scheduled time until another schedule changes them. */
export interface OnScheduleOptions {
  /** The schedule, e.g. `Schedule.cron({ hour: '20', minute: '0' })`. */
  readonly schedule: Schedule;

  /**
   * The time zone of the schedule.
   *
   * @default TimeZone.ETC_UTC
   */
  readonly timeZone?: TimeZone;

  /**
   * The new minimum number of tasks. If fewer tasks run, tasks are added at once. Required if `maxTasks` is not set.
   *
   * @default - unchanged
   */
  readonly minTasks?: number;

  /**
   * The new maximum number of tasks. If more tasks run, tasks are removed at once. Required if `minTasks` is not set.
   *
   * @default - unchanged
   */
  readonly maxTasks?: number;

  /**
   * The time at which the schedule takes effect.
   *
   * @default - immediately
   */
  readonly startTime?: Date;

  /**
   * The time at which the schedule expires.
   *
   * @default - never
   */
  readonly endTime?: Date;

  /**
   * The name of the scheduled action: 1 to 64 letters, digits or hyphens. Required for a second action with the same schedule.
   *
   * @default - the schedule and its time zone
   */
  readonly name?: string;
}

const POLICY_RULES: Rules<ScalingPolicyOptions> = {
  scaleInCooldown: { kind: 'duration', unit: 'seconds', fix: 'Use whole seconds, e.g. Duration.seconds(60), or leave it out.' },
  scaleOutCooldown: { kind: 'duration', unit: 'seconds', fix: 'Use whole seconds, e.g. Duration.seconds(60), or leave it out.' },
  disableScaleIn: { kind: 'boolean' },
};

const POLICY_FIX = 'Write an object such as { scaleInCooldown: Duration.minutes(1) }, or leave it out.';

// Property names of `scaleOnMetric` and similar methods of aws-cdk, with the fix for each.
const POLICY_REPLACEMENTS = {
  policyName: 'Leave it out: CloudFormation needs a new name for each replacement.',
  targetUtilizationPercent: 'Write it as the first argument, e.g. onCpu(60).',
  requestsPerTarget: 'Write it as the first argument, e.g. onRequestsPerTarget(1000).',
};

/** The rules of `ScalingPolicyOptions`. */
export const SCALING_POLICY = new Shape<ScalingPolicyOptions>(POLICY_FIX, POLICY_RULES, POLICY_REPLACEMENTS);

/** The rules of `OnCpuOptions` and `OnMemoryOptions`. */
export const UTILIZATION_SCALING = new Shape<OnCpuOptions & OnMemoryOptions>(POLICY_FIX, { ...POLICY_RULES, highResolution: KNOWN_BOOLEAN }, {
  ...POLICY_REPLACEMENTS,
  resolution: 'Write highResolution: true.',
  resolutionSeconds: 'Write highResolution: true.',
  period: 'Write highResolution: true.',
});

/** The rules of `OnQueueDepthOptions`. */
export const QUEUE_DEPTH = new Shape<OnQueueDepthOptions>('Write an object such as { messagesPerTask: 10 }.', {
  ...POLICY_RULES,
  messagesPerTask: { kind: 'number', above: 0, fix: 'Use the messages that one task processes in the time that a message may wait.', required: true },
  name: { kind: 'other' },
}, POLICY_REPLACEMENTS);

/** The rules of `OnMetricOptions`. */
export const METRIC_SCALING = new Shape<OnMetricOptions>(POLICY_FIX, { ...POLICY_RULES, name: { kind: 'other' } }, {
  ...POLICY_REPLACEMENTS,
  targetValue: 'Write it as the second argument, e.g. onMetric(metric, 100).',
  metric: 'Write it as the first argument, e.g. onMetric(metric, 100).',
});

const STEPS_FIX = 'Write scalingSteps: [{ upper: 10, change: -1 }, { lower: 50, change: +1 }, { lower: 100, change: +5 }].';
const BOUND: Rule = { kind: 'number', fix: 'Use a value of the metric, or leave it out.' };

/** The rules of `ScalingInterval`. */
export const SCALING_STEP = new Shape<ScalingInterval>(STEPS_FIX, {
  lower: BOUND,
  upper: BOUND,
  change: { kind: 'integer', fix: 'Use a whole number, e.g. 1 or -1.', required: true },
});

/** The rules of `OnMetricStepsOptions`. */
export const METRIC_STEPS = new Shape<OnMetricStepsOptions>(`Write an object. ${STEPS_FIX}`, {
  scalingSteps: { kind: 'list', of: { kind: 'struct', shape: SCALING_STEP }, min: 2, max: 40, fix: STEPS_FIX, required: true },
  adjustmentType: {
    kind: 'enum', values: Object.values(AdjustmentType), must: 'be an AdjustmentType', fix: 'Use e.g. AdjustmentType.CHANGE_IN_CAPACITY, or leave it out.',
  },
  cooldown: { kind: 'duration', unit: 'seconds', fix: 'Use whole seconds, e.g. Duration.seconds(60), or leave it out.' },
  minAdjustmentMagnitude: { kind: 'integer', min: 1, fix: 'Use a number of tasks, or leave it out.' },
  evaluationPeriods: { kind: 'integer', min: 1, fix: 'Use a number of periods, or leave it out.' },
  datapointsToAlarm: { kind: 'integer', min: 1, fix: 'Use a number of periods, or leave it out.' },
  metricAggregationType: {
    kind: 'enum', values: Object.values(MetricAggregationType), must: 'be a MetricAggregationType', fix: 'Use e.g. MetricAggregationType.MAXIMUM, or leave it out.',
  },
  name: { kind: 'other' },
}, {
  ...POLICY_REPLACEMENTS,
  metric: 'Write it as the first argument, e.g. onMetricSteps(metric, { scalingSteps }).',
  steps: 'Write scalingSteps.',
  scaleInCooldown: 'Write cooldown.',
  scaleOutCooldown: 'Write cooldown.',
});

/** The rules of `OnScheduleOptions`. */
export const SCHEDULED_SCALING = new Shape<OnScheduleOptions>(
  'Write an object such as { schedule: Schedule.cron({ hour: \'8\', minute: \'0\' }), minTasks: 4 }.', {
    schedule: { kind: 'other', required: true },
    timeZone: { kind: 'other' },
    minTasks: { kind: 'integer', min: 0, fix: 'Use the minimum number of tasks from that time on.' },
    maxTasks: { kind: 'integer', min: 0, fix: 'Use the maximum number of tasks from that time on.' },
    startTime: { kind: 'other' },
    endTime: { kind: 'other' },
    name: { kind: 'other' },
  }, {
    minCapacity: 'Write minTasks.',
    maxCapacity: 'Write maxTasks.',
  });
