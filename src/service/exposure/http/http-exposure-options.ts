import { Duration } from 'aws-cdk-lib';
import { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { IConnectable, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { IpAddressType, SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { HttpTargetOptions, TARGET_REPLACEMENTS, TARGET_RULES } from './http-target-options';
import { SUBNETS } from '../../../private/select-subnets';
import { Rules, Shape } from '../../../private/shape';
import { AccessLogs } from '../load-balancer/access-logs';
import { ACCESS_LOGS, CERTIFICATE, PORT, SSL_POLICY } from '../load-balancer/load-balancer';
import { OPEN_TO } from '../open-to';

/** Options of a listener of an application load balancer. */
export interface HttpListenerOptions extends HttpTargetOptions {
  /**
   * The port that clients connect to, 1 to 65535.
   *
   * @default - 80, with HTTPS 443
   */
  readonly port?: number;

  /**
   * The clients that may connect: IP ranges and prefix lists (`ec2.Peer`), security groups, and resources with security groups. An empty list allows
   * nobody. An existing load balancer keeps the clients that it already allows.
   *
   * @default - everybody for a public exposure, the IPv4 addresses of the VPC for an internal one, no additional clients for an existing load balancer
   */
  readonly openTo?: IConnectable[];

  /**
   * The clients that may connect to the test listener of a deployment. Traffic from inside the VPC reaches a public load balancer through the NAT
   * gateway, so add the IP address of the NAT gateway.
   *
   * @default - the clients of `openTo`; without it the IPv4 addresses of the VPC, or no additional clients for an existing load balancer
   */
  readonly testOpenTo?: IConnectable[];
}

/** Options of an HTTP exposure with its own load balancer. */
export interface HttpExposureOptions extends HttpListenerOptions {
  /**
   * The time after which the load balancer closes an idle connection, 1 to 4000 seconds.
   *
   * @default - 60 seconds
   */
  readonly idleTimeout?: Duration;

  /**
   * The access logs of the load balancer.
   *
   * @default - no access logs
   */
  readonly accessLogs?: AccessLogs;

  /**
   * Whether AWS refuses to delete the load balancer. Turn it off and deploy before you remove the service.
   *
   * @default false
   */
  readonly deletionProtection?: boolean;

  /**
   * The ARN of a regional AWS WAF web ACL in the region of the load balancer.
   *
   * @default - no web ACL
   * @see https://docs.aws.amazon.com/waf/latest/developerguide/web-acl.html
   */
  readonly webAclArn?: string;

  /**
   * The name of the load balancer, at most 32 letters, digits and hyphens. A load balancer with a name cannot be replaced without downtime.
   *
   * @default - chosen by CloudFormation
   */
  readonly loadBalancerName?: string;

  /**
   * The IP address type of the load balancer. IPv6 needs a VPC and subnets with IPv6 CIDR blocks.
   *
   * @default IpAddressType.IPV4
   */
  readonly ipAddressType?: IpAddressType;

  /**
   * The subnets of the load balancer, one in each of at least two availability zones.
   *
   * @default - one public subnet per zone for a public load balancer, otherwise one private subnet per zone
   */
  readonly vpcSubnets?: SubnetSelection;
}

/** Options of `Exposure.publicHttp`. */
export interface PublicHttpOptions extends HttpExposureOptions {}

/** Options of `Exposure.internalHttp`. */
export interface InternalHttpOptions extends HttpExposureOptions {}

/** Options of an HTTPS exposure with its own load balancer. */
export interface HttpsExposureOptions extends HttpExposureOptions {
  /**
   * The TLS versions and ciphers of the listener.
   *
   * @default - TLS 1.2 and 1.3 as AWS recommends, `SslPolicy.RECOMMENDED_TLS`
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
   */
  readonly sslPolicy?: SslPolicy;

  /**
   * The redirect from HTTP to HTTPS.
   *
   * @default - `HttpRedirect.fromPort(80)` for a public exposure, otherwise `HttpRedirect.none()`
   */
  readonly redirect?: HttpRedirect;

  /**
   * Certificates for additional names, at most 25.
   *
   * @default - none
   */
  readonly additionalCertificates?: ICertificate[];
}

/** Options of `Exposure.publicHttps`. */
export interface PublicHttpsOptions extends HttpsExposureOptions {}

/** Options of `Exposure.internalHttps`. */
export interface InternalHttpsOptions extends HttpsExposureOptions {}

/**
 * A redirect from HTTP to HTTPS.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html#redirect-actions
 */
export class HttpRedirect {
  /**
   * Create a listener that redirects to the same URL over HTTPS.
   *
   * @param port the port of the listener, usually 80
   */
  public static fromPort(port: number): HttpRedirect {
    // A missing port is rejected as null. It must not mean: no redirect.
    return new HttpRedirect((port ?? null) as number);
  }

  /** No redirect: nothing listens for HTTP. */
  public static none(): HttpRedirect {
    return new HttpRedirect();
  }

  private constructor(private readonly port?: number) {}

  /** @internal */
  public _port(): number | undefined {
    return this.port;
  }
}

export const LISTENER_RULES: Rules<HttpListenerOptions> = {
  ...TARGET_RULES,
  port: PORT,
  openTo: OPEN_TO,
  testOpenTo: OPEN_TO,
};

const OWN_RULES: Rules<HttpExposureOptions> = {
  ...LISTENER_RULES,
  idleTimeout: { kind: 'duration', unit: 'seconds', min: 1, max: 4000, fix: 'Give 1 to 4000 seconds.' },
  accessLogs: ACCESS_LOGS,
  deletionProtection: { kind: 'boolean' },
  webAclArn: {
    kind: 'text', pattern: /^arn:[\w-]+:wafv2:[\w-]+:\d{12}:regional\/webacl\/[^/]+\/[^/]+$/, must: 'be the ARN of a regional web ACL',
    fix: 'Use the ARN of a web ACL with the scope REGIONAL. A web ACL for CloudFront does not work here.',
  },
  loadBalancerName: {
    kind: 'text', pattern: /^(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/, fix: 'Use a name such as "web".',
    must: 'have 1 to 32 letters, digits and hyphens, not begin or end with a hyphen and not begin with "internal-"',
  },
  ipAddressType: { kind: 'enum', values: Object.values(IpAddressType), must: 'be an IpAddressType', fix: 'Use IpAddressType.DUAL_STACK.' },
  vpcSubnets: { kind: 'struct', shape: SUBNETS },
};

/** Property names of aws-cdk for exposures with a listener, with the fix for each. */
export const LISTENER_REPLACEMENTS = {
  ...TARGET_REPLACEMENTS,
  listenerPort: 'Write port.',
  open: 'Write openTo: [] to allow nobody.',
  openListener: 'Write openTo: [] to allow nobody.',
  protocol: 'Use Exposure.publicHttps or Exposure.internalHttps for HTTPS.',
};

const OWN_REPLACEMENTS = {
  ...LISTENER_REPLACEMENTS,
  internetFacing: 'Use Exposure.publicHttp or Exposure.internalHttp.',
  publicLoadBalancer: 'Use Exposure.publicHttp or Exposure.internalHttp.',
  loadBalancer: 'Use Exposure.onLoadBalancer(loadBalancer).',
  certificate: 'Use Exposure.publicHttps(ServerIdentity.certificate(certificate)).',
  certificates: 'Use Exposure.publicHttps(ServerIdentity.certificate(certificate), { additionalCertificates }).',
  domainName: 'Use Exposure.publicHttps(ServerIdentity.domain(domainName, hostedZone)).',
  domainZone: 'Use Exposure.publicHttps(ServerIdentity.domain(domainName, hostedZone)).',
  redirectHTTP: 'Use Exposure.publicHttps(identity, { redirect: HttpRedirect.fromPort(80) }).',
  priority: 'Only Exposure.onListener has a priority.',
  testListener: 'Only Exposure.onListener has it: here the deployment creates one, e.g. Deployment.blueGreen({ testPort: 8080 }).',
  identity: 'Use Exposure.publicHttps(identity) or Exposure.internalHttps(identity).',
  ports: 'Only Exposure.publicNetwork and Exposure.internalNetwork have it: here write port.',
};

export const HTTP_EXPOSURE = new Shape<HttpExposureOptions>('Write options in braces, or nothing: Exposure.publicHttp().', OWN_RULES, {
  ...OWN_REPLACEMENTS,
  sslPolicy: 'Only Exposure.publicHttps and Exposure.internalHttps have an SSL policy.',
  redirect: 'Only Exposure.publicHttps and Exposure.internalHttps have a redirect.',
  additionalCertificates: 'Only Exposure.publicHttps and Exposure.internalHttps have certificates.',
});

export const HTTPS_EXPOSURE = new Shape<HttpsExposureOptions>('Write options in braces, or nothing: Exposure.publicHttps(identity).', {
  ...OWN_RULES,
  sslPolicy: SSL_POLICY,
  redirect: { kind: 'instance', methods: ['_port'], must: 'be an HttpRedirect', fix: 'Call a factory such as HttpRedirect.fromPort(80).' },
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
  additionalCertificates: { kind: 'list', max: 25, of: CERTIFICATE, fix: 'Give a list of certificates, or put more names into one.' },
}, OWN_REPLACEMENTS);
