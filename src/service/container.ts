import { Token } from 'aws-cdk-lib';
import { ContainerImage, HealthCheck, Secret } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkInteger, checkPattern, reject } from '../private/validation';

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
   * @default - as much as the task has
   */
  readonly memoryLimitMiB?: number;

  /**
   * CPU units that are kept for the container; 1024 are one virtual CPU.
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
   * A command inside the container that tells whether it is healthy.
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

/**
 * What AWS would refuse or what cannot run, found at synthesis.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
 */
export function checkContainer(scope: IConstruct, name: string, container: ContainerOptions): void {
  const property = (key: keyof ContainerOptions) => `containers.${name}.${key}`;
  checkPattern(scope, {
    property: `containers.${name}`,
    value: name,
    pattern: /^[A-Za-z0-9_-]{1,255}$/,
    must: 'be named with 1 to 255 letters, digits, "-" or "_"',
    cure: 'Choose a name such as "web".',
  });
  if (container.port !== undefined) {
    checkInteger(scope, {
      property: property('port'), value: container.port, min: 1, max: 65535,
      cure: 'Give the port that the process in the container listens on.',
    });
  }
  if (container.memoryLimitMiB !== undefined) {
    checkInteger(scope, {
      property: property('memoryLimitMiB'), value: container.memoryLimitMiB, min: 6,
      cure: 'Docker starts no container with less than 6 MiB.',
    });
  }
  if (container.cpu !== undefined) {
    checkInteger(scope, {
      property: property('cpu'), value: container.cpu, min: 1,
      cure: 'Give CPU units, 1024 for one virtual CPU, or leave it out.',
    });
  }
}

/** A task needs a container, and one whose end is the end of the task. */
export function checkContainers(scope: IConstruct, containers: { [name: string]: ContainerOptions }): void {
  const all = Object.entries(containers);
  if (all.length === 0) {
    reject(scope, {
      property: 'containers', must: 'have at least one container', got: containers,
      cure: 'Add one: containers: { web: { image, port: 80 } }.',
    });
  }
  if (all.every(([, container]) => container.essential === false)) {
    reject(scope, {
      property: 'containers', must: 'have a container that is essential', got: all.map(([name]) => name),
      cure: 'Leave \'essential\' out for the container that does the work.',
    });
  }
  all.forEach(([name, container]) => checkContainer(scope, name, container));
  checkPorts(scope, containers);
}

/** The containers of a task share one network interface, so each port exists once. */
export function checkPorts(scope: IConstruct, containers: { [name: string]: ContainerOptions }): void {
  const owners = new Map<number, string>();
  for (const [name, { port }] of Object.entries(containers)) {
    if (port === undefined || Token.isUnresolved(port)) {
      continue;
    }
    const owner = owners.get(port);
    if (owner !== undefined) {
      reject(scope, {
        property: `containers.${name}.port`, must: `differ from the port of '${owner}' in the same task`, got: port,
        cure: 'Let one of the two processes listen on another port.',
      });
    }
    owners.set(port, name);
  }
}

/** The sum of one need over all containers; one that is only known at deployment counts as nothing. */
export function sumOf(containers: ContainerOptions[], need: 'cpu' | 'memoryLimitMiB'): number {
  return containers
    .map(container => container[need] ?? 0)
    .filter(value => !Token.isUnresolved(value))
    .reduce((sum, value) => sum + value, 0);
}
