import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { ContainerOptions, Containers } from './container-options';
import { checkEnvironment } from './environment-checks';
import { checkHealthCheck } from './health-check-checks';
import { checkBindable } from '../../private/check-types';
import { checkInteger, checkPattern, reject } from '../../private/validation';

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
const MAX_CONTAINERS = 10;

/**
 * What AWS would refuse or what cannot run, found at synthesis.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
 */
export function checkContainers(scope: IConstruct, containers: Containers): void {
  const all = Object.entries(containers ?? {});
  if (all.length === 0 || all.length > MAX_CONTAINERS) {
    reject(scope, {
      property: 'containers',
      must: all.length === 0 ? 'have at least one container' : `have at most ${MAX_CONTAINERS} containers`,
      got: all.map(([name]) => name),
      cure: all.length === 0 ? 'Add one: containers: { web: { image, port: 80 } }.' : 'Spread them over several services.',
    });
  }
  all.forEach(([name, container]) => checkContainer(scope, name, container));
  if (all.every(([, container]) => container.essential === false)) {
    reject(scope, {
      property: 'containers', must: 'have a container that is essential', got: all.map(([name]) => name),
      cure: 'Leave \'essential\' out for the container that does the work.',
    });
  }
  checkPorts(scope, containers);
}

function checkContainer(scope: IConstruct, name: string, container: ContainerOptions): void {
  const property = (key: keyof ContainerOptions) => `containers.${name}.${key}`;
  checkPattern(scope, {
    property: `containers.${name}`, value: name, pattern: /^[A-Za-z0-9_-]{1,255}$/,
    must: 'be named with 1 to 255 letters, digits, "-" or "_"', cure: 'Choose a name such as "web".',
  });
  checkBindable(scope, container?.image, {
    property: property('image'), must: 'be a container image',
    cure: 'Give a PublishedImage, or another image such as ecs.ContainerImage.fromRegistry(\'nginx\').',
  });
  const { port, memoryLimitMiB, cpu, healthCheck } = container;
  if (port !== undefined) {
    checkInteger(scope, {
      property: property('port'), value: port, min: 1, max: 65535,
      cure: 'Give the port that the process in the container listens on.',
    });
  }
  if (memoryLimitMiB !== undefined) {
    checkInteger(scope, {
      property: property('memoryLimitMiB'), value: memoryLimitMiB, min: 6,
      cure: 'Docker starts no container with less than 6 MiB.',
    });
  }
  if (cpu !== undefined) {
    checkInteger(scope, {
      property: property('cpu'), value: cpu, min: 1, cure: 'Give CPU units, 1024 for one virtual CPU, or leave it out.',
    });
  }
  checkEnvironment(scope, `containers.${name}`, container);
  if (healthCheck !== undefined) {
    checkHealthCheck(scope, property('healthCheck'), healthCheck);
  }
}

/** The containers of a task share one network interface, so each port exists once. */
function checkPorts(scope: IConstruct, containers: Containers): void {
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
