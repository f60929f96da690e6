import { Token } from 'aws-cdk-lib';
import { Protocol } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { ContainerPort } from './exposure-config';
import { reject } from '../../private/validation';

/** The options that select a container port. */
export interface WantedPort {
  /** The path of the options, e.g. `exposure.ports[0]`. */
  readonly property: string;
  readonly containerName?: string;
  readonly containerPort?: number;
  /** The protocols that the port may have. */
  readonly protocols: Protocol[];
  /** The port to prefer if there are several. */
  readonly preferred?: number;
}

/** The container port for HTTP requests. */
export function httpPort(scope: IConstruct, ports: ContainerPort[], { containerName, containerPort }: Pick<WantedPort, 'containerName' | 'containerPort'>): ContainerPort {
  return targetPort(scope, ports, { property: 'exposure', containerName, containerPort, protocols: [Protocol.TCP] });
}

/** The selected port, or the only possible one. */
export function targetPort(scope: IConstruct, ports: ContainerPort[], wanted: WantedPort): ContainerPort {
  const spoken = wanted.protocols.map(each => each.toUpperCase()).join(' or ');
  const speaking = ports.filter(({ protocol }) => wanted.protocols.includes(protocol));
  if (speaking.length === 0) {
    reject(scope, {
      property: 'containers', must: `have a container with a ${spoken} port for the exposure`, got: listed(ports),
      fix: `Give a container a ${spoken} port, e.g. { image, ${spoken === 'UDP' ? 'additionalPorts: [ListeningPort.udp(53)]' : 'port: 80'} }.`,
    });
  }
  const named = matching(scope, speaking, wanted);
  const [found, ...others] = preferred(named, wanted);
  if (found === undefined || others.length > 0) {
    reject(scope, {
      property: wanted.property, must: `select one of several ${spoken} ports`, got: listed(named),
      fix: `Select it: ${nameOf(named[0], named)}.`,
    });
  }
  return found;
}

/** The port with the number that clients connect to, or else the `port` of the container. */
function preferred(ports: ContainerPort[], wanted: WantedPort): ContainerPort[] {
  const known = ports.filter(({ port }) => port === wanted.preferred);
  const main = ports.filter(({ isMain }) => isMain);
  return [known, main].find(({ length }) => length === 1) ?? ports;
}

/** The ports that match the options. Tokens are rejected, because the port is looked up by name and number. */
function matching(scope: IConstruct, ports: ContainerPort[], { property, containerName, containerPort }: WantedPort): ContainerPort[] {
  const ofContainer = ports.filter(each => containerName === undefined || each.containerName === containerName);
  if (ofContainer.length === 0) {
    reject(scope, {
      property: `${property}.containerName`, must: 'be the name of a container with such a port', got: shown(containerName),
      fix: `Use one of: ${[...new Set(ports.map(each => each.containerName))].join(', ')}.`,
    });
  }
  const ofPort = ofContainer.filter(each => containerPort === undefined || each.port === containerPort);
  if (ofPort.length === 0) {
    reject(scope, {
      property: `${property}.containerPort`, must: 'be a port of the container', got: shown(containerPort),
      fix: `Use one of: ${ofContainer.map(each => shown(each.port)).join(', ')}.`,
    });
  }
  return ofPort;
}

function nameOf({ containerName, port }: ContainerPort, all: ContainerPort[]): string {
  const ofContainer = all.filter(each => each.containerName === containerName);
  return `{ containerName: '${containerName}'${ofContainer.length > 1 ? `, containerPort: ${shown(port)}` : ''} }`;
}

function listed(ports: ContainerPort[]): string[] {
  return ports.map(({ containerName, port, protocol }) => `${containerName}: ${shown(port)}/${protocol}`);
}

/** A value for messages, in which a token would be unreadable. */
function shown(value: unknown): unknown {
  return Token.isUnresolved(value) ? 'a token' : value;
}
