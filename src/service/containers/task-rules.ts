import { Token } from 'aws-cdk-lib';
import { ContainerDependencyCondition, Protocol } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { ContainerDependency } from './container-dependency';
import { Containers, ContainerOptions } from './container-options';
import { LISTENING_PORT, ListeningPort } from './listening-port';
import { TaskVolume } from './volumes/task-volume';
import { ABSOLUTE_PATH } from './volumes/volume-definition';
import { checkValue } from '../../private/shape';
import { reject } from '../../private/validation';

// Rules between the containers of a task. Each container has already been checked with its table.

interface UsedPort {
  readonly property: string;
  readonly container: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly name?: string;
}

/** Rejects duplicate ports. The containers of a task share one network interface, so each port exists once for TCP and once for UDP. */
export function checkPorts(scope: IConstruct, containers: Containers): void {
  const ports = Object.entries(containers).flatMap(([name, container]) => portsOf(scope, name, container));
  checkUnique(scope, ports.filter(({ port }) => !Token.isUnresolved(port)), ({ port, protocol }) => `${port}/${protocol}`, ({ port }) => ({
    must: 'differ from the port', got: port, fix: 'Use another port for one of the two processes.',
  }));
  checkUnique(scope, ports.filter(({ name }) => name !== undefined), ({ name }) => `${name}`, ({ name }) => ({
    must: 'differ in name from the port', got: name, fix: 'Use another name for one of the two.',
  }));
}

function portsOf(scope: IConstruct, container: string, { port, additionalPorts = [] }: ContainerOptions): UsedPort[] {
  const property = `containers.${container}`;
  const main: UsedPort[] = port === undefined ? [] : [{ property: `${property}.port`, container, port, protocol: Protocol.TCP }];
  return [...main, ...additionalPorts.map(each => portOf(scope, `${property}.additionalPorts`, container, each))];
}

function portOf(scope: IConstruct, property: string, container: string, port: ListeningPort): UsedPort {
  checkValue(scope, property, port.port, { kind: 'integer', min: 1, max: 65535, fix: 'Use the port that the container listens on.', required: true });
  LISTENING_PORT.check(scope, property, port._options);
  if (port.protocol === Protocol.UDP && port._appProtocol !== undefined) {
    reject(scope, { property, must: 'have a protocol for Service Connect only on TCP', got: port.port, fix: 'Use ListeningPort.tcp(…).' });
  }
  const { name } = port._options;
  return { property, container, port: port.port, protocol: port.protocol, name: Token.isUnresolved(name) ? undefined : name };
}

function checkUnique(
  scope: IConstruct, ports: UsedPort[], key: (port: UsedPort) => string, violation: (port: UsedPort) => { must: string; got: unknown; fix: string },
): void {
  const owners = new Map<string, UsedPort>();
  for (const port of ports) {
    const owner = owners.get(key(port));
    if (owner !== undefined) {
      const { must, got, fix } = violation(port);
      reject(scope, { property: port.property, must: `${must} of '${owner.container}' in the same task`, got, fix });
    }
    owners.set(key(port), port);
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html */
export function checkDependencies(scope: IConstruct, containers: Containers): void {
  for (const [name, { dependsOn = [] }] of Object.entries(containers)) {
    const property = `containers.${name}.dependsOn`;
    dependsOn.forEach((dependency, index) => {
      checkDependency(scope, property, dependency, containers);
      if (dependsOn.findIndex(other => other.containerName === dependency.containerName) !== index) {
        reject(scope, { property, must: 'have each container once', got: dependency.containerName, fix: 'Keep the stricter of the two conditions.' });
      }
    });
  }
  Object.keys(containers).forEach(name => checkNoCycle(scope, containers, [name]));
}

function checkDependency(scope: IConstruct, property: string, { containerName, condition }: ContainerDependency, containers: Containers): void {
  if (!Object.hasOwn(containers, containerName)) {
    reject(scope, { property, must: 'name a container of the same task', got: containerName, fix: `Use one of: ${Object.keys(containers).join(', ')}.` });
  }
  const other = containers[containerName];
  if (condition === ContainerDependencyCondition.HEALTHY && other.healthCheck === undefined) {
    reject(scope, {
      property, must: 'wait for the health of a container with a health check', got: containerName,
      fix: `Add a healthCheck to '${containerName}', or use ContainerDependency.started('${containerName}').`,
    });
  }
  const waitsForEnd = condition === ContainerDependencyCondition.COMPLETE || condition === ContainerDependencyCondition.SUCCESS;
  if (waitsForEnd && other.essential !== false) {
    reject(scope, {
      property, must: 'wait for the end of a container that is not essential, because the task stops with an essential one', got: containerName,
      fix: `Write essential: false in '${containerName}'.`,
    });
  }
  if (waitsForEnd && other.restartPolicy !== undefined) {
    reject(scope, {
      property, must: 'wait for the end of a container that is not restarted', got: containerName, fix: `Remove the restartPolicy of '${containerName}'.`,
    });
  }
}

function checkNoCycle(scope: IConstruct, containers: Containers, path: string[]): void {
  for (const { containerName } of containers[path[path.length - 1]].dependsOn ?? []) {
    if (containerName === path[0]) {
      reject(scope, {
        property: `containers.${path[0]}.dependsOn`, must: 'not be circular', got: [...path, containerName].join(' → '), fix: 'Remove one of these dependencies.',
      });
    }
    if (!path.includes(containerName)) {
      checkNoCycle(scope, containers, [...path, containerName]);
    }
  }
}

/** Checks the mounts of all containers together, because volumes belong to the task. */
export function checkVolumes(scope: IConstruct, containers: Containers): void {
  const known = new Map<string, TaskVolume>();
  for (const [name, { volumes = {} }] of Object.entries(containers)) {
    for (const [path, volume] of Object.entries(volumes)) {
      const property = `containers.${name}.volumes.${path}`;
      checkMount(scope, property, path, volume);
      checkSame(scope, property, volume, known);
      volume._definition.check(scope, property);
    }
  }
  checkOneManaged(scope, [...known.values()]);
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Volume.html */
function checkMount(scope: IConstruct, property: string, path: string, volume: TaskVolume): void {
  checkValue(scope, property, path, ABSOLUTE_PATH);
  checkValue(scope, `${property}.name`, volume.name, {
    kind: 'text', pattern: /^[A-Za-z0-9_-]{1,255}$/, must: 'have 1 to 255 letters, digits, "-" or "_"', fix: 'Use a name such as "data".', required: true,
  });
}

function checkSame(scope: IConstruct, property: string, volume: TaskVolume, known: Map<string, TaskVolume>): void {
  const other = known.get(volume.name) ?? volume;
  known.set(volume.name, other);
  const [one, two] = [volume._definition.identity, other._definition.identity];
  if (one.length !== two.length || one.some((part, index) => part !== two[index])) {
    reject(scope, {
      property, must: 'be the same volume as the other one with that name', got: volume.name,
      fix: 'Use different names, or mount the same object in both containers.',
    });
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-ebs-config.html */
function checkOneManaged(scope: IConstruct, volumes: TaskVolume[]): void {
  const managed = volumes.filter(volume => volume._definition.isManaged).map(volume => volume.name);
  if (managed.length > 1) {
    reject(scope, {
      property: 'containers', must: 'mount at most one EBS volume, the maximum of a task', got: managed,
      fix: 'Mount one volume in several containers, or use TaskVolume.efs(…) for the others.',
    });
  }
}

/** Rejects different values of a network parameter. Containers of a task share the network, so the value would depend on the start order. */
export function checkSharedSystemControls(scope: IConstruct, containers: Containers): void {
  const known = new Map<string, { owner: string; value: string }>();
  for (const [owner, { systemControls = [] }] of Object.entries(containers)) {
    systemControls.forEach(({ namespace, value }, index) => {
      if (systemControls.findIndex(other => other.namespace === namespace) !== index) {
        reject(scope, { property: `containers.${owner}.systemControls`, must: 'have each name once', got: namespace, fix: 'Remove one of the two.' });
      }
      if (!namespace.startsWith('net.')) return;
      const other = known.get(namespace) ?? { owner, value };
      known.set(namespace, other);
      if (other.value !== value && !Token.isUnresolved(other.value) && !Token.isUnresolved(value)) {
        reject(scope, {
          property: `containers.${owner}.systemControls.${namespace}`, must: `have the same value as in '${other.owner}', because containers of a task share the network`,
          got: value, fix: 'Use the same value, or remove one.',
        });
      }
    });
  }
}
