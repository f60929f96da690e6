import { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { BaseService } from 'aws-cdk-lib/aws-ecs';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct, IConstruct } from 'constructs';
import { metricPolicy } from './metric-policy';
import { queuePolicy } from './queue-policy';
import { requestsPolicy } from './requests-policy';
import { checkDesiredCount, checkScaling } from './scaling-checks';
import { MetricScalingOptions, QueueDepthScalingOptions, ScalingPolicyOptions, ScheduledScalingOptions } from './scaling-options';
import { allowsNone, ScalingPolicy } from './scaling-policy';
import { schedulePolicy } from './schedule-policy';
import { utilizationPolicy } from './utilization-policy';
import { ExposureConfig } from '../exposure/exposure-config';

/**
 * What is scaled.
 *
 * @internal
 */
export interface _Scaled {
  readonly service: BaseService;
  readonly exposed: ExposureConfig;
}

/**
 * How the number of tasks follows what there is to do. Each method answers with another `Scaling`, which does this too: in whatever order.
 *
 * Tasks are added as soon as one of the measures asks for it, and taken away when all of them allow it. While a deployment runs, none are taken away.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
 */
export class Scaling {
  /**
   * Never fewer and never more tasks than these. It starts with the fewest, but with one where that is 0.
   *
   * The service throws when they are no whole numbers from 0 on, when the fewest are more than the most, when nothing is said that the number of
   * tasks is to follow, and when the fewest are 0 while only CPU, memory or requests are followed: they say nothing while no task runs.
   *
   * @param minTasks the fewest tasks
   * @param maxTasks the most tasks
   */
  public static between(minTasks: number, maxTasks: number): Scaling {
    return new Scaling(minTasks, maxTasks, []);
  }

  private constructor(
    /** The fewest tasks. */
    public readonly minTasks: number,
    /** The most tasks. */
    public readonly maxTasks: number,
    private readonly policies: ScalingPolicy[],
  ) {}

  /**
   * Keep the average use of the CPU near a percentage.
   *
   * @param targetPercent percent of the CPU of the tasks, above 0 and up to 100
   * @param options how fast
   */
  public onCpu(targetPercent: number, options: ScalingPolicyOptions = {}): Scaling {
    return this.with(utilizationPolicy('Cpu', targetPercent, options));
  }

  /**
   * Keep the average use of the memory near a percentage. Few programs give memory back: they scale out by it, but not in.
   *
   * @param targetPercent percent of the memory of the tasks, above 0 and up to 100
   * @param options how fast
   */
  public onMemory(targetPercent: number, options: ScalingPolicyOptions = {}): Scaling {
    return this.with(utilizationPolicy('Memory', targetPercent, options));
  }

  /**
   * Keep the requests that an application load balancer sends to each task near a number.
   *
   * The service throws when its exposure has no application load balancer. Where a deployment moves clients from one target group to another,
   * the requests of both are added up.
   *
   * @param requestsPerMinute requests to each task in a minute, above 0
   * @param options how fast
   */
  public onRequestsPerTarget(requestsPerMinute: number, options: ScalingPolicyOptions = {}): Scaling {
    return this.with(requestsPolicy(requestsPerMinute, options));
  }

  /**
   * Keep the messages of a queue near a number for each running task: those that wait, and those that are being worked on.
   *
   * With a `minTasks` of 0, the last task stops when the queue has been empty for a quarter of an hour, and the first one starts some minutes after a
   * message came. SQS may take a quarter of an hour to measure a queue again that nobody used for six hours.
   *
   * @param queue the queue that the tasks work off, in the region and account of the service
   * @param options how many messages, and how fast
   * @see https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
   */
  public onQueueDepth(queue: IQueue, options: QueueDepthScalingOptions): Scaling {
    return this.with(queuePolicy(queue, options));
  }

  /**
   * Keep a metric near a value. It has to fall when there are more tasks. AWS looks at each minute, whatever the period of the metric.
   *
   * @param metric a metric of the region and account of the service, or a math expression over such metrics
   * @param targetValue the value to keep to, above 0
   * @param options how fast
   */
  public onMetric(metric: IMetric, targetValue: number, options: MetricScalingOptions = {}): Scaling {
    return this.with(metricPolicy(metric, targetValue, options));
  }

  /**
   * Have other limits from a time on, until another schedule changes them, or a deployment that changes those of `between`.
   *
   * @param options when, and how many tasks
   * @see https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scheduled-scaling.html
   */
  public onSchedule(options: ScheduledScalingOptions): Scaling {
    return this.with(schedulePolicy(options));
  }

  /** @internal */
  public _check(scope: IConstruct, desiredCount?: number): void {
    checkScaling(scope, this, this.policies);
    checkDesiredCount(scope, desiredCount, this);
  }

  /** @internal */
  public _apply(scope: Construct, { service, exposed }: _Scaled): void {
    const tasks = service.autoScaleTaskCount({ minCapacity: this.minTasks, maxCapacity: this.maxTasks });
    // Not by the limits alone: a schedule may have others.
    const mayBeZero = allowsNone(this.minTasks) || this.policies.some(policy => policy.allowsNone);
    // The template is the same in whatever order they were given.
    [...this.policies].sort((a, b) => a.id < b.id ? -1 : 1)
      .forEach(policy => policy.apply(scope, { service, tasks, exposed, mayBeZero }));
  }

  private with(policy: ScalingPolicy): Scaling {
    return new Scaling(this.minTasks, this.maxTasks, [...this.policies, policy]);
  }
}
