import { Duration, Size } from 'aws-cdk-lib';
import {
  ContainerImage, EnvironmentFile, HealthCheck, Secret, SystemControl, Ulimit, UlimitName, VersionConsistency,
} from 'aws-cdk-lib/aws-ecs';
import { ContainerDependency } from './container-dependency';
import { ContainerLogging } from './container-logging';
import { ContainerRestartPolicy } from './container-restart-policy';
import { ContainerSecurity } from './container-security';
import { ListeningPort } from './listening-port';
import { TaskVolume } from './volumes/task-volume';
import { Rule, Shape } from '../../private/shape';

/** Options of the process in a container. */
export interface ContainerProcessOptions {
  /**
   * The command to run.
   *
   * @default - the CMD of the image
   */
  readonly command?: string[];

  /**
   * The entry point.
   *
   * @default - the ENTRYPOINT of the image
   */
  readonly entryPoint?: string[];

  /**
   * The working directory, an absolute path.
   *
   * @default - the WORKDIR of the image
   */
  readonly workingDirectory?: string;

  /**
   * The user of the process, e.g. `1000`, `1000:1000` or `node`. Throws with `ContainerSecurity.hardened`, which has its own option.
   *
   * @default - the USER of the image
   */
  readonly user?: string;

  /**
   * Environment variables. They are visible in the console, so pass passwords as `secrets`.
   *
   * Throws for the names of AWS credentials. A name that looks like a password causes a warning, which you can acknowledge as
   * `cdk-container-delivery:secretInEnvironment`.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * Files with environment variables in a bucket, at most 10, each named `*.env`. Variables in `environment` take precedence.
   *
   * The tasks get read access to these objects only. If the bucket uses a customer managed key, grant the execution role access to the key yourself.
   *
   * @default - none
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html
   */
  readonly environmentFiles?: EnvironmentFile[];

  /**
   * Environment variables from Secrets Manager or Systems Manager.
   *
   * @default - none
   */
  readonly secrets?: { [name: string]: Secret };

  /**
   * Docker labels of the container.
   *
   * @default - none
   */
  readonly dockerLabels?: { [name: string]: string };

  /**
   * Whether the process gets a terminal (TTY). Some programs buffer or omit their output without one.
   *
   * @default false
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
   */
  readonly pseudoTerminal?: boolean;

  /**
   * Whether an init process runs in the container, which forwards signals and reaps child processes.
   *
   * @default false
   */
  readonly initProcessEnabled?: boolean;
}

/** Options of the resources of a container. */
export interface ContainerResourceOptions {
  /**
   * The memory limit in MiB, at least 6. A container that exceeds it is stopped.
   *
   * @default - the memory of the task; on EC2 the memory of the instance
   */
  readonly memoryLimitMiB?: number;

  /**
   * The memory to reserve in MiB, at least 6 and at most `memoryLimitMiB`. The container can use more if available.
   *
   * @default - on EC2 `memoryLimitMiB`, or 512 if that is not set either; none on Fargate
   */
  readonly memoryReservationMiB?: number;

  /**
   * The CPU units to reserve. 1024 units are one vCPU.
   *
   * @default - the containers share the CPU of the task
   */
  readonly cpu?: number;

  /**
   * The volumes to mount, by absolute path in the container. Two containers that mount the same volume share it.
   *
   * @default - none
   */
  readonly volumes?: { [path: string]: TaskVolume };

  /**
   * The size of `/dev/shm`, in whole MiB. Throws on Fargate, which does not support it.
   *
   * @default - 64 MiB
   */
  readonly sharedMemorySize?: Size;

  /**
   * Limits of the operating system, e.g. for open files. Each name at most once.
   *
   * @default - the limits of the operating system; 65535 open files on Fargate
   */
  readonly ulimits?: Ulimit[];

  /**
   * Namespaced kernel parameters, each name at most once: `net.…`, which all containers of a task share, and those of interprocess communication
   * (`fs.mqueue.…`, `kernel.shmmax` and so on).
   *
   * Throws for other parameters, and for two values of one network parameter in a task.
   *
   * @default - the values of the operating system
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SystemControl.html
   */
  readonly systemControls?: SystemControl[];
}

/** Options of the lifecycle of a container. */
export interface ContainerLifecycleOptions {
  /**
   * Whether the task stops when this container stops.
   *
   * @default true
   */
  readonly essential?: boolean;

  /**
   * The health check of the container: a command that runs inside it. Limits of ECS: interval 5 to 300 seconds, timeout 2 to 60 seconds, 1 to 10
   * retries, start period up to 300 seconds.
   *
   * @default - none; ECS ignores the HEALTHCHECK of the image
   */
  readonly healthCheck?: HealthCheck;

  /**
   * Containers of the task that must reach a condition before this container starts. They stop in the opposite order.
   *
   * Throws if another container does not exist or cannot reach the condition, and for circular dependencies.
   *
   * @default - all containers start at the same time
   */
  readonly dependsOn?: ContainerDependency[];

  /**
   * The time that other containers wait for the condition of this container, before the task fails. 2 to 120 seconds on Fargate.
   *
   * @default - 3 minutes
   */
  readonly startTimeout?: Duration;

  /**
   * The time that the container has to stop before it is killed. 2 to 120 seconds on Fargate.
   *
   * @default Duration.seconds(30)
   */
  readonly stopTimeout?: Duration;

  /**
   * Whether ECS restarts the container in the same task when it exits.
   *
   * @default - no restart; when an essential container exits, ECS replaces the task
   */
  readonly restartPolicy?: ContainerRestartPolicy;
}

/** Options of a container. */
export interface ContainerOptions extends ContainerProcessOptions, ContainerResourceOptions, ContainerLifecycleOptions {
  /** The image: a `PublishedImage`, or another `ecs.ContainerImage` such as `fromRegistry('nginx')`. */
  readonly image: ContainerImage;

  /**
   * Whether ECS resolves the tag of the image to a digest once per deployment. A `PublishedImage` never changes in any case.
   *
   * @default - VersionConsistency.ENABLED; DISABLED for CDK assets, whose tags never move
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html#deployment-container-image-stability
   */
  readonly versionConsistency?: VersionConsistency;

  /**
   * The port that the container listens on, 1 to 65535.
   *
   * @default - none
   */
  readonly port?: number;

  /**
   * Additional ports, UDP ports, and ports with a protocol for Service Connect.
   *
   * @default - none
   */
  readonly additionalPorts?: ListeningPort[];

  /**
   * The log configuration.
   *
   * @default ContainerLogging.toCloudWatch(), into the log group of the service
   */
  readonly logging?: ContainerLogging;

  /**
   * Restrictions that limit what an attacker can do inside the container.
   *
   * @default - the settings of the image
   */
  readonly security?: ContainerSecurity;
}

/** The containers of a task, by name. */
export type Containers = { readonly [name: string]: ContainerOptions };

const TEXTS = 'Write a list of strings such as ["node", "server.js"], or leave it out to use the value of the image.';
const MEMORY: Rule = { kind: 'integer', min: 6, fix: 'Use at least 6 MiB, the minimum of Docker.' };
const HEALTH_CHECK_FIX = 'Write healthCheck: { command: [\'CMD\', \'/healthy\'] }, or leave it out.';
const WITHIN_ECS = 'Use a value within these limits of ECS.';
const ULIMIT_FIX = 'Write ulimits: [{ name: ecs.UlimitName.NOFILE, softLimit: 65535, hardLimit: 65535 }], or leave it out.';
const SYSTEM_CONTROL_FIX = 'Write systemControls: [{ namespace: \'net.core.somaxconn\', value: \'1024\' }], or leave it out.';
const ENVIRONMENT_NAMES = { pattern: /^[^=\s\0]+$/, must: 'have names without spaces and "="' };

/** The rules of `ecs.HealthCheck`. */
export const CONTAINER_HEALTH_CHECK = new Shape<HealthCheck>(HEALTH_CHECK_FIX, {
  command: { kind: 'list', of: { kind: 'text', fix: HEALTH_CHECK_FIX }, min: 1, fix: HEALTH_CHECK_FIX, required: true },
  interval: { kind: 'duration', unit: 'seconds', min: 5, max: 300, fix: WITHIN_ECS },
  timeout: { kind: 'duration', unit: 'seconds', min: 2, max: 60, fix: WITHIN_ECS },
  startPeriod: { kind: 'duration', unit: 'seconds', min: 0, max: 300, fix: WITHIN_ECS },
  retries: { kind: 'integer', min: 1, max: 10, fix: WITHIN_ECS },
}, {
  path: 'Write a command such as [\'CMD-SHELL\', \'curl -f http://localhost/\']. Paths are for exposure.',
});

const LIMIT: Rule = { kind: 'integer', min: -1, fix: 'Use a number, or -1 for no limit.' };

/** The rules of `ecs.Ulimit`. */
export const ULIMIT = new Shape<Ulimit>(ULIMIT_FIX, {
  name: { kind: 'enum', values: Object.values(UlimitName), must: 'be a UlimitName', fix: ULIMIT_FIX, required: true },
  softLimit: { ...LIMIT, required: true },
  hardLimit: { ...LIMIT, required: true },
});

/** The rules of `ecs.SystemControl`. */
export const SYSTEM_CONTROL = new Shape<SystemControl>(SYSTEM_CONTROL_FIX, {
  namespace: {
    kind: 'text', required: true, fix: SYSTEM_CONTROL_FIX,
    pattern: /^(net\.[^\s]+|fs\.mqueue\.[^\s]+|kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced))$/,
    must: 'be a namespaced kernel parameter: net.…, fs.mqueue.…, or kernel.msg…, kernel.sem, kernel.shm…',
  },
  value: { kind: 'text', pattern: /./, must: 'be a string that is not empty', fix: SYSTEM_CONTROL_FIX, required: true },
});

const AWSVPC = 'Leave it out: tasks with their own network interface do not support it.';
const IN_SERVICE = 'Write it in the properties of the service or task.';

/** The rules of `ContainerOptions`, and the properties of `ecs.ContainerDefinitionOptions` that have other names here. */
export const CONTAINER = new Shape<ContainerOptions>('Write containers: { web: { image, port: 80 } }.', {
  image: {
    kind: 'instance', methods: ['bind'], must: 'be a container image', required: true,
    fix: 'Use a PublishedImage, or another image such as ecs.ContainerImage.fromRegistry(\'nginx\').',
  },
  versionConsistency: {
    kind: 'enum', values: Object.values(VersionConsistency), must: 'be a VersionConsistency',
    fix: 'Use ecs.VersionConsistency.ENABLED or DISABLED, or leave it out.',
  },
  port: { kind: 'integer', min: 1, max: 65535, fix: 'Use the port that the container listens on.' },
  additionalPorts: {
    kind: 'list', fix: 'Write additionalPorts: [ListeningPort.tcp(9090)], or leave it out.',
    of: { kind: 'instance', methods: ['grpc'], must: 'be a ListeningPort', fix: 'Use e.g. ListeningPort.tcp(9090).' },
  },
  logging: { kind: 'instance', methods: ['_check', '_bind'], must: 'be a ContainerLogging', fix: 'Use e.g. ContainerLogging.toCloudWatch().' },
  security: { kind: 'instance', methods: ['_check', '_tmpfs'], must: 'be a ContainerSecurity', fix: 'Use e.g. ContainerSecurity.hardened().' },
  command: { kind: 'list', of: { kind: 'text', fix: TEXTS }, fix: TEXTS },
  entryPoint: { kind: 'list', of: { kind: 'text', fix: TEXTS }, fix: TEXTS },
  workingDirectory: { kind: 'text', pattern: /^\/[^\0]*$/, must: 'be an absolute path', fix: 'Use a directory in the container such as "/app".' },
  user: {
    kind: 'text', pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/,
    must: 'be a user, or a user and a group, by name or number', fix: 'Use e.g. "1000", "1000:1000" or "node".',
  },
  environment: {
    kind: 'map', names: ENVIRONMENT_NAMES, fix: 'Write environment: { NAME: \'value\' }, or leave it out.',
    of: { kind: 'text', fix: 'Use a string. If it comes from process.env, the variable may not be set: use a default.' },
  },
  environmentFiles: {
    kind: 'list', max: 10, fix: 'Write environmentFiles: [ecs.EnvironmentFile.fromBucket(…)] with at most 10 files.',
    of: {
      kind: 'instance', methods: ['bind'], must: 'be an ecs.EnvironmentFile', fix: 'Use ecs.EnvironmentFile.fromBucket(…) or ecs.EnvironmentFile.fromAsset(…).',
    },
  },
  secrets: {
    kind: 'map', names: ENVIRONMENT_NAMES, fix: 'Write secrets: { NAME: ecs.Secret.fromSecretsManager(…) }, or leave it out.',
    of: {
      kind: 'instance', methods: ['grantRead'], properties: ['arn'], secret: true, must: 'be an ecs.Secret',
      fix: 'Use ecs.Secret.fromSecretsManager(…) or ecs.Secret.fromSsmParameter(…).',
    },
  },
  dockerLabels: {
    kind: 'map', names: { pattern: /./, must: 'have names' }, of: { kind: 'text', fix: 'Use a string.' },
    fix: 'Write dockerLabels: { name: \'value\' }, or leave it out.',
  },
  pseudoTerminal: { kind: 'boolean' },
  initProcessEnabled: { kind: 'boolean' },
  memoryLimitMiB: MEMORY,
  memoryReservationMiB: MEMORY,
  cpu: { kind: 'integer', min: 0, fix: 'Use CPU units, 1024 for one vCPU, or leave it out.' },
  volumes: {
    kind: 'map', of: { kind: 'instance', methods: ['readOnly'], must: 'be a TaskVolume', fix: 'Use e.g. TaskVolume.ephemeral(\'data\').' },
    fix: 'Write volumes: { \'/data\': TaskVolume.ephemeral(\'data\') }, or leave it out.',
  },
  sharedMemorySize: { kind: 'size', unit: 'mebibytes', min: 1, fix: 'Use whole MiB, e.g. Size.mebibytes(64).' },
  ulimits: { kind: 'list', of: { kind: 'struct', shape: ULIMIT }, fix: ULIMIT_FIX },
  systemControls: { kind: 'list', of: { kind: 'struct', shape: SYSTEM_CONTROL }, fix: SYSTEM_CONTROL_FIX },
  essential: { kind: 'boolean' },
  healthCheck: { kind: 'struct', shape: CONTAINER_HEALTH_CHECK },
  dependsOn: {
    kind: 'list', fix: 'Write dependsOn: [ContainerDependency.healthy(\'db\')], or leave it out.',
    of: { kind: 'instance', methods: ['_isContainerDependency'], must: 'be a ContainerDependency', fix: 'Use e.g. ContainerDependency.healthy(\'db\').' },
  },
  startTimeout: { kind: 'duration', unit: 'seconds', min: 1, fix: WITHIN_ECS },
  stopTimeout: { kind: 'duration', unit: 'seconds', min: 1, fix: WITHIN_ECS },
  restartPolicy: {
    kind: 'instance', methods: ['_check', '_render'], must: 'be a ContainerRestartPolicy', fix: 'Use e.g. ContainerRestartPolicy.onExit().',
  },
}, {
  containerName: 'Write it as the name in containers: { name: { … } }.',
  containerPort: 'Write port: 80.',
  portMappings: 'Write port: 80, and additionalPorts: [ListeningPort.tcp(9090)] for others.',
  readonlyRootFilesystem: 'Write security: ContainerSecurity.readOnlyRoot().',
  linuxParameters: 'Write initProcessEnabled, sharedMemorySize or security: ContainerSecurity.hardened().',
  dockerSecurityOptions: 'Write security: ContainerSecurity.hardened().',
  privileged: 'Leave it out: no container here is privileged.',
  disableNetworking: AWSVPC,
  hostname: 'Leave it out: each task has its own network interface. Set the name as an environment variable.',
  extraHosts: 'Leave it out: each task has its own network interface. Use a private hosted zone or Cloud Map; containers of a task use localhost.',
  dnsServers: 'Leave it out: each task has its own network interface. Use the DHCP options of the VPC or Route 53 Resolver.',
  dnsSearchDomains: 'Leave it out: each task has its own network interface. Use complete names, or the DHCP options of the VPC.',
  inferenceAcceleratorResources: 'Leave it out: AWS has retired Elastic Inference.',
  gpuCount: 'Leave it out: GPUs are not supported here.',
  credentialSpecs: 'Leave it out: containers run on Linux.',
  logDriver: 'Write logging: ContainerLogging.to(ecs.LogDrivers.splunk({ … })).',
  enableLogging: 'Leave it out: containers always log. Use logging to choose the destination.',
  enableRestartPolicy: 'Write restartPolicy: ContainerRestartPolicy.onExit().',
  restartIgnoredExitCodes: 'Write restartPolicy: ContainerRestartPolicy.onExit({ ignoredExitCodes }).',
  restartAttemptPeriod: 'Write restartPolicy: ContainerRestartPolicy.onExit({ attemptPeriod }).',
  interactive: 'Write pseudoTerminal: true.',
  mountPoints: 'Write volumes: { \'/data\': TaskVolume.ephemeral(\'data\') }.',
  taskDefinition: 'Leave it out: the construct creates the task definition.',
  taskRole: IN_SERVICE,
  executionRole: IN_SERVICE,
  family: IN_SERVICE,
});
