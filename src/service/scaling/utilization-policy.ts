import { PredefinedMetric } from 'aws-cdk-lib/aws-applicationautoscaling';
import { checkPolicyOptions, checkTarget } from './policy-checks';
import { ScalingPolicyOptions } from './scaling-options';
import { ScalingPolicy } from './scaling-policy';
import { trackTarget } from './target-tracking';

const METRICS = {
  Cpu: PredefinedMetric.ECS_SERVICE_AVERAGE_CPU_UTILIZATION,
  Memory: PredefinedMetric.ECS_SERVICE_AVERAGE_MEMORY_UTILIZATION,
};

/** Keeps the average use of the CPU or the memory near a percentage. */
export function utilizationPolicy(of: keyof typeof METRICS, targetPercent: number, options: ScalingPolicyOptions): ScalingPolicy {
  const property = `scaling.on${of}`;
  return {
    id: of,
    property,
    wakes: false,
    check(scope) {
      checkTarget(scope, property, targetPercent, 'Give the percentage to keep to, e.g. 60.', 100);
      checkPolicyOptions(scope, property, options);
    },
    apply(scope, { tasks }) {
      trackTarget(scope, of, tasks, {
        targetValue: targetPercent, predefinedMetricSpecification: { predefinedMetricType: METRICS[of] },
      }, options);
    },
  };
}
