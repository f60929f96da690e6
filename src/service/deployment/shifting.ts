import { Duration } from 'aws-cdk-lib';
import { CfnService, DeploymentStrategy } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { commonDeployment } from './common-deployment';
import { DeploymentBinder } from './deployment-config';
import { SHIFTING_NAMES } from './deployment-names';
import { BlueGreenDeploymentOptions, CanaryDeploymentOptions, LinearDeploymentOptions } from './deployment-options';
import { DeploymentStage } from './deployment-stage';
import { checkShiftable } from './exposure-fit';
import { checkBakeTime, checkPercent, checkWholeTime } from './shifting-checks';
import { checkObject } from '../../private/check-types';
import { checkSpelling } from '../../private/spelling';
import { checkInteger } from '../../private/validation';

/** All clients at once. */
export function blueGreen(options: BlueGreenDeploymentOptions): DeploymentBinder {
  return shifting('blueGreen', DeploymentStrategy.BLUE_GREEN, options, () => ({}));
}

/** Always the same part more. */
export function linear(options: LinearDeploymentOptions): DeploymentBinder {
  return shifting('linear', DeploymentStrategy.LINEAR, options, (scope, bakeTime) => {
    const { stepPercent = 10, stepBakeTime = Duration.minutes(6) } = options;
    checkPercent(scope, 'deployment.stepPercent', stepPercent, 3);
    checkBakeTime(scope, 'deployment.stepBakeTime', stepBakeTime);
    checkWholeTime(scope, 'deployment.stepBakeTime', { steps: Math.ceil(100 / stepPercent) - 1, stepBakeTime, bakeTime });
    return { linearConfiguration: { stepPercent, stepBakeTimeInMinutes: stepBakeTime.toMinutes() } };
  });
}

/** A few first, then the others. */
export function canary(options: CanaryDeploymentOptions): DeploymentBinder {
  return shifting('canary', DeploymentStrategy.CANARY, options, (scope, bakeTime) => {
    const { canaryPercent = 5, canaryBakeTime = Duration.minutes(10) } = options;
    checkPercent(scope, 'deployment.canaryPercent', canaryPercent, 0.1);
    checkBakeTime(scope, 'deployment.canaryBakeTime', canaryBakeTime);
    checkWholeTime(scope, 'deployment.canaryBakeTime', { steps: 1, stepBakeTime: canaryBakeTime, bakeTime });
    return { canaryConfiguration: { canaryPercent, canaryBakeTimeInMinutes: canaryBakeTime.toMinutes() } };
  });
}

type Steps = (scope: Construct, bakeTime: Duration) => Partial<CfnService.DeploymentConfigurationProperty>;

function shifting(
  kind: 'blueGreen' | 'linear' | 'canary', strategy: DeploymentStrategy, options: BlueGreenDeploymentOptions, steps: Steps,
): DeploymentBinder {
  return (scope, service) => {
    checkObject(scope, 'deployment', options, `Give options in brackets, or nothing: Deployment.${kind}().`);
    checkSpelling(scope, 'deployment', options, SHIFTING_NAMES);
    const { bakeTime = Duration.minutes(15), testPort } = options;
    checkBakeTime(scope, 'deployment.bakeTime', bakeTime);
    if (testPort !== undefined) {
      checkInteger(scope, { property: 'deployment.testPort', value: testPort, min: 1, max: 65535, fix: 'Give a free port, e.g. 8080, or leave it out.' });
    }
    const trafficShift = { testPort };
    const config = commonDeployment(scope, options, service, {
      stages: Object.values(DeploymentStage),
      // By the L1, because the L2 takes 1.1 for no multiple of 0.1.
      configuration: steps(scope, bakeTime),
      serviceProps: {
        deploymentStrategy: strategy, bakeTime, minHealthyPercent: 100, maxHealthyPercent: 200,
        // Green tasks that never get healthy would else last until the stage ends, after 24 hours.
        circuitBreaker: { enable: true, rollback: true },
      },
    });
    return {
      ...config,
      trafficShift,
      checkExposed: ecsService => {
        config.checkExposed(ecsService);
        checkShiftable(scope, ecsService, trafficShift, kind);
      },
    };
  };
}
