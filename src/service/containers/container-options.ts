import { ContainerImage, HealthCheck, Secret } from 'aws-cdk-lib/aws-ecs';

/** One container of a service. */
export interface ContainerOptions {
  /** The image: a `PublishedImage`, or any other `ecs.ContainerImage` such as `fromRegistry('nginx')`. */
  readonly image: ContainerImage;

  /**
   * The port that the process in the container listens on, 1 to 65535.
   *
   * @default - nothing connects to the container
   */
  readonly port?: number;

  /**
   * The most memory that the container may use, in MiB, at least 6. A container that wants more is stopped.
   *
   * @default - as much as the task has; on EC2 instances as much as there is, of which 512 MiB are kept for the container
   */
  readonly memoryLimitMiB?: number;

  /**
   * CPU units that are kept for the container, at least 1; 1024 are one virtual CPU.
   *
   * @default - the containers share what the task has
   */
  readonly cpu?: number;

  /**
   * The command, instead of the image's own.
   *
   * @default - the CMD of the image
   */
  readonly command?: string[];

  /**
   * The entry point, instead of the image's own.
   *
   * @default - the ENTRYPOINT of the image
   */
  readonly entryPoint?: string[];

  /**
   * Environment variables. They are readable in the console: give passwords as `secrets`.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * Environment variables from Secrets Manager or Systems Manager.
   *
   * @default - none
   */
  readonly secrets?: { [name: string]: Secret };

  /**
   * A command inside the container that tells whether it is healthy. Throws outside of the limits of ECS: timeout
   * 2 to 60 seconds, 1 to 10 retries, start period up to 300 seconds.
   *
   * @default - the HEALTHCHECK of the image is not used, as ECS does
   */
  readonly healthCheck?: HealthCheck;

  /**
   * Whether the task stops when this container stops.
   *
   * @default true
   */
  readonly essential?: boolean;
}

/** The containers of a task, by name. */
export type Containers = { readonly [name: string]: ContainerOptions };
