import { Protocol as ContainerProtocol } from 'aws-cdk-lib/aws-ecs';
import { Protocol } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { ContainerPort } from '../exposure-config';
import { NetworkHealthCheck } from './network-health-check';
import { NetworkPort, NetworkPortSettings } from './network-port';
import { reject } from '../../../private/validation';
import { targetPort } from '../target-port';

/** A listener port and its container port. */
export interface NetworkTarget {
  readonly settings: NetworkPortSettings;
  readonly container: ContainerPort;
  readonly healthCheck: NetworkHealthCheck;
  /** The port of the health check, unless it is the port that receives the traffic. */
  readonly healthPort?: number;
}

/** Finds the container port of each listener port. */
export function networkTargets(scope: IConstruct, listening: ContainerPort[], ports: NetworkPort[] | undefined): NetworkTarget[] {
  return (ports ?? [onlyPort(scope, listening)]).map((each, index) => {
    const settings = each._settings();
    const property = `exposure.ports[${index}]`;
    const container = containerPort(scope, property, listening, settings);
    const healthCheck = settings.healthCheck ?? {};
    return { settings, container, healthCheck, healthPort: healthPort(scope, property, listening, { settings, container, healthCheck }) };
  });
}

function onlyPort(scope: IConstruct, listening: ContainerPort[]): NetworkPort {
  return NetworkPort.tcp(targetPort(scope, listening, { property: 'exposure.ports', protocols: [ContainerProtocol.TCP] }).port);
}

function containerPort(scope: IConstruct, property: string, listening: ContainerPort[], settings: NetworkPortSettings): ContainerPort {
  const { protocol, port, containerName, containerPort: wanted } = settings;
  const speaks = protocol === Protocol.UDP ? ContainerProtocol.UDP : ContainerProtocol.TCP;
  const found = targetPort(scope, listening, { property, containerName, containerPort: wanted, protocols: [speaks], preferred: port });
  const sameOverUdp = listening.some(each =>
    each.containerName === found.containerName && each.port === found.port && each.protocol === ContainerProtocol.UDP);
  if (protocol === Protocol.TCP_UDP && !sameOverUdp) {
    reject(scope, {
      property, must: 'be a port that the container has for TCP and UDP', got: `${found.containerName}: TCP only`,
      fix: 'Give the container the port for UDP too, with additionalPorts: [ListeningPort.udp(…)], or use NetworkPort.tcp(…).',
    });
  }
  return found;
}

/** Health checks use TCP, and a container must have the port. */
function healthPort(scope: IConstruct, property: string, listening: ContainerPort[], target: NetworkTarget): number | undefined {
  const { settings, container, healthCheck } = target;
  const tcp = listening.filter(({ protocol }) => protocol === ContainerProtocol.TCP);
  if (healthCheck.port !== undefined) {
    if (!tcp.some(({ port }) => port === healthCheck.port)) {
      reject(scope, {
        property: `${property}.healthCheck.port`, must: 'be a TCP port of a container', got: healthCheck.port,
        fix: 'Give the container that TCP port, or name one that it has.',
      });
    }
    return healthCheck.port;
  }
  if (settings.protocol !== Protocol.UDP) {
    return undefined;
  }
  const own = tcp.filter(({ containerName }) => containerName === container.containerName);
  const [only, ...others] = own.filter(({ port }) => own.length === 1 || port === container.port);
  if (only === undefined || others.length > 0) {
    reject(scope, {
      property: `${property}.healthCheck`, must: 'have a TCP port, because health checks do not support UDP', got: own.map(({ port }) => port),
      fix: 'Give the container a TCP port for the health check, e.g. healthCheck: { port: 8080 }.',
    });
  }
  return only.port;
}
