import type { CanaryDeploymentOptions, LinearDeploymentOptions, RollingDeploymentOptions } from './deployment-options';
import { NamesOf } from '../../private/spelling';

/** The options of rolling deployments. */
export const ROLLING_NAMES: NamesOf<RollingDeploymentOptions> = {
  minHealthyPercent: true, maxHealthyPercent: true, bakeTime: true, circuitBreaker: true, alarms: true, hooks: true, redeployOn: true,
  healthCheckGracePeriod: true,
};

/** The options of the deployments that move clients. */
export const SHIFTING_NAMES: NamesOf<CanaryDeploymentOptions> & NamesOf<LinearDeploymentOptions> = {
  canaryPercent: true, canaryBakeTime: true, stepPercent: true, stepBakeTime: true, bakeTime: true, testPort: true, alarms: true, hooks: true,
  redeployOn: true, healthCheckGracePeriod: true,
};
