import { Duration, Token, Tokenization } from 'aws-cdk-lib';
import { PredefinedMetric } from 'aws-cdk-lib/aws-applicationautoscaling';
import { IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct, IConstruct } from 'constructs';
import { publishHighResolution, samplesOf } from './high-resolution';
import {
  METRIC_SCALING, OnCpuOptions, OnMemoryOptions, OnMetricOptions, OnQueueDepthOptions, OnScheduleOptions, QUEUE_DEPTH, SCALING_POLICY,
  SCHEDULED_SCALING, ScalingPolicyOptions, UTILIZATION_SCALING,
} from './scaling-options';
import {
  allowsNone, checkHere, checkName, nameOfMetric, ScalingPolicy, ScalingTarget, TaskLimits, Tracked, trackedMetric, trackTarget,
} from './target-tracking';
import { checkPeriod, checkScheduleExpression, checkTimeZone } from '../../private/schedules';
import { checkValue, Rule } from '../../private/shape';
import { reject } from '../../private/validation';

/** Checks a target. It must be above 0, because Application Auto Scaling divides by it. */
function checkTarget(scope: IConstruct, property: string, value: number, fix: string, max?: number): void {
  checkValue(scope, property, value, { kind: 'number', above: 0, max, fix, required: true });
}

const METRICS = {
  Cpu: { name: 'CPUUtilization', predefined: PredefinedMetric.ECS_SERVICE_AVERAGE_CPU_UTILIZATION, express: 'AVERAGE_CPU' },
  Memory: { name: 'MemoryUtilization', predefined: PredefinedMetric.ECS_SERVICE_AVERAGE_MEMORY_UTILIZATION, express: 'AVERAGE_MEMORY' },
} as const;

/** Keeps the average CPU or memory utilization near a percentage. */
export function utilizationPolicy(of: keyof typeof METRICS, targetPercent: number, options: OnCpuOptions & OnMemoryOptions): ScalingPolicy {
  const property = `scaling.on${of}`;
  return {
    id: of,
    property,
    wakes: false,
    express: { metric: METRICS[of].express, target: targetPercent, options },
    check(scope) {
      checkTarget(scope, property, targetPercent, 'Use a percentage such as 60.', 100);
      UTILIZATION_SCALING.check(scope, property, options);
    },
    apply(scope, { service, tasks }) {
      const { name, predefined } = METRICS[of];
      if (options.highResolution) publishHighResolution(service, name);
      const predefinedMetricType = options.highResolution ? `${predefined}HighResolution` : predefined;
      trackTarget(scope, of, tasks, { targetValue: targetPercent, predefinedMetricSpecification: { predefinedMetricType } }, options);
    },
  };
}

const REQUESTS = 'RequestsPerTarget';
const ON_REQUESTS = `scaling.on${REQUESTS}`;

/** Keeps the requests per task and minute near a number. */
export function requestsPolicy(requestsPerMinute: number, options: ScalingPolicyOptions): ScalingPolicy {
  return {
    id: REQUESTS,
    property: ON_REQUESTS,
    wakes: false,
    express: { metric: 'REQUEST_COUNT_PER_TARGET', target: requestsPerMinute, options },
    check(scope) {
      checkTarget(scope, ON_REQUESTS, requestsPerMinute, 'Use the requests that one task handles in a minute, e.g. 1000.');
      SCALING_POLICY.check(scope, ON_REQUESTS, options);
    },
    apply(scope, { tasks, exposed }) {
      const groups = exposed.applicationTargetGroups ?? [];
      trackTarget(scope, REQUESTS, tasks, { targetValue: requestsPerMinute, ...requestsOf(scope, groups) }, options);
    },
  };
}

/** The predefined metric of AWS is for one target group. With several, as during a traffic shift, the requests are added up. */
function requestsOf(scope: Construct, groups: ApplicationTargetGroup[]): Omit<Tracked, 'targetValue'> {
  if (groups.length === 0) {
    reject(scope, {
      property: ON_REQUESTS, must: 'have an application load balancer, which counts the requests', got: 'an exposure without one',
      fix: 'Expose the service over HTTP, e.g. exposure: Exposure.publicHttp(), or scale on another metric.',
    });
  }
  if (groups.length === 1) {
    const [group] = groups;
    return {
      predefinedMetricSpecification: {
        predefinedMetricType: PredefinedMetric.ALB_REQUEST_COUNT_PER_TARGET,
        resourceLabel: `${group.firstLoadBalancerFullName}/${group.targetGroupFullName}`,
      },
    };
  }
  const requests = groups.map((group, index) => [`group${index}`, group.metrics.requestCountPerTarget()] as const);
  const sum = new MathExpression({
    expression: requests.map(([id]) => `FILL(${id}, 0)`).join(' + '), usingMetrics: Object.fromEntries(requests), period: Duration.minutes(1),
  });
  return { customizedMetricSpecification: trackedMetric(scope, ON_REQUESTS, sum) };
}

const ON_QUEUE = 'scaling.onQueueDepth';
const QUEUE: Rule = {
  kind: 'instance', must: 'have an SQS queue', fix: 'Pass a queue, e.g. new sqs.Queue(this, \'Queue\').', required: true,
  methods: ['metricApproximateNumberOfMessagesVisible', 'metricApproximateNumberOfMessagesNotVisible'],
};
const MINUTELY = { period: Duration.minutes(1) };

/** Keeps the messages of a queue per running task near a number. */
export function queuePolicy(queue: IQueue, options: OnQueueDepthOptions): ScalingPolicy {
  return {
    get id() {
      return `Queue-${options.name ?? 'QueueDepth'}`;
    },
    property: ON_QUEUE,
    wakes: true,
    check(scope) {
      checkValue(scope, ON_QUEUE, queue, QUEUE);
      checkHere(scope, ON_QUEUE, queue.env);
      QUEUE_DEPTH.check(scope, ON_QUEUE, options);
      checkName(scope, `${ON_QUEUE}.name`, options.name);
    },
    apply(scope, target) {
      trackTarget(scope, this.id, target.tasks, {
        targetValue: options.messagesPerTask,
        customizedMetricSpecification: trackedMetric(scope, ON_QUEUE, backlogPerTask(queue, options.messagesPerTask, target)),
      }, options);
    },
  };
}

/**
 * The messages per running task, both waiting and in flight. Without messages in flight, scale-in would stop tasks that process the last ones.
 *
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
 */
function backlogPerTask(queue: IQueue, messagesPerTask: number, { service, mayBeZero }: ScalingTarget): IMetric {
  const { metric, seconds } = samplesOf(service, MINUTELY);
  const tasks = seconds === 60 ? 'running' : `(running / ${60 / seconds})`;
  const messages = '(waiting + FILL(working, 0))';
  // If no task runs, a value just above the target starts the first one.
  const first = `IF(waiting > 0, ${textOf(messagesPerTask)} + 1, 0)`;
  return new MathExpression({
    expression: mayBeZero ? `IF(FILL(running, 0) > 0, ${messages} / ${tasks.replace('running', 'FILL(running, 1)')}, ${first})` : `${messages} / ${tasks}`,
    usingMetrics: {
      waiting: queue.metricApproximateNumberOfMessagesVisible(MINUTELY),
      working: queue.metricApproximateNumberOfMessagesNotVisible(MINUTELY),
      // Not the metric of Container Insights, which is not enabled on every cluster.
      running: metric,
    },
    ...MINUTELY,
  });
}

function textOf(value: number): string {
  return Token.isUnresolved(value) ? Tokenization.stringifyNumber(value) : String(value);
}

const ON_METRIC = 'scaling.onMetric';

/** Keeps a metric near a value. */
export function metricPolicy(metric: IMetric, targetValue: number, options: OnMetricOptions): ScalingPolicy {
  return {
    get id() {
      return `Metric-${options.name ?? nameOfMetric(metric)}`;
    },
    property: ON_METRIC,
    wakes: true,
    check(scope) {
      checkTarget(scope, ON_METRIC, targetValue, 'Use the value to keep to.');
      METRIC_SCALING.check(scope, ON_METRIC, options);
      checkName(scope, `${ON_METRIC}.name`, options.name);
      trackedMetric(scope, ON_METRIC, metric);
    },
    apply(scope, { tasks }) {
      trackTarget(scope, this.id, tasks, { targetValue, customizedMetricSpecification: trackedMetric(scope, ON_METRIC, metric) }, options);
    },
  };
}

const ON_SCHEDULE = 'scaling.onSchedule';

/** Changes the limits at a scheduled time. */
export function schedulePolicy(options: OnScheduleOptions): ScalingPolicy {
  return {
    get id() {
      return `Schedule-${nameOfAction(options)}`;
    },
    property: ON_SCHEDULE,
    get wakes() {
      return options.minTasks !== undefined && options.minTasks !== 0;
    },
    get allowsNone() {
      return options.minTasks !== undefined && allowsNone(options.minTasks);
    },
    check(scope, limits) {
      SCHEDULED_SCALING.check(scope, ON_SCHEDULE, options);
      checkName(scope, `${ON_SCHEDULE}.name`, options.name);
      checkSchedule(scope, options);
      checkLimits(scope, options, limits);
    },
    apply(_scope, { tasks }) {
      const { minTasks: minCapacity, maxTasks: maxCapacity, schedule, timeZone, startTime, endTime } = options;
      tasks.scaleOnSchedule(nameOfAction(options), { schedule, timeZone, startTime, endTime, minCapacity, maxCapacity });
    },
  };
}

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html */
function checkSchedule(scope: IConstruct, { schedule, timeZone, startTime, endTime }: OnScheduleOptions): void {
  checkScheduleExpression(scope, {
    property: `${ON_SCHEDULE}.schedule`, value: schedule, must: 'be a Schedule of Application Auto Scaling',
    fix: 'Use e.g. Schedule.cron({ hour: \'8\', minute: \'0\' }), Schedule.rate(Duration.hours(1)) or Schedule.at(date).',
  });
  checkTimeZone(scope, `${ON_SCHEDULE}.timeZone`, timeZone);
  checkPeriod(scope, { startProperty: `${ON_SCHEDULE}.startTime`, start: startTime, endProperty: `${ON_SCHEDULE}.endTime`, end: endTime });
}

function checkLimits(scope: IConstruct, { minTasks, maxTasks }: OnScheduleOptions, limits: TaskLimits): void {
  if (minTasks === undefined && maxTasks === undefined) {
    reject(scope, { property: ON_SCHEDULE, must: 'have minTasks, maxTasks or both', got: 'none', fix: 'Set the number of tasks from that time on.' });
  }
  const [min, max] = [minTasks ?? limits.minTasks, maxTasks ?? limits.maxTasks];
  if (!Token.isUnresolved(min) && !Token.isUnresolved(max) && min > max) {
    reject(scope, {
      property: ON_SCHEDULE, must: 'not have more minTasks than maxTasks', got: `minTasks ${min}, maxTasks ${max}`,
      fix: 'Set both minTasks and maxTasks.',
    });
  }
}

// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
function nameOfAction({ name, schedule, timeZone }: OnScheduleOptions): string {
  const text = [schedule.expressionString, timeZone?.timezoneName ?? ''].join(' ').trim();
  return name ?? (Token.isUnresolved(text) ? 'Schedule' : text.replace(/[:/|]/g, '-'));
}
