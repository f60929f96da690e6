import { Duration } from 'aws-cdk-lib';
import { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { AlpnPolicy, Protocol, SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { NetworkHealthCheck } from './network-health-check';

/** What a task gets to know of the address of a client. */
export enum ClientAddress {
  /** Nothing: connections come from the load balancer. */
  HIDDEN = 'hidden',

  /**
   * Connections come from the address of the client. A task then cannot connect to itself through the load balancer.
   *
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#client-ip-preservation
   */
  PRESERVED = 'preserved',

  /**
   * Each connection begins with a header of the Proxy protocol, version 2, which the process in the container has to understand.
   *
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#proxy-protocol
   */
  PROXY_PROTOCOL = 'proxy-protocol',
}

/** What may differ in a port of a network load balancer. */
export interface NetworkPortOptions {
  /**
   * The container that answers.
   *
   * @default - the one container that has a port of this protocol
   */
  readonly containerName?: string;

  /**
   * The port that its process listens on.
   *
   * @default - the only port of this protocol; of several, the one with the number that clients connect to
   */
  readonly containerPort?: number;

  /**
   * How the load balancer finds out whether a task can take connections.
   *
   * @default NetworkHealthCheck.tcp()
   */
  readonly healthCheck?: NetworkHealthCheck;

  /**
   * How long connections may go on to a task that is taken out, 0 to 3600 seconds. What is still open then is closed.
   *
   * @default Duration.seconds(30)
   */
  readonly deregistrationDelay?: Duration;
}

/** What may differ in a TLS port of a network load balancer. */
export interface NetworkTlsPortOptions extends NetworkPortOptions {
  /**
   * What a task gets to know of the address of a client.
   *
   * @default ClientAddress.HIDDEN
   */
  readonly clientAddress?: ClientAddress;

  /**
   * The versions of TLS and the ciphers that clients may use.
   *
   * @default SslPolicy.RECOMMENDED_TLS - TLS 1.2 and 1.3
   */
  readonly sslPolicy?: SslPolicy;

  /**
   * Which application protocol is agreed on with clients, e.g. HTTP/2 for gRPC.
   *
   * @default - none
   */
  readonly alpnPolicy?: AlpnPolicy;
}

/** What may differ in a TCP port of a network load balancer. */
export interface NetworkTcpPortOptions extends NetworkPortOptions {
  /**
   * What a task gets to know of the address of a client.
   *
   * @default ClientAddress.HIDDEN
   */
  readonly clientAddress?: ClientAddress;

  /**
   * How long a connection may be silent, 60 to 6000 seconds.
   *
   * @default Duration.seconds(350)
   */
  readonly idleTimeout?: Duration;
}

/** @internal */
export interface NetworkPortSettings extends NetworkTlsPortOptions, NetworkTcpPortOptions {
  readonly port: number;
  readonly protocol: Protocol;
  readonly certificate?: ICertificate;
}

/**
 * A port that clients connect to on a network load balancer, and where they get from there.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html
 */
export class NetworkPort {
  /**
   * TCP, of whatever kind: TLS that the container decrypts itself is TCP too.
   *
   * @param port the port that clients connect to, 1 to 65535
   * @param options what differs from the usual
   */
  public static tcp(port: number, options: NetworkTcpPortOptions = {}): NetworkPort {
    return new NetworkPort(Protocol.TCP, port, options);
  }

  /**
   * TLS, which ends at the load balancer: the container gets plain TCP.
   *
   * @param port the port that clients connect to, 1 to 65535
   * @param certificate what the load balancer shows to clients
   * @param options what differs from the usual
   */
  public static tls(port: number, certificate: ICertificate, options: NetworkTlsPortOptions = {}): NetworkPort {
    return new NetworkPort(Protocol.TLS, port, options, certificate);
  }

  /**
   * UDP. The tasks see the addresses of the clients.
   *
   * Needs a TCP port of the container for the health check.
   *
   * @param port the port that clients send to, 1 to 65535
   * @param options what differs from the usual
   */
  public static udp(port: number, options: NetworkPortOptions = {}): NetworkPort {
    return new NetworkPort(Protocol.UDP, port, options);
  }

  /**
   * TCP and UDP on the same port, for example DNS. The tasks see the addresses of the clients.
   *
   * The container has to have the port for both.
   *
   * @param port the port that clients connect and send to, 1 to 65535
   * @param options what differs from the usual
   */
  public static tcpUdp(port: number, options: NetworkPortOptions = {}): NetworkPort {
    return new NetworkPort(Protocol.TCP_UDP, port, options);
  }

  private constructor(
    private readonly protocol: Protocol,
    private readonly port: number,
    private readonly options: NetworkPortOptions,
    private readonly certificate?: ICertificate,
  ) {}

  /**
   * What JavaScript gave as options; else an object.
   *
   * @internal
   */
  public get _options(): unknown {
    return this.options;
  }

  /** @internal */
  public _settings(): NetworkPortSettings {
    const { port, protocol, certificate } = this;
    return { ...this.options, port, protocol, certificate };
  }
}
