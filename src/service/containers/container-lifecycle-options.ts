import { Duration } from 'aws-cdk-lib';
import { HealthCheck } from 'aws-cdk-lib/aws-ecs';
import { ContainerDependency } from './container-dependency';
import { ContainerRestartPolicy } from './container-restart-policy';

/** When a container starts, counts as healthy, and stops. */
export interface ContainerLifecycleOptions {
  /**
   * Whether the task stops when this container stops.
   *
   * @default true
   */
  readonly essential?: boolean;

  /**
   * A command inside the container that tells whether it is healthy. Throws outside of the limits of ECS: interval
   * 5 to 300 seconds, timeout 2 to 60 seconds, 1 to 10 retries, start period up to 300 seconds.
   *
   * @default - the HEALTHCHECK of the image is not used, as ECS does
   */
  readonly healthCheck?: HealthCheck;

  /**
   * What has to have happened to other containers of the task before this one starts. They stop in the opposite order.
   *
   * Throws when the other container does not exist or cannot get there, and when containers wait for each other.
   *
   * @default - the containers start together
   */
  readonly dependsOn?: ContainerDependency[];

  /**
   * How long others wait for this container to get where they need it, before the task is given up. 2 to 120 seconds on Fargate.
   *
   * @default - 3 minutes
   */
  readonly startTimeout?: Duration;

  /**
   * How long the container may take to stop by itself, before it is killed. 2 to 120 seconds on Fargate.
   *
   * @default Duration.seconds(30)
   */
  readonly stopTimeout?: Duration;

  /**
   * Whether the container is started again in the same task when it stops.
   *
   * @default - the task stops with an essential container, and a new one takes its place
   */
  readonly restartPolicy?: ContainerRestartPolicy;
}
