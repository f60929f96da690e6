import { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { BaseService } from 'aws-cdk-lib/aws-ecs';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct, IConstruct } from 'constructs';
import { metricPolicy, queuePolicy, requestsPolicy, schedulePolicy, utilizationPolicy } from './policies';
import { checkDesiredCount, checkScaling } from './scaling-checks';
import {
  OnCpuOptions, OnMemoryOptions, OnMetricOptions, OnMetricStepsOptions, OnQueueDepthOptions, OnRequestsPerTargetOptions, OnScheduleOptions,
} from './scaling-options';
import { stepPolicy } from './step-scaling';
import { allowsNone, ScalingPolicy } from './target-tracking';
import { ExposureConfig } from '../exposure/exposure-config';

/**
 * The service to scale.
 *
 * @internal
 */
export interface _Scaled {
  readonly service: BaseService;
  readonly exposed: ExposureConfig;
}

/**
 * Automatic scaling of the number of tasks. Each method returns a new `Scaling` with one more policy; the order does not matter.
 *
 * ECS adds tasks as soon as one policy requires it, and removes tasks when all policies allow it. It removes none while a deployment is in progress.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
 */
export class Scaling {
  /**
   * The limits for the number of tasks. The service starts with the minimum, or with one task if the minimum is 0.
   *
   * The service throws if a limit is not a whole number of at least 0, if the minimum is above the maximum, if there is no scaling policy, and if the
   * minimum is 0 with policies for CPU, memory or requests only: these have no metrics while no task runs.
   *
   * @param minTasks the minimum number of tasks
   * @param maxTasks the maximum number of tasks
   */
  public static between(minTasks: number, maxTasks: number): Scaling {
    return new Scaling(minTasks, maxTasks, []);
  }

  private constructor(
    /** The minimum number of tasks. */
    public readonly minTasks: number,
    /** The maximum number of tasks. */
    public readonly maxTasks: number,
    /** @internal */
    public readonly _policies: readonly ScalingPolicy[],
  ) {}

  /**
   * Scale to keep the average CPU utilization near a percentage.
   *
   * @param targetPercent percent of the CPU of the tasks, above 0 and up to 100
   * @param options cooldowns, and 20-second metrics
   */
  public onCpu(targetPercent: number, options: OnCpuOptions = {}): Scaling {
    return this.with(utilizationPolicy('Cpu', targetPercent, options));
  }

  /**
   * Scale to keep the average memory utilization near a percentage. Few programs release memory, so scale-in is rare.
   *
   * @param targetPercent percent of the memory of the tasks, above 0 and up to 100
   * @param options cooldowns, and 20-second metrics
   */
  public onMemory(targetPercent: number, options: OnMemoryOptions = {}): Scaling {
    return this.with(utilizationPolicy('Memory', targetPercent, options));
  }

  /**
   * Scale to keep the number of requests per task near a value.
   *
   * The service throws if its exposure has no application load balancer. During a traffic shift between two target groups, the requests of both
   * are added up.
   *
   * @param requestsPerMinute requests per task and minute, above 0
   * @param options cooldowns
   */
  public onRequestsPerTarget(requestsPerMinute: number, options: OnRequestsPerTargetOptions = {}): Scaling {
    return this.with(requestsPolicy(requestsPerMinute, options));
  }

  /**
   * Scale to keep the number of messages per running task near a value. Waiting messages and messages in flight count.
   *
   * If `minTasks` is 0, the last task stops after the queue has been empty for about 15 minutes, and the first task starts some minutes after a new
   * message. After six hours without activity, SQS can take up to 15 minutes to publish metrics of the queue again.
   *
   * @param queue the queue that the tasks process, in the region and account of the service
   * @param options messages per task, and cooldowns
   * @see https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
   */
  public onQueueDepth(queue: IQueue, options: OnQueueDepthOptions): Scaling {
    return this.with(queuePolicy(queue, options));
  }

  /**
   * Scale to keep a metric near a value. The metric must decrease when the number of tasks increases. AWS evaluates it once a minute, regardless of
   * its period.
   *
   * @param metric a metric of the region and account of the service, or a math expression over such metrics
   * @param targetValue the value to keep, above 0
   * @param options cooldowns
   */
  public onMetric(metric: IMetric, targetValue: number, options: OnMetricOptions = {}): Scaling {
    return this.with(metricPolicy(metric, targetValue, options));
  }

  /**
   * Add or remove tasks in steps, depending on how far a metric is from a threshold. Prefer `onMetric`, which needs no thresholds. Use steps for a metric that does not
   * decrease in proportion to the number of tasks, or for large steps at extreme values.
   *
   * @param metric a metric of the region of the service, also of an account that shares it, or a math expression over such metrics
   * @param options `scalingSteps` is required
   * @see https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-step-scaling-policies.html
   */
  public onMetricSteps(metric: IMetric, options: OnMetricStepsOptions): Scaling {
    return this.with(stepPolicy(metric, options));
  }

  /**
   * Change the limits at a scheduled time. They apply until the next schedule. A deployment that changes a schedule or the limits of `between` sets the limits
   * of `between` until then, because CloudFormation updates limits and schedules together.
   *
   * @param options schedule and limits
   * @see https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scheduled-scaling.html
   */
  public onSchedule(options: OnScheduleOptions): Scaling {
    return this.with(schedulePolicy(options));
  }

  /** @internal */
  public _check(scope: IConstruct, desiredCount?: number): void {
    checkScaling(scope, this, this._policies);
    checkDesiredCount(scope, desiredCount, this);
  }

  /** @internal */
  public _apply(scope: Construct, { service, exposed }: _Scaled): void {
    const tasks = service.autoScaleTaskCount({ minCapacity: this.minTasks, maxCapacity: this.maxTasks });
    // A schedule can have other limits.
    const mayBeZero = allowsNone(this.minTasks) || this._policies.some(policy => policy.allowsNone);
    // The template does not depend on the order of the policies.
    [...this._policies].sort((a, b) => a.id < b.id ? -1 : 1)
      .forEach(policy => policy.apply(scope, { service, tasks, exposed, mayBeZero }));
  }

  private with(policy: ScalingPolicy): Scaling {
    return new Scaling(this.minTasks, this.maxTasks, [...this._policies, policy]);
  }
}
