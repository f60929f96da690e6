import { Token } from 'aws-cdk-lib';
import { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { checkName, checkPolicyOptions, checkTarget } from './policy-checks';
import { MetricScalingOptions } from './scaling-options';
import { ScalingPolicy } from './scaling-policy';
import { trackTarget } from './target-tracking';
import { trackedMetric } from './tracked-metric';

const PROPERTY = 'scaling.onMetric';

/** Keeps any metric near a value. */
export function metricPolicy(metric: IMetric, targetValue: number, options: MetricScalingOptions): ScalingPolicy {
  return {
    get id() {
      return `Metric-${options.name ?? nameOf(metric)}`;
    },
    property: PROPERTY,
    wakes: true,
    check(scope) {
      checkTarget(scope, PROPERTY, targetValue, 'Give the value to keep to.');
      checkPolicyOptions(scope, PROPERTY, options);
      checkName(scope, `${PROPERTY}.name`, options.name);
      trackedMetric(scope, PROPERTY, metric);
    },
    apply(scope, { tasks }) {
      trackTarget(scope, this.id, tasks, { targetValue, customizedMetricSpecification: trackedMetric(scope, PROPERTY, metric) }, options);
    },
  };
}

function nameOf(metric: IMetric): string {
  const name = metric.toMetricConfig().metricStat?.metricName;
  return name === undefined || Token.isUnresolved(name) ? 'Metric' : name.replace(/[^A-Za-z0-9]+/g, '-');
}
