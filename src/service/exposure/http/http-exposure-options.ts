import { Duration } from 'aws-cdk-lib';
import { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { IConnectable, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { IpAddressType, SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { HttpRedirect } from './http-redirect';
import { HttpTargetOptions } from './http-target-options';
import { AccessLogs } from '../load-balancer/load-balancer-access-logs';

/** Where a load balancer listens, and for whom. */
export interface HttpListenerOptions extends HttpTargetOptions {
  /**
   * The port that clients connect to, 1 to 65535.
   *
   * @default - 80, with HTTPS 443
   */
  readonly port?: number;

  /**
   * Who may connect: networks and prefix lists (`ec2.Peer`), security groups, and whatever else has connections. An empty list is nobody. On a
   * load balancer that exists they are let in besides those that it lets in already.
   *
   * @default - everybody where the exposure is public, whoever has an IPv4 address of the VPC where it is internal, and nobody besides those that
   * a load balancer that exists lets in already
   */
  readonly openTo?: IConnectable[];

  /**
   * Who may connect to the test listener, where the deployment has one. Tests from inside the VPC come to a public load balancer from the address
   * of their NAT gateway, which has to be named here.
   *
   * @default - those of `openTo`; without it whoever has an IPv4 address of the VPC, and nobody besides those that a load balancer that exists lets
   * in already
   */
  readonly testOpenTo?: IConnectable[];
}

/** What may differ in a service that is reached over HTTP. */
export interface HttpExposureOptions extends HttpListenerOptions {
  /**
   * After how long without a byte the load balancer closes a connection, 1 to 4000 seconds.
   *
   * @default - a minute
   */
  readonly idleTimeout?: Duration;

  /**
   * Where the load balancer writes down each request.
   *
   * @default - nowhere
   */
  readonly accessLogs?: AccessLogs;

  /**
   * Whether the load balancer refuses to be deleted. Turn it off and deploy before you remove the service.
   *
   * @default false
   */
  readonly deletionProtection?: boolean;

  /**
   * The ARN of a web ACL of AWS WAF that looks at each request. It is regional, and in the region of the load balancer.
   *
   * @default - none
   * @see https://docs.aws.amazon.com/waf/latest/developerguide/web-acl.html
   */
  readonly webAclArn?: string;

  /**
   * The name of the load balancer, at most 32 letters, digits and hyphens. With a name it cannot be replaced without downtime.
   *
   * @default - chosen by CloudFormation
   */
  readonly loadBalancerName?: string;

  /**
   * The addresses of the load balancer. For IPv6 the VPC and its subnets need IPv6 addresses.
   *
   * @default IpAddressType.IPV4
   */
  readonly ipAddressType?: IpAddressType;

  /**
   * The subnets of the load balancer, one in each of at least two availability zones.
   *
   * @default - one public subnet of each zone, where the load balancer is public; else one private subnet of each
   */
  readonly vpcSubnets?: SubnetSelection;
}

/** What may differ in a service that is reached over HTTPS. */
export interface HttpsExposureOptions extends HttpExposureOptions {
  /**
   * The versions of TLS and the ciphers that clients may use.
   *
   * @default - TLS 1.2 and 1.3 as AWS recommends, `SslPolicy.RECOMMENDED_TLS`
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
   */
  readonly sslPolicy?: SslPolicy;

  /**
   * What sends clients that come over HTTP to HTTPS.
   *
   * @default - `HttpRedirect.fromPort(80)` where the exposure is public, else `HttpRedirect.none()`
   */
  readonly redirect?: HttpRedirect;

  /**
   * Certificates for more names, at most 25.
   *
   * @default - none
   */
  readonly additionalCertificates?: ICertificate[];
}
