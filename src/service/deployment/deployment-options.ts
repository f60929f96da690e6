import { Duration } from 'aws-cdk-lib';
import { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { CircuitBreaker } from './circuit-breaker';
import { DeploymentHook } from './deployment-hook';

/** What every kind of deployment has. */
export interface DeploymentOptions {
  /**
   * Alarms that send the deployment back as soon as one of them rings. One that rings already when the deployment begins is left out of
   * it by ECS, so that a mended version can be deployed.
   *
   * An alarm on a metric of the service itself has to have an `alarmName`, because each would else wait for the other; give it to
   * `service.rollBackOn(…)`, which takes alarms when the service exists.
   *
   * @default - none
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
   */
  readonly alarms?: IAlarm[];

  /**
   * What is called, or waited for, on the way.
   *
   * @default - nothing
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html
   */
  readonly hooks?: DeploymentHook[];

  /**
   * The service is deployed again when one of these texts is another one than the last time, even if its task definition is the same: for
   * what tasks read only when they start, e.g. the version of a secret, or the digest of an image that is named by a tag.
   *
   * Images that this library publishes do not belong here: tasks name them by digest or content hash, so a new one is deployed anyway.
   * Texts that are only known at deployment have at most 230 characters together.
   *
   * @default - deployed when the task definition or the service changes
   */
  readonly redeployOn?: string[];

  /**
   * For how long a new task may fail its health checks before it is replaced, in whole seconds. Needs a load balancer or a container with a
   * health check.
   *
   * @default - 60 seconds with a load balancer, otherwise none
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html#ECS-CreateService-request-healthCheckGracePeriodSeconds
   */
  readonly healthCheckGracePeriod?: Duration;
}

/** What may differ in a rolling deployment. */
export interface RollingDeploymentOptions extends DeploymentOptions {
  /**
   * How many of the desired tasks run at least while they are replaced, in percent, rounded up: 0 to 100.
   *
   * @default 100
   */
  readonly minHealthyPercent?: number;

  /**
   * How many tasks run at most while they are replaced, in percent of the desired ones, rounded down: at least 100. There has to be room
   * for at least one task between the two.
   *
   * @default 200
   */
  readonly maxHealthyPercent?: number;

  /**
   * For how long alarms are watched after all tasks have been replaced: 0 to 1440 whole minutes. With a bake time CloudFormation waits up to
   * 36 hours for the deployment, and without one 3 hours.
   *
   * @default - none; one minute with hooks, so that they have the time to decide
   */
  readonly bakeTime?: Duration;

  /**
   * After how many failed tasks the deployment has failed.
   *
   * @default CircuitBreaker.rollback()
   */
  readonly circuitBreaker?: CircuitBreaker;
}

/** What may differ in a blue/green deployment. */
export interface BlueGreenDeploymentOptions extends DeploymentOptions {
  /**
   * For how long the old version goes on running after all clients have been moved, so that they can be moved back at once:
   * 0 to 1440 whole minutes.
   *
   * @default Duration.minutes(15)
   */
  readonly bakeTime?: Duration;

  /**
   * The port of a further listener that reaches the new version before clients do, 1 to 65535.
   *
   * @default - no such listener
   */
  readonly testPort?: number;
}

/** What may differ in a linear deployment. */
export interface LinearDeploymentOptions extends BlueGreenDeploymentOptions {
  /**
   * How many more clients are moved in each step, in percent: 3 to 100, with one decimal place at most.
   *
   * @default 10
   */
  readonly stepPercent?: number;

  /**
   * How long each step lasts: 0 to 1440 whole minutes, and all steps with `bakeTime` at most 33 hours.
   *
   * @default Duration.minutes(6)
   */
  readonly stepBakeTime?: Duration;
}

/** What may differ in a canary deployment. */
export interface CanaryDeploymentOptions extends BlueGreenDeploymentOptions {
  /**
   * How many clients are moved at first, in percent: 0.1 to 100, with one decimal place at most.
   *
   * @default 5
   */
  readonly canaryPercent?: number;

  /**
   * For how long only they are: 0 to 1440 whole minutes, with `bakeTime` at most 33 hours.
   *
   * @default Duration.minutes(10)
   */
  readonly canaryBakeTime?: Duration;
}
