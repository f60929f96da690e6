import { AppProtocol, Protocol } from 'aws-cdk-lib/aws-ecs';

/** What may differ in a port that a container listens on. */
export interface ListeningPortOptions {
  /**
   * The name of the port, which Service Connect knows it by: up to 64 lower-case letters, digits, "_" and "-", not beginning with "-".
   * Unique in the task.
   *
   * @default - made of the name of the container and the number of the port
   */
  readonly name?: string;
}

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
   * @param options what differs from the usual
   */
  public static tcp(port: number, options: ListeningPortOptions = {}): ListeningPort {
    return new ListeningPort(port, Protocol.TCP, options);
  }

  /**
   * A UDP port.
   *
   * @param port the port that the process listens on, 1 to 65535
   * @param options what differs from the usual
   */
  public static udp(port: number, options: ListeningPortOptions = {}): ListeningPort {
    return new ListeningPort(port, Protocol.UDP, options);
  }

  private constructor(
    /** The port that the process listens on. */
    public readonly port: number,
    /** What it speaks. */
    public readonly protocol: Protocol,
    /** @internal */
    public readonly _options: ListeningPortOptions,
    /** @internal */
    public readonly _appProtocol?: AppProtocol,
  ) {}

  /** The same port, of which Service Connect knows that it speaks HTTP/1.1. Throws on UDP when the service is made. */
  public http(): ListeningPort {
    return this.speaking(AppProtocol.http);
  }

  /** The same port, of which Service Connect knows that it speaks HTTP/2. Throws on UDP when the service is made. */
  public http2(): ListeningPort {
    return this.speaking(AppProtocol.http2);
  }

  /** The same port, of which Service Connect knows that it speaks gRPC. Throws on UDP when the service is made. */
  public grpc(): ListeningPort {
    return this.speaking(AppProtocol.grpc);
  }

  private speaking(appProtocol: AppProtocol): ListeningPort {
    return new ListeningPort(this.port, this.protocol, this._options, appProtocol);
  }
}
