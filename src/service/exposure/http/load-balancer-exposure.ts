import { ApplicationProtocol, IApplicationLoadBalancer, SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { HttpListenerOptions, LISTENER_REPLACEMENTS, LISTENER_RULES } from './http-exposure-options';
import { dnsNameOf, serveOn, urlOf } from './http-listener';
import { checkTarget } from './http-target-options';
import { checkServerIdentity, ServerIdentity } from './server-identity';
import { checkSameEnvironment } from '../../../private/environments';
import { isObject, Shape } from '../../../private/shape';
import { reject } from '../../../private/validation';
import { ExposureBinder } from '../exposure-config';
import { checkListenerPorts, checkVpc, SSL_POLICY, takenPorts } from '../load-balancer/load-balancer';
import { httpPort } from '../target-port';

/** Options of a listener on an existing application load balancer. */
export interface OnLoadBalancerOptions extends HttpListenerOptions {
  /**
   * The certificate and the name of the server. With an identity, the listener uses HTTPS.
   *
   * @default - the listener uses HTTP
   */
  readonly identity?: ServerIdentity;

  /**
   * The TLS versions and ciphers of the listener. Requires `identity`.
   *
   * @default - TLS 1.2 and 1.3 as AWS recommends, `SslPolicy.RECOMMENDED_TLS`
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
   */
  readonly sslPolicy?: SslPolicy;
}

const OF_LOAD_BALANCER = 'Set it on the load balancer.';

export const ON_LOAD_BALANCER = new Shape<OnLoadBalancerOptions>('Write options in braces, or nothing: Exposure.onLoadBalancer(loadBalancer).', {
  ...LISTENER_RULES,
  identity: { kind: 'other' },
  sslPolicy: SSL_POLICY,
}, {
  ...LISTENER_REPLACEMENTS,
  protocol: 'Write identity: ServerIdentity.certificate(certificate) for HTTPS.',
  certificate: 'Write identity: ServerIdentity.certificate(certificate).',
  certificates: 'Write identity: ServerIdentity.certificate(certificate).',
  redirect: 'Only Exposure.publicHttps and Exposure.internalHttps have a redirect: here call loadBalancer.addRedirect().',
  priority: 'Only Exposure.onListener has a priority.',
  testListener: 'Only Exposure.onListener has it: here the deployment creates one, e.g. Deployment.blueGreen({ testPort: 8080 }).',
  idleTimeout: OF_LOAD_BALANCER,
  accessLogs: OF_LOAD_BALANCER,
  deletionProtection: OF_LOAD_BALANCER,
  webAclArn: OF_LOAD_BALANCER,
  loadBalancerName: OF_LOAD_BALANCER,
  ipAddressType: OF_LOAD_BALANCER,
  vpcSubnets: OF_LOAD_BALANCER,
});

/** A listener for one service on an existing load balancer. */
export function loadBalancerExposure(loadBalancer: IApplicationLoadBalancer, settings: OnLoadBalancerOptions): ExposureBinder {
  return (scope, options) => {
    ON_LOAD_BALANCER.check(scope, 'exposure', settings);
    checkLoadBalancer(scope, loadBalancer);
    const { identity, sslPolicy } = settings;
    checkTls(scope, settings);
    const [protocol, usual] = identity === undefined ? [ApplicationProtocol.HTTP, 80] : [ApplicationProtocol.HTTPS, 443];
    const { port = usual } = settings;
    checkTarget(scope, settings, protocol);
    checkListenerPorts(scope, { ...takenPorts(loadBalancer), 'exposure.port': port, 'deployment.testPort': options.trafficShift?.testPort });
    checkVpc(scope, loadBalancer.vpc, options.vpc);
    const answering = httpPort(scope, options.ports, settings);
    const certificates = identity && [identity._certificate(scope)];
    const { groups } = serveOn(scope, { loadBalancer, port, certificates, sslPolicy, audience: 'nobody-else' }, options, answering, settings);
    const name = nameOf(scope, loadBalancer, identity);
    return {
      endpoint: name && urlOf(protocol, name, port), loadBalancers: [loadBalancer], applicationTargetGroups: groups,
    };
  };
}

function checkTls(scope: Construct, { identity, sslPolicy }: OnLoadBalancerOptions): void {
  if (identity !== undefined) {
    checkServerIdentity(scope, identity);
  } else if (sslPolicy !== undefined) {
    reject(scope, {
      property: 'exposure.sslPolicy', must: 'be left out without an identity, because the listener uses HTTP', got: sslPolicy,
      fix: 'Give an identity too, e.g. identity: ServerIdentity.domain(\'app.example.com\', hostedZone).',
    });
  }
}

function checkLoadBalancer(scope: Construct, loadBalancer: unknown): void {
  if (!isObject(loadBalancer) || typeof loadBalancer.addListener !== 'function' || loadBalancer.isApplicationLoadBalancer !== true) {
    reject(scope, {
      property: 'exposure.loadBalancer', must: 'be an application load balancer', got: loadBalancer,
      fix: 'Give one, e.g. new ApplicationLoadBalancer(…) or ApplicationLoadBalancer.fromLookup(…).',
    });
  }
  checkSameEnvironment(scope, 'exposure.loadBalancer', loadBalancer);
}

function nameOf(scope: Construct, loadBalancer: IApplicationLoadBalancer, identity?: ServerIdentity): string | undefined {
  const own = dnsNameOf(loadBalancer);
  if (own === undefined && identity?._needsRecords()) {
    reject(scope, {
      property: 'exposure.loadBalancer', must: 'have a known DNS name for the DNS records', got: loadBalancer,
      fix: 'Import it with ApplicationLoadBalancer.fromLookup, or with its loadBalancerDnsName and loadBalancerCanonicalHostedZoneId.',
    });
  }
  return identity?._nameOf(scope, loadBalancer, loadBalancer.ipAddressType) ?? own;
}
