import { Duration } from 'aws-cdk-lib';
import { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { AlpnPolicy, Protocol, SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { checkNetworkHealthCheck, NETWORK_HEALTH_CHECK, NetworkHealthCheck } from './network-health-check';
import { checkValue, EnumRule, Rules, Shape } from '../../../private/shape';
import { CERTIFICATE, SSL_POLICY } from '../load-balancer/load-balancer';

/** The client IP address that a task sees. */
export enum ClientAddress {
  /** The task sees the IP address of the load balancer. */
  HIDDEN = 'hidden',

  /**
   * The task sees the IP address of the client. A task then cannot connect to itself through the load balancer.
   *
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#client-ip-preservation
   */
  PRESERVED = 'preserved',

  /**
   * Each connection starts with a Proxy Protocol version 2 header, which the container must understand.
   *
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#proxy-protocol
   */
  PROXY_PROTOCOL = 'proxy-protocol',
}

/** Options of a port of a network load balancer. */
export interface NetworkPortOptions {
  /**
   * The name of the container that receives the traffic.
   *
   * @default - the only container with a port of this protocol
   */
  readonly containerName?: string;

  /**
   * The port that the container listens on.
   *
   * @default - the only port of this protocol; of several, the one with the number that clients connect to
   */
  readonly containerPort?: number;

  /**
   * The health check of the target group.
   *
   * @default - TCP: the task accepts connections
   */
  readonly healthCheck?: NetworkHealthCheck;

  /**
   * The time that connections to a deregistered task may continue, 0 to 3600 seconds. Then the load balancer closes them.
   *
   * @default Duration.seconds(30)
   */
  readonly deregistrationDelay?: Duration;
}

/** Options of `NetworkPort.udp`. */
export interface NetworkPortUdpOptions extends NetworkPortOptions {}

/** Options of `NetworkPort.tcpUdp`. */
export interface NetworkPortTcpUdpOptions extends NetworkPortOptions {}

/** Options of a TLS port of a network load balancer. */
export interface NetworkPortTlsOptions extends NetworkPortOptions {
  /**
   * How a task sees the IP address of a client.
   *
   * @default ClientAddress.HIDDEN
   */
  readonly clientAddress?: ClientAddress;

  /**
   * The TLS versions and ciphers of the listener.
   *
   * @default SslPolicy.RECOMMENDED_TLS - TLS 1.2 and 1.3
   */
  readonly sslPolicy?: SslPolicy;

  /**
   * The application protocol that the load balancer negotiates with clients, e.g. HTTP/2 for gRPC.
   *
   * @default - none
   */
  readonly alpnPolicy?: AlpnPolicy;
}

/** Options of a TCP port of a network load balancer. */
export interface NetworkPortTcpOptions extends NetworkPortOptions {
  /**
   * How a task sees the IP address of a client.
   *
   * @default ClientAddress.HIDDEN
   */
  readonly clientAddress?: ClientAddress;

  /**
   * The time after which the load balancer closes an idle connection, 60 to 6000 seconds.
   *
   * @default Duration.seconds(350)
   */
  readonly idleTimeout?: Duration;
}

/** @internal */
export interface NetworkPortSettings extends NetworkPortTlsOptions, NetworkPortTcpOptions {
  readonly port: number;
  readonly protocol: Protocol;
  readonly certificate?: ICertificate;
}

const COMMON: Rules<NetworkPortOptions> = {
  containerName: { kind: 'text', fix: 'Use the name of a container.' },
  containerPort: { kind: 'integer', min: 1, max: 65535, fix: 'Use a port of the container.' },
  healthCheck: { kind: 'struct', shape: NETWORK_HEALTH_CHECK },
  deregistrationDelay: { kind: 'duration', unit: 'seconds', max: 3600, fix: 'Give whole seconds, at most an hour.' },
};
const CLIENT_ADDRESS: EnumRule = {
  kind: 'enum', values: Object.values(ClientAddress), must: 'be a ClientAddress', fix: 'Use one such as ClientAddress.PRESERVED, or leave it out.',
};

const ONLY_TCP = 'Only NetworkPort.tcp(…) has an idle timeout that can be changed.';
const ONLY_TLS = 'Use NetworkPort.tls(443, certificate).';
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html
const UDP_REPLACEMENTS = {
  idleTimeout: ONLY_TCP,
  sslPolicy: ONLY_TLS,
  alpnPolicy: ONLY_TLS,
  certificates: ONLY_TLS,
  clientAddress: 'Leave it out: with UDP, tasks always see the IP address of the client.',
  preserveClientIp: 'Leave it out: with UDP, tasks always see the IP address of the client.',
};
const TCP_REPLACEMENTS = {
  preserveClientIp: 'Write clientAddress: ClientAddress.PRESERVED.',
  proxyProtocolV2: 'Write clientAddress: ClientAddress.PROXY_PROTOCOL.',
};

export const UDP_PORT = new Shape<NetworkPortOptions>('Write options in braces, or nothing: NetworkPort.udp(53).', COMMON, UDP_REPLACEMENTS);

export const TCP_PORT = new Shape<NetworkPortTcpOptions>('Write options in braces, or nothing: NetworkPort.tcp(5432).', {
  ...COMMON,
  clientAddress: CLIENT_ADDRESS,
  idleTimeout: { kind: 'duration', unit: 'seconds', min: 60, max: 6000, fix: 'Give whole seconds within these limits of load balancers.' },
}, { ...TCP_REPLACEMENTS, tcpIdleTimeout: 'Write idleTimeout.', sslPolicy: ONLY_TLS, alpnPolicy: ONLY_TLS, certificates: ONLY_TLS });

export const TLS_PORT = new Shape<NetworkPortTlsOptions>('Write options in braces, or nothing: NetworkPort.tls(443, certificate).', {
  ...COMMON,
  clientAddress: CLIENT_ADDRESS,
  sslPolicy: SSL_POLICY,
  alpnPolicy: { kind: 'enum', values: Object.values(AlpnPolicy), must: 'be an AlpnPolicy', fix: 'Use one such as elbv2.AlpnPolicy.HTTP2_PREFERRED, or leave it out.' },
}, { ...TCP_REPLACEMENTS, idleTimeout: ONLY_TCP, certificates: 'Pass one certificate: NetworkPort.tls(443, certificate).' });

/**
 * A listener port of a network load balancer, and the container port that receives its traffic.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html
 */
export class NetworkPort {
  /**
   * TCP, including TLS that the container decrypts.
   *
   * @param port the port that clients connect to, 1 to 65535
   * @param options container, health check and more
   */
  public static tcp(port: number, options: NetworkPortTcpOptions = {}): NetworkPort {
    return new NetworkPort(Protocol.TCP, TCP_PORT, port, options);
  }

  /**
   * TLS that the load balancer decrypts: the container receives plain TCP.
   *
   * @param port the port that clients connect to, 1 to 65535
   * @param certificate the certificate of the load balancer
   * @param options container, health check and more
   */
  public static tls(port: number, certificate: ICertificate, options: NetworkPortTlsOptions = {}): NetworkPort {
    return new NetworkPort(Protocol.TLS, TLS_PORT, port, options, certificate);
  }

  /**
   * UDP. Tasks see the IP addresses of clients.
   *
   * The container needs a TCP port for the health check.
   *
   * @param port the port that clients send to, 1 to 65535
   * @param options container, health check and more
   */
  public static udp(port: number, options: NetworkPortUdpOptions = {}): NetworkPort {
    return new NetworkPort(Protocol.UDP, UDP_PORT, port, options);
  }

  /**
   * TCP and UDP on the same port, e.g. for DNS. Tasks see the IP addresses of clients.
   *
   * The container needs the port for both protocols.
   *
   * @param port the port that clients connect and send to, 1 to 65535
   * @param options container, health check and more
   */
  public static tcpUdp(port: number, options: NetworkPortTcpUdpOptions = {}): NetworkPort {
    return new NetworkPort(Protocol.TCP_UDP, UDP_PORT, port, options);
  }

  private constructor(
    private readonly protocol: Protocol,
    private readonly shape: Pick<Shape<never>, 'check'>,
    private readonly port: number,
    private readonly options: NetworkPortOptions & NetworkPortTcpOptions & NetworkPortTlsOptions,
    private readonly certificate?: ICertificate,
  ) {}

  /** @internal */
  public _check(scope: IConstruct, property: string): void {
    checkValue(scope, `${property}.port`, this.port, {
      kind: 'integer', min: 1, max: 65535, required: true, fix: 'Give the port that clients connect to, e.g. NetworkPort.tcp(5432).',
    });
    this.shape.check(scope, property, this.options);
    if (this.options.healthCheck !== undefined) {
      checkNetworkHealthCheck(scope, `${property}.healthCheck`, this.options.healthCheck);
    }
    if (this.protocol === Protocol.TLS) {
      const fix = 'Give an acm.Certificate; if the container decrypts, use NetworkPort.tcp(443).';
      checkValue(scope, `${property}.certificate`, this.certificate, { ...CERTIFICATE, fix, required: true });
    }
  }

  /** @internal */
  public _settings(): NetworkPortSettings {
    const { port, protocol, certificate } = this;
    return { ...this.options, port, protocol, certificate };
  }
}
