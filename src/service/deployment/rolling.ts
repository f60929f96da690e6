import { Duration } from 'aws-cdk-lib';
import { DeploymentStrategy } from 'aws-cdk-lib/aws-ecs';
import { CircuitBreaker } from './circuit-breaker';
import { commonDeployment } from './common-deployment';
import { DeploymentBinder } from './deployment-config';
import { ROLLING_NAMES } from './deployment-names';
import { RollingDeploymentOptions } from './deployment-options';
import { DeploymentStage } from './deployment-stage';
import { checkBakeTime } from './shifting-checks';
import { checkRoom } from './task-count-checks';
import { checkObject, hasMethods } from '../../private/check-types';
import { checkSpelling } from '../../private/spelling';
import { checkInteger, reject } from '../../private/validation';

// No client is moved here: each reaches whatever task is healthy.
const STAGES = [DeploymentStage.RECONCILE_SERVICE, DeploymentStage.PRE_SCALE_UP, DeploymentStage.POST_SCALE_UP];

/** New tasks start before old ones stop. */
export function rolling(options: RollingDeploymentOptions): DeploymentBinder {
  return (scope, service) => {
    checkObject(scope, 'deployment', options, 'Give options in brackets, or nothing: Deployment.rolling().');
    checkSpelling(scope, 'deployment', options, ROLLING_NAMES);
    const { minHealthyPercent = 100, maxHealthyPercent = 200, circuitBreaker = CircuitBreaker.rollback() } = options;
    const { bakeTime = timeForHooks(options) } = options;
    checkInteger(scope, {
      property: 'deployment.minHealthyPercent', value: minHealthyPercent, min: 0, max: 100,
      fix: 'Give percent of the desired tasks, e.g. 100 to have never fewer.',
    });
    checkInteger(scope, {
      property: 'deployment.maxHealthyPercent', value: maxHealthyPercent, min: 100,
      fix: 'Give percent of the desired tasks, e.g. 200 to replace all of them at once.',
    });
    checkRoom(scope, service, minHealthyPercent, maxHealthyPercent);
    if (!hasMethods(circuitBreaker, '_check')) {
      reject(scope, {
        property: 'deployment.circuitBreaker', must: 'be a CircuitBreaker', got: circuitBreaker,
        fix: 'Make one with brackets, e.g. CircuitBreaker.afterFailures(5).',
      });
    }
    circuitBreaker._check(scope);
    checkBakeTime(scope, 'deployment.bakeTime', bakeTime);
    const { complete, ...config } = commonDeployment(scope, options, service, {
      stages: STAGES,
      serviceProps: {
        minHealthyPercent, maxHealthyPercent, bakeTime, circuitBreaker: circuitBreaker._serviceProps,
        // Named, because a service keeps the strategy that it had.
        deploymentStrategy: DeploymentStrategy.ROLLING,
      },
    });
    return {
      ...config,
      complete: cfnService => {
        complete(cfnService);
        circuitBreaker._complete(cfnService);
      },
    };
  };
}

/** Without a bake time CloudFormation gives up after three hours, whatever the timeouts of the hooks. */
function timeForHooks({ hooks }: RollingDeploymentOptions): Duration | undefined {
  return Array.isArray(hooks) && hooks.length > 0 ? Duration.minutes(1) : undefined;
}
