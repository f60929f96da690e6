/**
 * Properties of `Custom::ContainerRunOnce`, as the construct renders them and the handler reads them.
 *
 * Types only, so that both sides can import them without pulling in each other. CloudFormation turns every scalar into a string.
 * A change of meaning needs a new `SchemaVersion`.
 */
export interface RunOnceProperties {
  /** Version of this contract. */
  readonly SchemaVersion: '1';

  /** ARN of the cluster. */
  readonly Cluster: string;

  /** ARN of the task definition, with its revision: whatever changes in the task changes it. */
  readonly TaskDefinition: string;

  readonly LaunchType: 'FARGATE' | 'EC2';

  /**
   * LATEST or a number with dots, only on Fargate.
   *
   * @default - not said: the latest
   */
  readonly PlatformVersion?: string;

  readonly Subnets: string[];

  readonly SecurityGroups: string[];

  /**
   * ENABLED or DISABLED.
   *
   * @default - not said: ECS takes it on Fargate only
   */
  readonly AssignPublicIp?: string;

  /** How many seconds all of it may take. */
  readonly TimeoutSeconds: string;

  /** The containers of the task. */
  readonly Containers: RunContainerProperties[];

  /**
   * Name of the log group of the containers.
   *
   * @default - no log is read
   */
  readonly LogGroup?: string;

  /** How many lines of its log are told when a container fails. */
  readonly LogLines: string;
}

/** One container of the task. */
export interface RunContainerProperties {
  readonly Name: string;

  /** `true` when its exit code decides. */
  readonly Essential: string;

  /**
   * Its log streams are `<prefix>/<name>/<id of the task>`.
   *
   * @default - it logs elsewhere
   */
  readonly StreamPrefix?: string;
}
