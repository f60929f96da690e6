import { Names } from 'aws-cdk-lib';
import { CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import { ScalableTaskCount } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { ScalingPolicyOptions } from './scaling-options';

type Configuration = CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty;

/** What is kept near a value: a metric that AWS knows by name, or any other. */
export type Tracked = Pick<Configuration, 'targetValue' | 'predefinedMetricSpecification' | 'customizedMetricSpecification'>;

/**
 * A policy that keeps a metric near a value.
 *
 * The L1, because the L2 takes no math expressions, and all policies are to look alike.
 */
export function trackTarget(scope: Construct, id: string, tasks: ScalableTaskCount, tracked: Tracked, options: ScalingPolicyOptions): void {
  const policy = new Construct(scope, id);
  new CfnScalingPolicy(policy, 'Resource', {
    policyName: Names.uniqueResourceName(policy, { maxLength: 255 }),
    policyType: 'TargetTrackingScaling',
    scalingTargetId: tasks.scalableTargetRef.resourceId,
    targetTrackingScalingPolicyConfiguration: {
      ...tracked,
      disableScaleIn: options.disableScaleIn,
      scaleInCooldown: options.scaleInCooldown?.toSeconds(),
      scaleOutCooldown: options.scaleOutCooldown?.toSeconds(),
    },
  });
}
