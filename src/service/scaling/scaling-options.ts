import { Duration, TimeZone } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';

/** How fast the number of tasks follows a measure. */
export interface ScalingPolicyOptions {
  /**
   * How long after tasks were taken away no more are, in whole seconds.
   *
   * @default Duration.minutes(5), as AWS does
   * @see https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
   */
  readonly scaleInCooldown?: Duration;

  /**
   * How long after tasks were added no more are, unless even more are needed, in whole seconds.
   *
   * @default Duration.minutes(5), as AWS does
   */
  readonly scaleOutCooldown?: Duration;

  /**
   * Only ever add tasks for this measure, and leave it to the other ones to take them away.
   *
   * @default false
   */
  readonly disableScaleIn?: boolean;
}

/** How the number of tasks follows what waits in a queue. */
export interface QueueDepthScalingOptions extends ScalingPolicyOptions {
  /** How many messages of the queue there may be for each task, above 0: as many as one task works off in the time that a message may wait. */
  readonly messagesPerTask: number;

  /**
   * The name of this policy, which tells several queues apart: letters, digits and "-".
   *
   * @default "QueueDepth"
   */
  readonly name?: string;
}

/** How the number of tasks follows a metric. */
export interface MetricScalingOptions extends ScalingPolicyOptions {
  /**
   * The name of this policy, which tells several metrics apart: letters, digits and "-".
   *
   * @default - the name of the metric, or "Metric" for a math expression
   */
  readonly name?: string;
}

/** Limits of the number of tasks from a time on, until another schedule changes them. */
export interface ScheduledScalingOptions {
  /** When, e.g. `Schedule.cron({ hour: '20', minute: '0' })`. */
  readonly schedule: Schedule;

  /**
   * The time zone of the schedule.
   *
   * @default TimeZone.ETC_UTC
   */
  readonly timeZone?: TimeZone;

  /**
   * The fewest tasks from then on. When fewer run, they become as many at once. Needed when `maxTasks` is left out.
   *
   * @default - as it was
   */
  readonly minTasks?: number;

  /**
   * The most tasks from then on. When more run, they become as many at once. Needed when `minTasks` is left out.
   *
   * @default - as it was
   */
  readonly maxTasks?: number;

  /**
   * The schedule does nothing before this.
   *
   * @default - from now on
   */
  readonly startTime?: Date;

  /**
   * The schedule does nothing after this.
   *
   * @default - for ever
   */
  readonly endTime?: Date;

  /**
   * The name of the action in the console, which tells several schedules apart: letters, digits and "-".
   *
   * @default - made of the schedule and its time zone
   */
  readonly name?: string;
}
