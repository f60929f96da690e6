import { Duration, Stack, Token } from 'aws-cdk-lib';
import { BaseService, CfnService, DeploymentStrategy } from 'aws-cdk-lib/aws-ecs';
import { Construct, IConstruct } from 'constructs';
import { commonDeployment } from './common-deployment';
import { DeploymentBinder } from './deployment-config';
import { DeploymentStage } from './deployment-hook';
import {
  BLUE_GREEN, BlueGreenOptions, CANARY, CanaryOptions, LINEAR, LinearOptions,
} from './deployment-options';
import { reject } from '../../private/validation';
import { TrafficShift } from '../exposure/exposure-config';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-linearconfiguration.html */
const MAX_MINUTES = 33 * 60;

/** Shifts all traffic at once. */
export function blueGreen(options: BlueGreenOptions): DeploymentBinder {
  return shifting('blueGreen', options, scope => {
    BLUE_GREEN.check(scope, 'deployment', options);
    return {};
  });
}

/** Shifts the traffic in equal steps. */
export function linear(options: LinearOptions): DeploymentBinder {
  return shifting('linear', options, (scope, bakeTime) => {
    LINEAR.check(scope, 'deployment', options);
    const { stepPercent = 10, stepBakeTime = Duration.minutes(6) } = options;
    checkDecimals(scope, 'deployment.stepPercent', stepPercent);
    checkWholeTime(scope, 'deployment.stepBakeTime', { steps: Math.ceil(100 / stepPercent) - 1, stepBakeTime, bakeTime: bakeTime() });
    return { linearConfiguration: { stepPercent, stepBakeTimeInMinutes: stepBakeTime.toMinutes() } };
  });
}

/** Shifts a part of the traffic first, then the rest. */
export function canary(options: CanaryOptions): DeploymentBinder {
  return shifting('canary', options, (scope, bakeTime) => {
    CANARY.check(scope, 'deployment', options);
    const { canaryPercent = 5, canaryBakeTime = Duration.minutes(10) } = options;
    checkDecimals(scope, 'deployment.canaryPercent', canaryPercent);
    checkWholeTime(scope, 'deployment.canaryBakeTime', { steps: 1, stepBakeTime: canaryBakeTime, bakeTime: bakeTime() });
    return { canaryConfiguration: { canaryPercent, canaryBakeTimeInMinutes: canaryBakeTime.toMinutes() } };
  });
}

const STRATEGIES = { blueGreen: DeploymentStrategy.BLUE_GREEN, linear: DeploymentStrategy.LINEAR, canary: DeploymentStrategy.CANARY };
type Kind = keyof typeof STRATEGIES;

/** Checks the options, and returns the configuration of the traffic shift. */
type Steps = (scope: Construct, bakeTime: () => Duration) => Partial<CfnService.DeploymentConfigurationProperty>;

function shifting(kind: Kind, options: BlueGreenOptions, steps: Steps): DeploymentBinder {
  return (scope, service) => {
    const bakeTime = () => options.bakeTime ?? Duration.minutes(15);
    // Set on the L1, because the L2 rejects 1.1, which it does not recognize as a multiple of 0.1.
    const configuration = steps(scope, bakeTime);
    const trafficShift = { testPort: options.testPort };
    const config = commonDeployment(scope, options, service, {
      stages: Object.values(DeploymentStage),
      configuration,
      serviceProps: {
        deploymentStrategy: STRATEGIES[kind], bakeTime: bakeTime(), minHealthyPercent: 100, maxHealthyPercent: 200,
        // Otherwise, green tasks that never become healthy would keep the deployment running until the stage times out after 24 hours.
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

function checkDecimals(scope: IConstruct, property: string, percent: number): void {
  const tenths = percent * 10;
  if (!Token.isUnresolved(percent) && Math.abs(tenths - Math.round(tenths)) >= 1e-9) {
    reject(scope, { property, must: 'have at most one decimal place', got: percent, fix: 'Use a percentage such as 10 or 2.5.' });
  }
}

/** CloudFormation waits for 36 hours, and rejects steps that take more than 33 hours. */
function checkWholeTime(scope: IConstruct, property: string, time: { steps: number; stepBakeTime: Duration; bakeTime: Duration }): void {
  const { steps, stepBakeTime, bakeTime } = time;
  if (Token.isUnresolved(steps) || !Number.isFinite(steps) || stepBakeTime.isUnresolved() || bakeTime.isUnresolved()) {
    return;
  }
  const minutes = steps * stepBakeTime.toMinutes() + bakeTime.toMinutes();
  if (minutes > MAX_MINUTES) {
    reject(scope, {
      property, must: 'be at most 33 hours for all steps and \'bakeTime\' together, the limit of CloudFormation', got: `${minutes} minutes`,
      fix: 'Use shorter waiting times or larger steps.',
    });
  }
}

/** Rejects a service whose traffic cannot shift. Checks the ECS service instead of the exposure, so that custom exposures are checked too. */
function checkShiftable(scope: IConstruct, service: BaseService, shift: TrafficShift, kind: Kind): void {
  const { loadBalancers } = service;
  if (loadBalancers.some(each => each.advancedConfiguration === undefined)) {
    reject(scope, {
      property: 'exposure', must: `have a second target group for Deployment.${kind}`, got: 'one target group',
      fix: 'Give the target an ecs.AlternateTarget if \'trafficShift\' is set, or use Deployment.rolling().',
    });
  }
  if (kind !== 'blueGreen' && loadBalancers.length === 0 && !servesByServiceConnect(service)) {
    reject(scope, {
      property: 'exposure', must: `have a load balancer or Service Connect, so that Deployment.${kind} can shift a part of the traffic`, got: 'neither',
      fix: 'Use an exposure such as Exposure.publicHttp(), or use Deployment.blueGreen() or Deployment.rolling().',
    });
  }
  if (shift.testPort !== undefined && !loadBalancers.some(hasTestListener)) {
    reject(scope, {
      property: 'deployment.testPort', must: 'be left out without a load balancer that listens on it', got: shift.testPort,
      fix: loadBalancers.length > 0
        ? 'Give the ecs.AlternateTarget a testListener if \'trafficShift.testPort\' is set, or leave it out.'
        : 'Use an exposure with a load balancer, such as Exposure.publicHttp(), or leave it out.',
    });
  }
}

function hasTestListener({ advancedConfiguration }: CfnService.LoadBalancerProperty): boolean {
  return advancedConfiguration !== undefined && 'testListenerRule' in advancedConfiguration && advancedConfiguration.testListenerRule !== undefined;
}

function servesByServiceConnect(service: BaseService): boolean {
  const configuration = Stack.of(service).resolve((service.node.defaultChild as CfnService).serviceConnectConfiguration);
  return configuration?.enabled === true && (configuration.services ?? []).length > 0;
}
