import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { KubernetesExposureOptions } from './kubernetes-exposure';
import { reject } from '../private/validation';
import { Containers } from '../service/containers/container-options';

/** The port of the container that answers: the one that is named, else the only one that has a port; undefined where none has. */
export function servedPort(scope: IConstruct, containers: Containers, { containerName }: KubernetesExposureOptions): number | undefined {
  const listening = Object.entries(containers).filter(([, { port }]) => port !== undefined);
  const names = listening.map(([name]) => name);
  if (containerName !== undefined) {
    const named = listening.find(([name]) => name === containerName) ?? reject(scope, {
      property: 'exposure.containerName', must: 'name a container that has a port', got: Token.isUnresolved(containerName) ? 'a token' : containerName,
      cure: names.length > 0 ? `Use one of: ${names.join(', ')}.` : 'Give that container a port.',
    });
    return named[1].port;
  }
  if (listening.length > 1) {
    reject(scope, {
      property: 'containers', must: 'have one container with a port, because the service is exposed', got: names,
      cure: `Say which: KubernetesExposure.clusterIp({ containerName: '${names[0]}' }).`,
    });
  }
  return listening[0]?.[1].port;
}
