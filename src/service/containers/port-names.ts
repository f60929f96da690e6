import { Token } from 'aws-cdk-lib';
import { AppProtocol, Protocol } from 'aws-cdk-lib/aws-ecs';
import { ContainerOptions } from './container-options';
import { ListeningPort } from './listening-port';
import { ContainerPort } from '../exposure/exposure-config';

const MAX_LENGTH = 64;

/** A port mapping of the task definition. */
export interface NamedPort extends ContainerPort {
  /** The protocol for Service Connect. */
  readonly appProtocol?: AppProtocol;
}

/**
 * Unique names for the ports of a task.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
 */
export class PortNames {
  private readonly taken = new Set<string>();

  /** Reserves the names that the user has chosen. */
  public reserve({ additionalPorts = [] }: ContainerOptions): void {
    additionalPorts.forEach(({ _options: { name } }) => name !== undefined && this.taken.add(name));
  }

  /** The ports of a container, the main port first. */
  public portsOf(containerName: string, { port, additionalPorts = [] }: ContainerOptions): NamedPort[] {
    const main = port === undefined ? [] : [{ containerName, port, protocol: Protocol.TCP, portName: this.free(containerName), isMain: true }];
    return [...main, ...additionalPorts.map(each => this.named(containerName, each))];
  }

  private named(containerName: string, listening: ListeningPort): NamedPort {
    const { port, protocol, _options, _appProtocol: appProtocol } = listening;
    const number = Token.isUnresolved(port) ? '' : `-${port}`;
    const portName = _options.name ?? this.free(containerName, `${number}${protocol === Protocol.UDP ? '-udp' : ''}`);
    return { containerName, port, protocol, portName, appProtocol };
  }

  /** An unused port name for a container. Container names can be longer than port names, start with "-", and differ only in capitalization. */
  private free(containerName: string, ending = '', attempt = 1): string {
    const end = attempt === 1 ? ending : `${ending}-${attempt}`;
    const name = `${containerName.toLowerCase().replace(/^-+/, '') || 'port'}`.slice(0, MAX_LENGTH - end.length) + end;
    if (this.taken.has(name)) {
      return this.free(containerName, ending, attempt + 1);
    }
    this.taken.add(name);
    return name;
  }
}
