import { Duration, Token, Tokenization } from 'aws-cdk-lib';
import { IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { checkName, checkPolicyOptions, checkTarget } from './policy-checks';
import { QueueDepthScalingOptions } from './scaling-options';
import { ScalingPolicy, ScalingTarget } from './scaling-policy';
import { trackTarget } from './target-tracking';
import { checkHere, trackedMetric } from './tracked-metric';
import { hasMethods } from '../../private/check-types';
import { reject } from '../../private/validation';

const PROPERTY = 'scaling.onQueueDepth';
const MINUTELY = { period: Duration.minutes(1) };

/** Keeps the messages of a queue, for each task, near a number. */
export function queuePolicy(queue: IQueue, options: QueueDepthScalingOptions): ScalingPolicy {
  return {
    get id() {
      return `Queue-${options.name ?? 'QueueDepth'}`;
    },
    property: PROPERTY,
    wakes: true,
    check(scope) {
      if (!hasMethods(queue, 'metricApproximateNumberOfMessagesVisible', 'metricApproximateNumberOfMessagesNotVisible')) {
        reject(scope, { property: PROPERTY, must: 'have a queue of SQS', got: queue, fix: 'Give one, e.g. new sqs.Queue(this, \'Queue\').' });
      }
      checkHere(scope, PROPERTY, queue.env);
      checkPolicyOptions(scope, PROPERTY, options);
      checkTarget(scope, `${PROPERTY}.messagesPerTask`, options.messagesPerTask, 'Give as many as one task works off in the time that a message may wait.');
      checkName(scope, `${PROPERTY}.name`, options.name);
    },
    apply(scope, target) {
      trackTarget(scope, this.id, target.tasks, {
        targetValue: options.messagesPerTask,
        customizedMetricSpecification: trackedMetric(scope, PROPERTY, backlogPerTask(queue, options.messagesPerTask, target)),
      }, options);
    },
  };
}

/**
 * The messages that wait or are being worked on, for each running task. Without the latter, tasks that are busy with the last messages
 * would be taken away.
 *
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
 */
function backlogPerTask(queue: IQueue, messagesPerTask: number, { service, mayBeZero }: ScalingTarget): IMetric {
  const messages = '(waiting + FILL(working, 0))';
  // Without a task nothing could be divided by: what is just above the target starts the first one.
  const first = `IF(waiting > 0, ${textOf(messagesPerTask)} + 1, 0)`;
  return new MathExpression({
    expression: mayBeZero ? `IF(FILL(running, 0) > 0, ${messages} / FILL(running, 1), ${first})` : `${messages} / running`,
    usingMetrics: {
      waiting: queue.metricApproximateNumberOfMessagesVisible(MINUTELY),
      working: queue.metricApproximateNumberOfMessagesNotVisible(MINUTELY),
      // Each task sends one sample a minute. Container Insights has a metric for it, but not every cluster has Container Insights.
      running: service.metricCpuUtilization({ ...MINUTELY, statistic: 'SampleCount' }),
    },
    ...MINUTELY,
  });
}

function textOf(value: number): string {
  return Token.isUnresolved(value) ? Tokenization.stringifyNumber(value) : String(value);
}
