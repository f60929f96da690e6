import { AppProtocol, Protocol } from 'aws-cdk-lib/aws-ecs';
import { Shape } from '../../private/shape';

/** Options of a port. */
export interface ListeningPortOptions {
  /**
   * The name of the port for Service Connect: up to 64 lowercase letters, digits, "_" and "-", not starting with "-". Unique in the task.
   *
   * @default - generated from the name of the container and the port number
   */
  readonly name?: string;
}

/** Options of `ListeningPort.tcp`. */
export interface ListeningPortTcpOptions extends ListeningPortOptions {}

/** Options of `ListeningPort.udp`. */
export interface ListeningPortUdpOptions extends ListeningPortOptions {}

/** The rules of `ListeningPortOptions`. */
export const LISTENING_PORT = new Shape<ListeningPortOptions>('Write an object such as { name: \'metrics\' }, or leave it out.', {
  name: {
    kind: 'text', pattern: /^[a-z0-9_][a-z0-9_-]{0,63}$/, must: 'have 1 to 64 lowercase letters, digits, "_" or "-", and not start with "-"',
    fix: 'Use a name such as "metrics".',
  },
}, {
  containerPort: 'Write it as the first argument: ListeningPort.tcp(9090).',
  hostPort: 'Leave it out: each task has its own network interface.',
  protocol: 'Use ListeningPort.tcp(…) or ListeningPort.udp(…).',
  appProtocol: 'Use ListeningPort.tcp(…).http(), .http2() or .grpc().',
});

/**
 * A port that a container listens on.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
 */
export class ListeningPort {
  /**
   * A TCP port.
   *
   * @param port the port that the process listens on, 1 to 65535
   * @param options the name
   */
  public static tcp(port: number, options: ListeningPortTcpOptions = {}): ListeningPort {
    return new ListeningPort(port, Protocol.TCP, options);
  }

  /**
   * A UDP port.
   *
   * @param port the port that the process listens on, 1 to 65535
   * @param options the name
   */
  public static udp(port: number, options: ListeningPortUdpOptions = {}): ListeningPort {
    return new ListeningPort(port, Protocol.UDP, options);
  }

  private constructor(
    /** The port that the process listens on. */
    public readonly port: number,
    /** The transport protocol. */
    public readonly protocol: Protocol,
    /** @internal */
    public readonly _options: ListeningPortOptions,
    /** @internal */
    public readonly _appProtocol?: AppProtocol,
  ) {}

  /** This port with the protocol HTTP/1.1 for Service Connect. The service throws for UDP. */
  public http(): ListeningPort {
    return this.withProtocol(AppProtocol.http);
  }

  /** This port with the protocol HTTP/2 for Service Connect. The service throws for UDP. */
  public http2(): ListeningPort {
    return this.withProtocol(AppProtocol.http2);
  }

  /** This port with the protocol gRPC for Service Connect. The service throws for UDP. */
  public grpc(): ListeningPort {
    return this.withProtocol(AppProtocol.grpc);
  }

  private withProtocol(appProtocol: AppProtocol): ListeningPort {
    return new ListeningPort(this.port, this.protocol, this._options, appProtocol);
  }
}
