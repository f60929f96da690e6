import { Tokenization } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { ReadinessProbe } from './readiness-probe';
import { byName } from '../service/containers/by-name';
import { ContainerOptions } from '../service/containers/container-options';

/** What a container of a pod has beside its description. */
export interface PodContainerProps {
  readonly name: string;
  /** As `docker pull` takes it. */
  readonly image: string;
  readonly readiness: ReadinessProbe;
  readonly environmentFromSecrets: string[];
}

/**
 * A container in the manifest of a pod.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container
 */
export function podContainer(scope: IConstruct, options: ContainerOptions, props: PodContainerProps): Record<string, unknown> {
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
    readinessProbe: port === undefined ? undefined : props.readiness._render(scope, port),
    livenessProbe: healthCheck && withoutUndefined({
      exec: { command: probeCommand(healthCheck.command) },
      periodSeconds: healthCheck.interval?.toSeconds() ?? 30,
      timeoutSeconds: healthCheck.timeout?.toSeconds() ?? 5,
      failureThreshold: healthCheck.retries ?? 3,
      initialDelaySeconds: healthCheck.startPeriod?.toSeconds(),
    }),
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

/** ECS begins a command with how it is run. */
function probeCommand(command: string[]): string[] {
  const [how, ...rest] = command;
  switch (how) {
    case 'CMD': return rest;
    case 'CMD-SHELL': return ['/bin/sh', '-c', rest.join(' ')];
    // CDK takes it for a line of the shell, too.
    default: return ['/bin/sh', '-c', command.join(' ')];
  }
}

function withoutUndefined(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)));
}
