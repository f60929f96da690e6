import { Duration, Tokenization } from 'aws-cdk-lib';
import { ContainerDefinition } from 'aws-cdk-lib/aws-ecs';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { PublishedImage } from '../image/published-image';
import { DurationRule, NumberRule, Shape } from '../private/shape';
import { reject } from '../private/validation';
import { byName } from '../service/containers/by-name';
import { ContainerOptions } from '../service/containers/container-options';

/**
 * The readiness probe of the containers with a port. Only ready pods receive traffic, and old pods stop when new ones are ready.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/
 */
export interface ReadinessProbe {
  /**
   * Whether there is a readiness probe. Without one, a pod is ready as soon as its containers run.
   *
   * @default true
   */
  readonly enabled?: boolean;

  /**
   * The path of an HTTP request, at most 1024 characters. The container is ready if it returns a status from 200 to 399.
   *
   * @default - no HTTP request: the container is ready when it accepts TCP connections
   */
  readonly path?: string;

  /**
   * The port of the probe, 1 to 65535.
   *
   * @default - the port of the container
   */
  readonly port?: number;

  /**
   * The time between two checks, in whole seconds, at least 1.
   *
   * @default Duration.seconds(5)
   */
  readonly interval?: Duration;

  /**
   * The time after which a check without a response fails, in whole seconds, at least 1.
   *
   * @default Duration.seconds(3)
   */
  readonly timeout?: Duration;

  /**
   * The number of consecutive successful checks after which a container is ready, at least 1.
   *
   * @default 1
   */
  readonly healthyThresholdCount?: number;

  /**
   * The number of consecutive failed checks after which a container is not ready, at least 1.
   *
   * @default 3
   */
  readonly unhealthyThresholdCount?: number;
}

const SECONDS: DurationRule = { kind: 'duration', unit: 'seconds', min: 1, fix: 'Give whole seconds, e.g. Duration.seconds(5).' };
const COUNT: NumberRule = { kind: 'integer', min: 1, fix: 'Give a number of checks, e.g. 3.' };

export const READINESS_PROBE = new Shape<ReadinessProbe>('Write readiness: { path: \'/health\' }, or leave it out.', {
  enabled: { kind: 'boolean' },
  path: {
    kind: 'text', pattern: /^\/\S{0,1023}$/, must: 'start with "/" and have at most 1024 characters without spaces', fix: 'Give a path such as "/health".',
  },
  port: { kind: 'integer', min: 1, max: 65535, fix: 'Give a TCP port of the container.' },
  interval: SECONDS,
  timeout: SECONDS,
  healthyThresholdCount: COUNT,
  unhealthyThresholdCount: COUNT,
}, {
  httpGet: 'Write path: \'/health\'.',
  tcpSocket: 'Leave it out: without a path, the probe opens a TCP connection.',
  periodSeconds: 'Write interval: Duration.seconds(5).',
  timeoutSeconds: 'Write timeout: Duration.seconds(3).',
  successThreshold: 'Write healthyThresholdCount.',
  failureThreshold: 'Write unhealthyThresholdCount.',
});

/** The properties of a container in a pod that are not in `ContainerOptions`. */
export interface PodContainerProps {
  readonly name: string;
  /** The name of the image, as in `docker pull`. */
  readonly image: string;
  readonly readiness: ReadinessProbe;
  readonly environmentFromSecrets: string[];
}

/**
 * A container in the manifest of a pod.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container
 */
export function podContainer(options: ContainerOptions, props: PodContainerProps): Record<string, unknown> {
  const { port, environment = {}, command, entryPoint, healthCheck } = options;
  return withoutUndefined({
    name: props.name,
    image: props.image,
    command: entryPoint,
    args: command,
    env: byName(environment).map(([name, value]) => ({ name, value })),
    envFrom: props.environmentFromSecrets.map(name => ({ secretRef: { name } })),
    ports: port === undefined ? undefined : [{ containerPort: port, protocol: 'TCP' }],
    resources: resources(options),
    readinessProbe: port === undefined ? undefined : readinessProbe(props.readiness, port),
    livenessProbe: healthCheck && withoutUndefined({
      exec: { command: probeCommand(healthCheck.command) },
      periodSeconds: healthCheck.interval?.toSeconds() ?? 30,
      timeoutSeconds: healthCheck.timeout?.toSeconds() ?? 5,
      failureThreshold: healthCheck.retries ?? 3,
      initialDelaySeconds: healthCheck.startPeriod?.toSeconds(),
    }),
  });
}

function readinessProbe(probe: ReadinessProbe, containerPort: number): Record<string, unknown> | undefined {
  const { enabled = true, path, port = containerPort, interval = Duration.seconds(5), timeout = Duration.seconds(3) } = probe;
  return !enabled ? undefined : withoutUndefined({
    ...path === undefined ? { tcpSocket: { port } } : { httpGet: { path, port } },
    periodSeconds: interval.toSeconds(),
    timeoutSeconds: timeout.toSeconds(),
    successThreshold: probe.healthyThresholdCount,
    failureThreshold: probe.unhealthyThresholdCount ?? 3,
  });
}

/** 1024 CPU units of ECS are one CPU, which is 1000 millicores. */
function resources({ cpu, memoryLimitMiB }: ContainerOptions): Record<string, unknown> | undefined {
  const memory = memoryLimitMiB === undefined ? undefined : `${Tokenization.stringifyNumber(memoryLimitMiB)}Mi`;
  if (cpu === undefined && memory === undefined) return undefined;
  return withoutUndefined({
    requests: withoutUndefined({ cpu: cpu === undefined ? undefined : `${Math.ceil(cpu * 1000 / 1024)}m`, memory }),
    limits: memory === undefined ? undefined : { memory },
  });
}

/** Converts a health check command of ECS, whose first item determines how ECS runs it. */
function probeCommand(command: string[]): string[] {
  const [how, ...rest] = command;
  switch (how) {
    case 'CMD': return rest;
    case 'CMD-SHELL': return ['/bin/sh', '-c', rest.join(' ')];
    // Without a known first item, CDK runs the command in a shell.
    default: return ['/bin/sh', '-c', command.join(' ')];
  }
}

function withoutUndefined(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)));
}

/** The name of an image in a manifest, and the grants to pull it. */
export interface PodImage {
  readonly imageName: string;
  readonly grants: Grant[];
}

/** Returns the name of the image, and grants the pullers access. Kubernetes pulls with the role of the node. */
export function podImage(scope: Construct, containerName: string, { image }: ContainerOptions, pullers: IGrantable[]): PodImage {
  if (PublishedImage._isPublishedImage(image)) {
    return { imageName: image.imageUri, grants: pullers.flatMap(puller => image._grantPull(puller)) };
  }
  // Kubernetes cannot pull an image that needs an execution role or credentials.
  const { imageName, repositoryCredentials } = image.bind(scope, noOpDefinition(scope, containerName));
  if (repositoryCredentials !== undefined) {
    rejectImage(scope, containerName);
  }
  return { imageName, grants: [] };
}

function noOpDefinition(scope: Construct, containerName: string): ContainerDefinition {
  const definition: unknown = { taskDefinition: { obtainExecutionRole: () => rejectImage(scope, containerName) } };
  return definition as ContainerDefinition;
}

function rejectImage(scope: Construct, containerName: string): never {
  return reject(scope, {
    property: `containers.${containerName}.image`, must: 'be a PublishedImage, or a public image', got: 'an image that needs a role of ECS',
    fix: 'Publish it, e.g. repository.publish(\'web\', ImageSource.ecr(other, \'v1\')).',
  });
}
