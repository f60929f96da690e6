import { Duration, Token } from 'aws-cdk-lib';
import { DeploymentStrategy } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { CircuitBreaker } from './circuit-breaker';
import { commonDeployment } from './common-deployment';
import { DeployedService, DeploymentBinder } from './deployment-config';
import { DeploymentStage } from './deployment-hook';
import { ROLLING, RollingOptions } from './deployment-options';
import { reject } from '../../private/validation';

// A rolling deployment shifts no traffic: clients reach every healthy task.
const STAGES = [DeploymentStage.RECONCILE_SERVICE, DeploymentStage.PRE_SCALE_UP, DeploymentStage.POST_SCALE_UP];

/** The maximum number of tasks of a service: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html */
const MAX_TASKS = 5000;

/** Starts new tasks before old ones stop. */
export function rolling(options: RollingOptions): DeploymentBinder {
  return (scope, service) => {
    ROLLING.check(scope, 'deployment', options);
    const { minHealthyPercent = 100, maxHealthyPercent = 200, circuitBreaker = CircuitBreaker.rollback() } = options;
    const { bakeTime = timeForHooks(options) } = options;
    checkRoom(scope, service, minHealthyPercent, maxHealthyPercent);
    circuitBreaker._check(scope);
    const config = commonDeployment(scope, options, service, {
      stages: STAGES,
      serviceProps: {
        minHealthyPercent, maxHealthyPercent, bakeTime, circuitBreaker: circuitBreaker._serviceProps,
        // Explicit, because a service otherwise keeps its previous strategy.
        deploymentStrategy: DeploymentStrategy.ROLLING,
      },
      configuration: circuitBreaker._configuration,
    });
    return { ...config, keepAlternateTargetGroup: options.keepAlternateTargetGroup };
  };
}

/** The default bake time with hooks. Without a bake time, CloudFormation times out after three hours, regardless of the timeouts of the hooks. */
function timeForHooks({ hooks = [] }: RollingOptions): Duration | undefined {
  return hooks.length > 0 ? Duration.minutes(1) : undefined;
}

/**
 * Checks that for each possible number of tasks, one more task may start or one task may stop. Otherwise, ECS never replaces a task.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html#service-event-messages-7
 */
function checkRoom(scope: IConstruct, service: DeployedService, minPercent: number, maxPercent: number): void {
  if (!isKnown(minPercent) || !isKnown(maxPercent)) {
    return;
  }
  const stuck = possibleCounts(service).find(count => Math.floor(count * maxPercent / 100) - Math.ceil(count * minPercent / 100) < 1);
  if (stuck !== undefined) {
    reject(scope, {
      property: 'deployment',
      must: 'leave room to replace a task: \'maxHealthyPercent\' must allow one more task, or \'minHealthyPercent\' one less',
      got: `${minPercent} and ${maxPercent} percent of ${stuck === 1 ? 'one task' : `${stuck} tasks`}`,
      fix: 'Use minHealthyPercent: 100 with maxHealthyPercent: 200, which works with any number of tasks.',
    });
  }
}

/** The possible numbers of tasks to check. None for a service without tasks, and none for a daemon, whose number of instances is unknown. */
function possibleCounts({ desiredCount = 1, scaling, isDaemon = false }: DeployedService): number[] {
  if (isDaemon) {
    return [];
  }
  if (scaling === undefined) {
    return isKnown(desiredCount) && desiredCount > 0 ? [desiredCount] : [];
  }
  const [min, max] = [scaling.minTasks, scaling.maxTasks];
  if (!isKnown(min) || !isKnown(max)) {
    return [];
  }
  const first = Math.max(1, min);
  return Array.from({ length: Math.max(0, Math.min(max, MAX_TASKS) - first + 1) }, (_, index) => first + index);
}

/** Whether a value is neither a token nor an invalid value that another check reports. */
function isKnown(value: number | undefined): value is number {
  return Number.isInteger(value) && !Token.isUnresolved(value);
}
