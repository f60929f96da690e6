/**
 * Properties of `Custom::ContainerOneOffTask`, which the construct renders and the handler reads.
 *
 * Only types, so neither side depends on the other. CloudFormation turns every scalar into a string. A change of meaning needs a new
 * `SchemaVersion`.
 */
export interface OneOffTaskProperties {
  /** The version of this contract. */
  readonly SchemaVersion: '1';

  /** The ARN of the cluster. */
  readonly Cluster: string;

  /** The ARN of the task definition with its revision, which changes with the task. */
  readonly TaskDefinition: string;

  readonly LaunchType: 'FARGATE' | 'EC2';

  /**
   * LATEST or a number with dots, only on Fargate.
   *
   * @default - not passed to ECS, which uses the latest
   */
  readonly PlatformVersion?: string;

  readonly Subnets: string[];

  readonly SecurityGroups: string[];

  /**
   * ENABLED or DISABLED.
   *
   * @default - not passed to ECS, which accepts it on Fargate only
   */
  readonly AssignPublicIp?: string;

  /** The time limit in seconds. */
  readonly TimeoutSeconds: string;

  /** The containers of the task. */
  readonly Containers: RunContainerProperties[];

  /**
   * The name of the log group of the containers.
   *
   * @default - no log is read
   */
  readonly LogGroup?: string;

  /** The number of log lines to report if a container fails. */
  readonly LogLines: string;
}

/** One container of the task. */
export interface RunContainerProperties {
  readonly Name: string;

  /** `true` if its exit code determines the result. */
  readonly Essential: string;

  /**
   * The prefix of its log streams, `<prefix>/<name>/<id of the task>`.
   *
   * @default - the container logs elsewhere
   */
  readonly StreamPrefix?: string;
}
