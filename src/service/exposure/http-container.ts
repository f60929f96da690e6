import { Token } from 'aws-cdk-lib';
import { Protocol } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { ContainerPort } from './exposure-config';
import { HttpTargetOptions } from './http-target-options';
import { reject } from '../../private/validation';

/** Where requests go: the container and the port that are named, else the only container that listens, and its `port`. */
export function answeringPort(scope: IConstruct, listening: ContainerPort[], options: HttpTargetOptions): ContainerPort {
  const { containerName, containerPort } = options;
  // HTTP goes over TCP.
  const all = listening.filter(({ protocol }) => protocol === Protocol.TCP);
  const ofContainer = containerName === undefined ? all : named(scope, all, containerName);
  const candidates = containerPort === undefined ? mainPorts(ofContainer) : numbered(scope, ofContainer, containerPort);
  return candidates.length === 1 ? candidates[0] : refuse(scope, candidates);
}

// Others are beside the point: metrics, administration.
function mainPorts(ports: ContainerPort[]): ContainerPort[] {
  const main = ports.filter(({ isMain }) => isMain);
  return main.length > 0 ? main : ports;
}

// Not even a token passes: the port has to be found by the name.
function named(scope: IConstruct, all: ContainerPort[], containerName: string): ContainerPort[] {
  const found = all.filter(container => container.containerName === containerName);
  const names = namesOf(all);
  return found.length > 0 ? found : reject(scope, {
    property: 'exposure.containerName',
    must: 'name a container that has a port',
    got: Token.isUnresolved(containerName) ? 'a token' : containerName,
    cure: names.length > 0 ? `Use one of: ${names.join(', ')}.` : 'Give that container a port.',
  });
}

function numbered(scope: IConstruct, ofContainer: ContainerPort[], containerPort: number): ContainerPort[] {
  const found = ofContainer.filter(({ port }) => port === containerPort);
  return found.length > 0 ? found : reject(scope, {
    property: 'exposure.containerPort',
    must: 'be a port that a container listens on',
    got: Token.isUnresolved(containerPort) ? 'a token' : containerPort,
    cure: ofContainer.length > 0 ? `Use one of: ${ofContainer.map(({ port }) => port).join(', ')}.` : 'Give a container that port.',
  });
}

function refuse(scope: IConstruct, candidates: ContainerPort[]): never {
  const names = namesOf(candidates);
  if (names.length === 1) {
    const ports = candidates.map(({ port }) => port);
    reject(scope, {
      property: 'exposure.containerPort', must: `say which port of '${names[0]}' answers, because it has several`, got: ports,
      cure: `Say which: Exposure.publicHttp({ containerPort: ${ports[0]} }).`,
    });
  }
  reject(scope, {
    property: 'containers', must: 'have one container with a port, because the service is exposed', got: names.length === 0 ? 'none' : names,
    cure: names.length > 1
      ? `Say which: Exposure.publicHttp({ containerName: '${names[0]}' }).`
      : 'Give the container that answers a port, e.g. { image, port: 80 }.',
  });
}

function namesOf(ports: ContainerPort[]): string[] {
  return [...new Set(ports.map(({ containerName }) => containerName))];
}
