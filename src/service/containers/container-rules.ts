import { Token } from 'aws-cdk-lib';
import { HealthCheck, Ulimit } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { ContainerCapabilities } from './container-capabilities';
import { CONTAINER, ContainerOptions, Containers } from './container-options';
import { namesWithLogRouter } from './log-router';
import { checkSecretArn } from './secret-arns';
import { checkDependencies, checkPorts, checkSharedSystemControls, checkVolumes } from './task-rules';
import { ImageSource } from '../../image/image-source';
import { checkValue, isObject } from '../../private/shape';
import { reject } from '../../private/validation';

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
const MAX_CONTAINERS = 10;

/**
 * Rejects containers that AWS rejects or that cannot run.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
 */
export function checkContainers(scope: IConstruct, containers: Containers): void {
  const property = 'containers';
  const fix = 'Write containers: { web: { image, port: 80 } }.';
  if (!isObject(containers)) {
    reject(scope, { property, must: 'be an object', got: containers, fix });
  }
  const all = Object.entries(containers);
  if (all.length === 0) {
    reject(scope, { property, must: 'have at least one container', got: [], fix });
  }
  all.forEach(([name, container]) => checkContainer(scope, name, container));
  const names = namesWithLogRouter(containers);
  if (names.length > MAX_CONTAINERS) {
    reject(scope, { property, must: `have at most ${MAX_CONTAINERS} containers`, got: names, fix: 'Use several services.' });
  }
  if (all.every(([, container]) => container.essential === false)) {
    reject(scope, {
      property, must: 'have an essential container', got: all.map(([name]) => name), fix: 'Remove \'essential\' from the container that does the work.',
    });
  }
  checkPorts(scope, containers);
  checkDependencies(scope, containers);
  checkVolumes(scope, containers);
  checkSharedSystemControls(scope, containers);
}

function checkContainer(scope: IConstruct, name: string, container: ContainerOptions): void {
  const property = `containers.${name}`;
  checkValue(scope, property, name, {
    kind: 'text', pattern: /^[A-Za-z0-9_-]{1,255}$/, must: 'be named with 1 to 255 letters, digits, "-" or "_"', fix: 'Use a name such as "web".',
  });
  const image: unknown = container?.image;
  if (image instanceof ImageSource) {
    reject(scope, {
      property: `${property}.image`, must: 'be a published image', got: image,
      fix: 'Publish the source and use the returned image: repository.publish(\'web\', source).',
    });
  }
  CONTAINER.check(scope, property, container);
  checkMemory(scope, property, container);
  checkUlimits(scope, `${property}.ulimits`, container.ulimits);
  checkEnvironment(scope, property, container);
  if (container.healthCheck !== undefined) {
    checkCommand(scope, `${property}.healthCheck.command`, container.healthCheck);
  }
  container.restartPolicy?._check(scope, `${property}.restartPolicy`);
  container.logging?._check(scope, `${property}.logging`);
  container.security?._check(scope, `${property}.security`);
  checkSecurity(scope, property, container);
}

function checkMemory(scope: IConstruct, property: string, { memoryLimitMiB, memoryReservationMiB }: ContainerOptions): void {
  if (isAbove(memoryReservationMiB, memoryLimitMiB)) {
    reject(scope, {
      property: `${property}.memoryReservationMiB`, must: `be at most the limit of ${memoryLimitMiB} MiB`, got: memoryReservationMiB,
      fix: 'Reduce it, or increase memoryLimitMiB.',
    });
  }
}

const UNLIMITED = -1;

function checkUlimits(scope: IConstruct, property: string, ulimits: Ulimit[] = []): void {
  if (Token.isUnresolved(ulimits)) return;
  ulimits.forEach(({ name, softLimit, hardLimit }, index) => {
    if (ulimits.findIndex(other => other.name === name) !== index) {
      reject(scope, { property, must: 'have each name once', got: name, fix: 'Remove one of the two.' });
    }
    if (hardLimit !== UNLIMITED && (softLimit === UNLIMITED || isAbove(softLimit, hardLimit))) {
      reject(scope, {
        property: `${property}[${index}].softLimit`, must: `be at most the hard limit of ${hardLimit}`, got: softLimit, fix: 'Increase the hard limit.',
      });
    }
  });
}

// https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-8
const CREDENTIALS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'ECS_ENGINE_AUTH_DATA'];

/** Rejects a name that is both a variable and a secret, and names of AWS credentials. */
function checkEnvironment(scope: IConstruct, container: string, { environment = {}, secrets = {} }: ContainerOptions): void {
  Object.entries(secrets).forEach(([name, secret]) => checkSecretArn(scope, `${container}.secrets.${name}`, secret.arn));
  for (const name of Object.keys(environment)) {
    const property = `${container}.environment.${name}`;
    if (CREDENTIALS.includes(name)) {
      reject(scope, {
        property, must: 'be left out, because everyone with access to the task definition can read it', got: 'a value, which is not shown',
        fix: 'Grant permissions to the task role: bucket.grantRead(service).',
      });
    }
    if (Object.hasOwn(secrets, name)) {
      reject(scope, { property, must: 'not be a secret as well', got: name, fix: 'Keep it in \'secrets\' if the value is secret, otherwise in \'environment\'.' });
    }
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html */
function checkCommand(scope: IConstruct, property: string, { command }: HealthCheck): void {
  if (Token.isUnresolved(command)) return;
  const [kind, ...words] = command;
  const fix = 'Write [\'CMD-SHELL\', \'curl -f http://localhost/\'] or [\'CMD\', \'/healthy\'].';
  if (kind === 'NONE' || (['CMD', 'CMD-SHELL'].includes(kind) && words.length === 0)) {
    reject(scope, { property, must: 'have a command', got: command, fix });
  }
  if (kind === 'CMD-SHELL' && words.length > 1) {
    reject(scope, { property, must: 'have one string after "CMD-SHELL", because the shell ignores the others', got: command, fix });
  }
}

/** Rejects settings of the container that contradict its security. */
function checkSecurity(scope: IConstruct, container: string, { user, volumes = {}, security }: ContainerOptions): void {
  if (user !== undefined && security?._isHardened) {
    reject(scope, {
      property: `${container}.user`, must: 'be left out, because \'security\' sets the user', got: user,
      fix: 'Write security: ContainerSecurity.hardened({ user: \'1000\' }).',
    });
  }
  // A volume replaces a default directory, but contradicts a directory that the user lists.
  const mounted = security?._writable?.find(path => !Token.isUnresolved(path) && Object.hasOwn(volumes, path));
  if (mounted !== undefined) {
    reject(scope, {
      property: `${container}.security.writable`, must: 'not contain the path of a volume', got: mounted, fix: 'Remove one of the two.',
    });
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html#ecs-exec-considerations */
export function checkExecuteCommand(scope: IConstruct, containers: Containers): void {
  for (const [name, { security }] of Object.entries(containers)) {
    if (security !== undefined) {
      reject(scope, {
        property: 'enableExecuteCommand', must: 'be left out if a container has a read-only root filesystem, because its agent writes to it',
        got: true, fix: `Remove enableExecuteCommand, or the security of '${name}'.`,
      });
    }
  }
}

/** Rejects settings that the launch type does not support. */
export function checkCapabilities(scope: IConstruct, containers: Containers, capabilities: ContainerCapabilities): void {
  for (const [name, { sharedMemorySize, startTimeout, stopTimeout, volumes = {} }] of Object.entries(containers)) {
    const property = `containers.${name}`;
    const seconds = { kind: 'duration', unit: 'seconds', fix: 'Use a value within these limits of ECS.', ...capabilities.timeouts } as const;
    checkValue(scope, `${property}.startTimeout`, startTimeout, seconds);
    checkValue(scope, `${property}.stopTimeout`, stopTimeout, seconds);
    if (sharedMemorySize !== undefined && !capabilities.hasSharedMemorySize) {
      reject(scope, {
        property: `${property}.sharedMemorySize`, must: `be left out on ${capabilities.name}, which does not support it`, got: sharedMemorySize,
        fix: 'Use an Ec2Service, or another directory.',
      });
    }
    for (const [path, volume] of Object.entries(volumes)) {
      volume._definition.checkOffered?.(scope, `${property}.volumes.${path}`, capabilities);
    }
  }
}

/** Rejects a log driver that the launch type does not support. Called after the driver is bound, when its name is known. */
export function checkLogDriver(scope: IConstruct, container: string, driver: string | undefined, { name, logDrivers }: ContainerCapabilities): void {
  if (driver !== undefined && logDrivers !== undefined && !logDrivers.includes(driver)) {
    reject(scope, {
      property: `containers.${container}.logging`, must: `use a log driver of ${name}: ${logDrivers.join(', ')}`, got: driver,
      fix: 'Use ContainerLogging.toCloudWatch() or an Ec2Service.',
    });
  }
}

function isAbove(value: number | undefined, limit: number | undefined): boolean {
  return value !== undefined && limit !== undefined && !Token.isUnresolved(value) && !Token.isUnresolved(limit) && value > limit;
}
