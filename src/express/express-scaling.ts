import { CfnExpressGatewayService } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkValue } from '../private/shape';
import { reject } from '../private/validation';
import { Scaling } from '../service/scaling/scaling';
import { checkLimits } from '../service/scaling/scaling-checks';

type ScalingTarget = CfnExpressGatewayService.ExpressGatewayScalingTargetProperty;

const USE_FARGATE = 'Use FargateService';

/** The scaling of an Express service, which has one policy without options. */
export function expressScaling(scope: IConstruct, scaling: Scaling): ScalingTarget {
  const { minTasks, maxTasks, _policies: policies } = scaling;
  checkLimits(scope, scaling);
  policies.forEach(policy => policy.check(scope, scaling));
  if (policies.length > 1) {
    reject(scope, {
      property: 'scaling', must: 'have one policy, because Express Mode has no more', got: policies.map(({ id }) => id),
      fix: `Keep one of them. ${USE_FARGATE} for several.`,
    });
  }
  if (minTasks === 0 && maxTasks !== 0) {
    reject(scope, {
      property: 'scaling.minTasks', must: 'be at least 1, because no policy of Express Mode can start the first task', got: 0,
      fix: `Use 1, or Scaling.between(0, 0) to stop the service. ${USE_FARGATE} to scale from zero.`,
    });
  }
  const limits = { minTaskCount: minTasks, maxTaskCount: maxTasks };
  return policies.length === 0 ? limits : { ...limits, ...metricOf(scope, policies[0]) };
}

function metricOf(scope: IConstruct, { property, express }: Scaling['_policies'][number]): ScalingTarget {
  if (express === undefined) {
    return reject(scope, {
      property, must: 'be onCpu, onMemory or onRequestsPerTarget, because Express Mode scales on nothing else', got: property.replace('scaling.', ''),
      fix: `Use Scaling.between(1, 10).onCpu(60). ${USE_FARGATE} for other metrics, queues and schedules.`,
    });
  }
  const { metric, target, options } = express;
  // `false` is the default of each option that is a boolean.
  const given = Object.entries(options).find(([, value]) => value !== undefined && value !== false);
  if (given !== undefined) {
    reject(scope, {
      property: `${property}.${given[0]}`, must: 'be left out, because policies of Express Mode have no options', got: given[1],
      fix: `Leave it out. ${USE_FARGATE} to set it.`,
    });
  }
  checkValue(scope, property, target, { kind: 'integer', min: 1, fix: `Use a whole number. ${USE_FARGATE} for others.`, required: true });
  return { autoScalingMetric: metric, autoScalingTargetValue: target };
}
