import { Construct } from 'constructs';
import { DeploymentConfig } from './deployment-config';

/** New tasks start before old ones stop. */
export function rolling(): (scope: Construct) => DeploymentConfig {
  return () => ({
    serviceProps: { circuitBreaker: { enable: true, rollback: true }, minHealthyPercent: 100, maxHealthyPercent: 200 },
  });
}
