import { Duration } from 'aws-cdk-lib';
import { PredefinedMetric } from 'aws-cdk-lib/aws-applicationautoscaling';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { checkPolicyOptions, checkTarget } from './policy-checks';
import { ScalingPolicyOptions } from './scaling-options';
import { ScalingPolicy } from './scaling-policy';
import { Tracked, trackTarget } from './target-tracking';
import { trackedMetric } from './tracked-metric';
import { reject } from '../../private/validation';

const ID = 'RequestsPerTarget';
const PROPERTY = `scaling.on${ID}`;

/** Keeps the requests that a load balancer sends to each task in a minute near a number. */
export function requestsPolicy(requestsPerMinute: number, options: ScalingPolicyOptions): ScalingPolicy {
  return {
    id: ID,
    property: PROPERTY,
    wakes: false,
    check(scope) {
      checkTarget(scope, PROPERTY, requestsPerMinute, 'Give the requests that one task answers in a minute, e.g. 1000.');
      checkPolicyOptions(scope, PROPERTY, options);
    },
    apply(scope, { tasks, exposed }) {
      const groups = exposed.applicationTargetGroups ?? [];
      trackTarget(scope, ID, tasks, { targetValue: requestsPerMinute, ...requestsOf(scope, groups) }, options);
    },
  };
}

/**
 * AWS counts the requests of one target group by itself. Where there are several, as while a deployment moves clients from one to the other,
 * a task has to do with the sum.
 */
function requestsOf(scope: Construct, groups: ApplicationTargetGroup[]): Omit<Tracked, 'targetValue'> {
  if (groups.length === 0) {
    reject(scope, {
      property: PROPERTY, must: 'have an application load balancer, which counts the requests', got: 'an exposure without one',
      fix: 'Expose the service over HTTP, e.g. exposure: Exposure.publicHttp(), or scale on something else.',
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
  return { customizedMetricSpecification: trackedMetric(scope, PROPERTY, sum) };
}
