import { Protocol } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { KubernetesExposureOptions } from './kubernetes-exposure';
import { Containers } from '../service/containers/container-options';
import { targetPort } from '../service/exposure/target-port';

/** Whether any container has a port. */
export function listens(containers: Containers): boolean {
  return portsOf(containers).length > 0;
}

/** The port of the container that answers: the one that is named, else the only one that has a port. */
export function servedPort(scope: IConstruct, containers: Containers, { containerName }: KubernetesExposureOptions): number {
  return targetPort(scope, portsOf(containers), { property: 'exposure', containerName, protocols: [Protocol.TCP] }).port;
}

function portsOf(containers: Containers) {
  return Object.entries(containers).flatMap(([name, { port }]) => port === undefined ? [] : [
    { containerName: name, portName: name, port, protocol: Protocol.TCP, isMain: true },
  ]);
}
