import { Duration } from 'aws-cdk-lib';
import { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { CircuitBreaker } from './circuit-breaker';
import { ALARMS } from './deployment-alarms';
import { DeploymentHook } from './deployment-hook';
import { DurationRule, NumberRule, Rules, Shape } from '../../private/shape';

/** Options of all deployment strategies. */
export interface DeploymentOptions {
  /**
   * Alarms that roll the deployment back when they go into the ALARM state. ECS ignores an alarm that is already in that state when the
   * deployment starts, so that you can deploy a fix.
   *
   * An alarm on a metric of this service needs an `alarmName`, because the alarm and the service would otherwise depend on each other. Pass it to
   * `service.addRollbackAlarms(…)` after you create the service.
   *
   * @default - none
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
   */
  readonly alarms?: IAlarm[];

  /**
   * Lifecycle hooks: Lambda functions that ECS calls, or pauses for a manual approval.
   *
   * @default - none
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html
   */
  readonly hooks?: DeploymentHook[];

  /**
   * Strings that start a new deployment when one of them changes, even if the task definition stays the same. Use it for values that tasks read only
   * when they start, e.g. the version of a secret or the digest behind an image tag.
   *
   * Images published by this library do not belong here: task definitions refer to them by digest or content hash. Strings that are only known at
   * deployment may have at most 230 characters in total.
   *
   * @default - a deployment starts when the task definition or the service changes
   */
  readonly redeployOn?: string[];

  /**
   * The time during which failed health checks of a new task are ignored, in whole seconds. Requires a load balancer or a container with a
   * health check.
   *
   * @default - 60 seconds with a load balancer, otherwise none
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html#ECS-CreateService-request-healthCheckGracePeriodSeconds
   */
  readonly healthCheckGracePeriod?: Duration;
}

/** Options of a rolling deployment. */
export interface RollingOptions extends DeploymentOptions {
  /**
   * The minimum number of running tasks during a deployment, in percent of the desired tasks, rounded up: 0 to 100.
   *
   * @default 100
   */
  readonly minHealthyPercent?: number;

  /**
   * The maximum number of running tasks during a deployment, in percent of the desired tasks, rounded down: at least 100. The two limits must differ by
   * at least one task.
   *
   * @default 200
   */
  readonly maxHealthyPercent?: number;

  /**
   * How long ECS watches the alarms after all tasks have been replaced, 0 to 1440 whole minutes. With a bake time, CloudFormation waits up to 36 hours
   * for the deployment, otherwise 3 hours.
   *
   * @default - none; one minute with hooks, so that CloudFormation waits for them
   */
  readonly bakeTime?: Duration;

  /**
   * The number of failed tasks after which the deployment fails.
   *
   * @default CircuitBreaker.rollback()
   */
  readonly circuitBreaker?: CircuitBreaker;

  /**
   * Keep a second target group per load balancer port, with the listener rule or network listener that ECS would shift. Then you can change between
   * rolling and blue/green, linear or canary deployments without an outage. Without it, a service whose clients use the second target group loses
   * them when it changes to rolling. With it, such a deployment fails before the service changes, and the message names the fix.
   *
   * @default false
   */
  readonly keepAlternateTargetGroup?: boolean;
}

/** Options of a blue/green deployment. */
export interface BlueGreenOptions extends DeploymentOptions {
  /**
   * How long the old version keeps running after all traffic has shifted, 0 to 1440 whole minutes. A rollback during this time is immediate.
   *
   * @default Duration.minutes(15)
   */
  readonly bakeTime?: Duration;

  /**
   * The port of a test listener that reaches the new version before production traffic does, 1 to 65535.
   *
   * @default - no test listener
   */
  readonly testPort?: number;
}

/** Options of a linear deployment. */
export interface LinearOptions extends BlueGreenOptions {
  /**
   * The percentage of traffic that shifts in each step: 3 to 100, with at most one decimal place.
   *
   * @default 10
   */
  readonly stepPercent?: number;

  /**
   * The time between two steps, 0 to 1440 whole minutes. All steps and `bakeTime` together take at most 33 hours.
   *
   * @default Duration.minutes(6)
   */
  readonly stepBakeTime?: Duration;
}

/** Options of a canary deployment. */
export interface CanaryOptions extends BlueGreenOptions {
  /**
   * The percentage of traffic that shifts first: 0.1 to 100, with at most one decimal place.
   *
   * @default 5
   */
  readonly canaryPercent?: number;

  /**
   * The time before the rest of the traffic shifts, 0 to 1440 whole minutes; together with `bakeTime` at most 33 hours.
   *
   * @default Duration.minutes(10)
   */
  readonly canaryBakeTime?: Duration;
}

const BAKE_TIME: DurationRule = { kind: 'duration', unit: 'minutes', min: 0, max: 1440, fix: 'Use whole minutes, at most 24 hours.' };
const DESIRED_PERCENT = (min: number, max?: number): NumberRule => ({
  kind: 'integer', min, max, fix: 'Use a percentage of the desired tasks: minHealthyPercent: 100 with maxHealthyPercent: 200 starts new tasks before old ones stop.',
});
const TRAFFIC_PERCENT = (min: number): NumberRule => ({ kind: 'number', min, max: 100, fix: 'Use a percentage of the traffic, e.g. 10.' });

const COMMON: Rules<DeploymentOptions> = {
  alarms: ALARMS,
  hooks: {
    kind: 'list', fix: 'Use a list such as [DeploymentHook.lambda(handler, { stages })], or leave it out.', of: {
      kind: 'instance', methods: ['_bind'], must: 'be a DeploymentHook', fix: 'Call a factory such as DeploymentHook.lambda(handler, { stages }).',
    },
  },
  redeployOn: {
    kind: 'list', min: 1, fix: 'List the values that change, e.g. [secret.secretFullArn], or leave it out.',
    of: { kind: 'text', pattern: /^[^]+$/, must: 'be a string that is not empty', fix: 'Use a value that changes, e.g. secret.secretFullArn.' },
  },
  healthCheckGracePeriod: { kind: 'duration', unit: 'seconds', max: 2_147_483_647, fix: 'Use whole seconds, e.g. Duration.seconds(120).' },
};
const SHIFTING: Rules<BlueGreenOptions> = {
  ...COMMON,
  bakeTime: BAKE_TIME,
  testPort: { kind: 'integer', min: 1, max: 65535, fix: 'Use a port that is not in use, e.g. 8080, or leave it out.' },
};

// Property names of aws-cdk and of other deployment strategies, with the fix for each.
const REPLACEMENTS = {
  deploymentAlarms: 'Write alarms: [alarm].',
  lifecycleHooks: 'Write hooks: [DeploymentHook.lambda(handler, { stages })].',
  forceNewDeployment: 'Write redeployOn: [value], with a value that changes.',
  deploymentStrategy: 'Choose the strategy by its factory, e.g. Deployment.blueGreen().',
  deploymentController: 'Leave it out: ECS controls the deployment.',
};
const NOT_SHIFTING = {
  testPort: 'Only Deployment.blueGreen, Deployment.linear and Deployment.canary have a test port.',
};
const NOT_ROLLING = {
  minHealthyPercent: 'Only Deployment.rolling has it: all tasks of both versions run during this deployment.',
  maxHealthyPercent: 'Only Deployment.rolling has it: all tasks of both versions run during this deployment.',
  circuitBreaker: 'Only Deployment.rolling has it: this deployment always uses CircuitBreaker.rollback().',
  keepAlternateTargetGroup: 'Leave it out: this deployment always has two target groups.',
};
const NOT_LINEAR = {
  stepPercent: 'Only Deployment.linear has steps.',
  stepBakeTime: 'Only Deployment.linear has steps.',
  linearConfiguration: 'Write Deployment.linear({ stepPercent: 10, stepBakeTime: Duration.minutes(6) }).',
};
const NOT_CANARY = {
  canaryPercent: 'Only Deployment.canary has a canary.',
  canaryBakeTime: 'Only Deployment.canary has a canary.',
  canaryConfiguration: 'Write Deployment.canary({ canaryPercent: 5, canaryBakeTime: Duration.minutes(10) }).',
};

export const ROLLING = new Shape<RollingOptions>('Write options in braces, or nothing: Deployment.rolling().', {
  ...COMMON,
  minHealthyPercent: DESIRED_PERCENT(0, 100),
  maxHealthyPercent: DESIRED_PERCENT(100),
  bakeTime: BAKE_TIME,
  circuitBreaker: { kind: 'instance', methods: ['_check'], must: 'be a CircuitBreaker', fix: 'Call a factory such as CircuitBreaker.afterFailures(5).' },
  keepAlternateTargetGroup: { kind: 'boolean' },
}, { ...REPLACEMENTS, ...NOT_SHIFTING, ...NOT_LINEAR, ...NOT_CANARY });

export const BLUE_GREEN = new Shape<BlueGreenOptions>('Write options in braces, or nothing: Deployment.blueGreen().', SHIFTING,
  { ...REPLACEMENTS, ...NOT_ROLLING, ...NOT_LINEAR, ...NOT_CANARY });

export const LINEAR = new Shape<LinearOptions>('Write options in braces, or nothing: Deployment.linear().', {
  ...SHIFTING,
  stepPercent: TRAFFIC_PERCENT(3),
  stepBakeTime: BAKE_TIME,
}, { ...REPLACEMENTS, ...NOT_ROLLING, ...NOT_CANARY, linearConfiguration: NOT_LINEAR.linearConfiguration });

export const CANARY = new Shape<CanaryOptions>('Write options in braces, or nothing: Deployment.canary().', {
  ...SHIFTING,
  canaryPercent: TRAFFIC_PERCENT(0.1),
  canaryBakeTime: BAKE_TIME,
}, { ...REPLACEMENTS, ...NOT_ROLLING, ...NOT_LINEAR, canaryConfiguration: NOT_CANARY.canaryConfiguration });
