import { Token } from 'aws-cdk-lib';
import { AppProtocol, Protocol } from 'aws-cdk-lib/aws-ecs';
import { ContainerOptions } from './container-options';
import { ListeningPort } from './listening-port';
import { ContainerPort } from '../exposure/exposure-config';

const LONGEST = 64;

/** A port as the task definition has it. */
export interface NamedPort extends ContainerPort {
  /** What Service Connect is told that it speaks. */
  readonly appProtocol?: AppProtocol;
}

/**
 * The names of the ports of one task, of which there is each once.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
 */
export class PortNames {
  private readonly taken = new Set<string>();

  /** Names that somebody chose come first. */
  public reserve({ additionalPorts = [] }: ContainerOptions): void {
    additionalPorts.forEach(({ _options: { name } }) => name !== undefined && this.taken.add(name));
  }

  /** Where the container listens, its main port first. */
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

  /** Containers may be named alike but for capitals, begin with a dash, and have longer names than ports. */
  private free(containerName: string, ending = '', attempt = 1): string {
    const end = attempt === 1 ? ending : `${ending}-${attempt}`;
    const name = `${containerName.toLowerCase().replace(/^-+/, '') || 'port'}`.slice(0, LONGEST - end.length) + end;
    if (this.taken.has(name)) {
      return this.free(containerName, ending, attempt + 1);
    }
    this.taken.add(name);
    return name;
  }
}
