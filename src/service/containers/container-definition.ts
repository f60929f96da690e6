import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { byName } from './by-name';
import { ContainerCapabilities } from './container-capabilities';
import { ContainerOptions } from './container-options';
import { ContainerRestartPolicy } from './container-restart-policy';
import { isSecretName } from '../../private/secret-names';
import { checkValue } from '../../private/shape';

/** Properties of a `TaskContainer`. */
export interface TaskContainerProps extends ecs.ContainerDefinitionProps {
  readonly restartPolicy?: ContainerRestartPolicy;
}

/** A container definition without the number checks of the L2, which reject tokens. The numbers have already been checked. */
export class TaskContainer extends ecs.ContainerDefinition {
  private readonly given: TaskContainerProps;

  constructor(scope: Construct, id: string, props: TaskContainerProps) {
    const { memoryLimitMiB, memoryReservationMiB, healthCheck, restartPolicy, ...plain } = props;
    // The L2 requires a memory limit or a memory reservation.
    super(scope, id, { ...plain, memoryReservationMiB: memoryReservationMiB ?? memoryLimitMiB });
    this.given = props;
  }

  public renderContainerDefinition(taskDefinition?: ecs.TaskDefinition): ecs.CfnTaskDefinition.ContainerDefinitionProperty {
    const { memoryLimitMiB, memoryReservationMiB, healthCheck, restartPolicy } = this.given;
    return {
      ...super.renderContainerDefinition(taskDefinition),
      memory: memoryLimitMiB,
      memoryReservation: memoryReservationMiB,
      healthCheck: healthCheck && renderHealthCheck(healthCheck),
      restartPolicy: restartPolicy?._render(),
    };
  }
}

function renderHealthCheck({ command, interval, timeout, retries, startPeriod }: ecs.HealthCheck): ecs.CfnTaskDefinition.HealthCheckProperty {
  return {
    command: commandOf(command),
    interval: interval?.toSeconds() ?? 30,
    timeout: timeout?.toSeconds() ?? 5,
    retries: retries ?? 3,
    startPeriod: startPeriod?.toSeconds(),
  };
}

/** Converts a health check command as the L2 does: a single string runs in a shell, several are a program and its arguments. */
function commandOf(command: string[]): string[] {
  if (Token.isUnresolved(command) || ['CMD', 'CMD-SHELL'].includes(command[0])) {
    return command;
  }
  return [command.length === 1 ? 'CMD-SHELL' : 'CMD', ...command];
}

const FIRST_OPEN_PORT = 'net.ipv4.ip_unprivileged_port_start';

/** The kernel settings of a container, from its options and its security. */
export function kernelSettings(
  scope: Construct, id: string, container: ContainerOptions, { hasSecurityOptions }: ContainerCapabilities,
): Partial<ecs.ContainerDefinitionOptions> {
  const { security } = container;
  const settings = { linuxParameters: linuxParametersOf(scope, id, container), systemControls: systemControlsOf(container) };
  if (security === undefined) {
    return settings;
  }
  return {
    ...settings,
    readonlyRootFilesystem: true,
    user: security._user ?? container.user,
    // Fargate does not have this setting. Without capabilities, setuid programs gain nothing on Fargate either.
    dockerSecurityOptions: security._isHardened && hasSecurityOptions ? ['no-new-privileges'] : undefined,
  };
}

function systemControlsOf({ security, systemControls: given = [], port, additionalPorts = [] }: ContainerOptions): ecs.SystemControl[] | undefined {
  const ports = [port, ...additionalPorts.map(each => each.port)].flatMap(each => each ?? []);
  // Lets every user listen on low ports. Docker sets this by default, ECS does not: https://github.com/aws/containers-roadmap/issues/1721
  const opens = security?._needsOpening(ports) && given.every(({ namespace }) => namespace !== FIRST_OPEN_PORT);
  const all = [...opens ? [{ namespace: FIRST_OPEN_PORT, value: '0' }] : [], ...given];
  return all.length === 0 ? undefined : all;
}

function linuxParametersOf(scope: Construct, id: string, container: ContainerOptions): ecs.LinuxParameters | undefined {
  const { initProcessEnabled, sharedMemorySize, security, user, volumes = {} } = container;
  if (initProcessEnabled === undefined && sharedMemorySize === undefined && security === undefined) {
    return undefined;
  }
  const parameters = new ecs.LinuxParameters(scope, id, { initProcessEnabled, sharedMemorySize: sharedMemorySize?.toMebibytes() });
  if (security?._isHardened) {
    parameters.dropCapabilities(ecs.Capability.ALL);
  }
  parameters.addTmpfs(...security?._tmpfs(Object.keys(volumes), user) ?? []);
  return parameters;
}

/** An environment file with its own scope, because two assets would collide in the scope of the container. */
export class ScopedEnvironmentFile extends ecs.EnvironmentFile {
  /** `owner` and `property` are for error messages. */
  constructor(
    private readonly file: ecs.EnvironmentFile, private readonly index: number, private readonly owner: IConstruct, private readonly property: string,
  ) {
    super();
  }

  public bind(scope: Construct): ecs.EnvironmentFileConfig {
    const config = this.file.bind(new Construct(scope, `EnvironmentFile${this.index + 1}`));
    checkValue(this.owner, this.property, config.s3Location.objectKey, {
      kind: 'text', pattern: /\.env$/, must: 'end with ".env", because ECS ignores other files', fix: 'Rename the file.',
    });
    return config;
  }
}

/**
 * Allows the execution role to read the environment files, which the L2 does not do.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html#task-execution-envvars
 */
export function allowEnvironmentFiles({ taskDefinition, environmentFiles = [] }: ecs.ContainerDefinition): void {
  for (const { s3Location: { bucketName, objectKey } } of environmentFiles) {
    const bucketArn = Stack.of(taskDefinition).formatArn({ service: 's3', region: '', account: '', resource: bucketName });
    const allow = (action: string, arn: string) =>
      taskDefinition.addToExecutionRolePolicy(new PolicyStatement({ actions: [`s3:${action}`], resources: [arn] }));
    allow('GetObject', `${bucketArn}/${objectKey}`);
    allow('GetBucketLocation', bucketArn);
  }
}

const SECRET_WARNING = 'cdk-container-delivery:secretInEnvironment';

/** Warns about variables with names like those of secrets, because the task definition shows their values. */
export function warnOfSecretInEnvironment(scope: IConstruct, name: string, { environment = {} }: ContainerOptions): void {
  const suspects = byName(environment)
    .filter(([key, value]) => isSecretName(key) && value !== '' && !Token.isUnresolved(value))
    .map(([key]) => `'${key}'`);
  if (suspects.length > 0) {
    Annotations.of(scope).addWarningV2(SECRET_WARNING, [
      `The container '${name}' has ${suspects.join(', ')} in 'environment', which everyone with access to the task definition can read.`,
      'If the value is secret, pass it in \'secrets\' with ecs.Secret.fromSecretsManager(…). If not, acknowledge this warning.',
    ].join(' '));
  }
}
