import { Token } from 'aws-cdk-lib';
import { Protocol } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { ContainerPort } from './exposure-config';
import { HttpTargetOptions } from './http/http-target-options';
import { reject } from '../../private/validation';

/** Which port of which container is meant. */
export interface WantedPort {
  /** The options that say so, e.g. `exposure.ports[0]`. */
  readonly property: string;
  readonly containerName?: string;
  readonly containerPort?: number;
  /** What the container has to speak there: one of these. */
  readonly protocols: Protocol[];
  /** Of several ports, the one with this number is meant. */
  readonly preferred?: number;
}

/** Where requests go: HTTP goes over TCP. */
export function httpPort(scope: IConstruct, ports: ContainerPort[], { containerName, containerPort }: HttpTargetOptions): ContainerPort {
  return targetPort(scope, ports, { property: 'exposure', containerName, containerPort, protocols: [Protocol.TCP] });
}

/** The port that is named, else the only one that is possible. */
export function targetPort(scope: IConstruct, ports: ContainerPort[], wanted: WantedPort): ContainerPort {
  const spoken = wanted.protocols.map(each => each.toUpperCase()).join(' or ');
  const speaking = ports.filter(({ protocol }) => wanted.protocols.includes(protocol));
  if (speaking.length === 0) {
    reject(scope, {
      property: 'containers', must: `have a container with a ${spoken} port, because the service is exposed`, got: listed(ports),
      fix: `Give the container that answers a ${spoken} port, e.g. { image, ${spoken === 'UDP' ? 'additionalPorts: [ListeningPort.udp(53)]' : 'port: 80'} }.`,
    });
  }
  const named = matching(scope, speaking, wanted);
  const [found, ...others] = preferred(named, wanted);
  if (found === undefined || others.length > 0) {
    reject(scope, {
      property: wanted.property, must: `say which ${spoken} port is meant, because there are several`, got: listed(named),
      fix: `Name it: ${nameOf(named[0], named)}.`,
    });
  }
  return found;
}

/** The one with the number that clients know, else the `port` of the container. */
function preferred(ports: ContainerPort[], wanted: WantedPort): ContainerPort[] {
  const known = ports.filter(({ port }) => port === wanted.preferred);
  const main = ports.filter(({ isMain }) => isMain);
  return [known, main].find(({ length }) => length === 1) ?? ports;
}

/** Not even a token passes: the port has to be found by name and number. */
function matching(scope: IConstruct, ports: ContainerPort[], { property, containerName, containerPort }: WantedPort): ContainerPort[] {
  const ofContainer = ports.filter(each => containerName === undefined || each.containerName === containerName);
  if (ofContainer.length === 0) {
    reject(scope, {
      property: `${property}.containerName`, must: 'name a container that has such a port', got: shown(containerName),
      fix: `Use one of: ${[...new Set(ports.map(each => each.containerName))].join(', ')}.`,
    });
  }
  const ofPort = ofContainer.filter(each => containerPort === undefined || each.port === containerPort);
  if (ofPort.length === 0) {
    reject(scope, {
      property: `${property}.containerPort`, must: 'be a port that the container has', got: shown(containerPort),
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

/** Tokens mean nothing to a reader. */
function shown(value: unknown): unknown {
  return Token.isUnresolved(value) ? 'a token' : value;
}
