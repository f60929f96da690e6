import { ApplicationProtocol, IApplicationLoadBalancer, SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { ExposureBinder } from '../exposure-config';
import { HttpListenerOptions } from './http-exposure-options';
import { serveOn } from './http-front';
import { ON_LOAD_BALANCER_NAMES } from './http-names';
import { checkServerIdentity, checkSslPolicy } from './https-checks';
import { ServerIdentity } from './https-server-identity';
import { checkListenerOptions } from './listener-checks';
import { dnsNameOf, urlOf } from './listener-endpoint';
import { checkObject, isObject } from '../../../private/check-types';
import { checkSpelling } from '../../../private/spelling';
import { reject } from '../../../private/validation';
import { checkListenerPorts, takenPorts } from '../load-balancer/listener-ports';
import { checkVpc } from '../load-balancer/load-balancer-vpc';
import { httpPort } from '../target-port';

/** What may differ in a service with a listener of its own on a load balancer that it shares. */
export interface LoadBalancerExposureOptions extends HttpListenerOptions {
  /**
   * Who the server is: then the listener speaks HTTPS.
   *
   * @default - it speaks HTTP
   */
  readonly identity?: ServerIdentity;

  /**
   * The versions of TLS and the ciphers that clients may use, where there is an `identity`.
   *
   * @default - TLS 1.2 and 1.3 as AWS recommends, `SslPolicy.RECOMMENDED_TLS`
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
   */
  readonly sslPolicy?: SslPolicy;
}

/** A listener for one service on a load balancer that somebody else made. */
export function loadBalancerExposure(loadBalancer: IApplicationLoadBalancer, settings: LoadBalancerExposureOptions): ExposureBinder {
  return (scope, options) => {
    checkObject(scope, 'exposure', settings, 'Give options in brackets, or nothing: Exposure.onLoadBalancer(loadBalancer).');
    checkSpelling(scope, 'exposure', settings, ON_LOAD_BALANCER_NAMES);
    checkShared(scope, loadBalancer);
    const { identity, sslPolicy } = settings;
    checkTls(scope, settings);
    const [protocol, usual] = identity === undefined ? [ApplicationProtocol.HTTP, 80] : [ApplicationProtocol.HTTPS, 443];
    const { port = usual } = settings;
    checkListenerOptions(scope, settings, protocol);
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

function checkTls(scope: Construct, { identity, sslPolicy }: LoadBalancerExposureOptions): void {
  if (identity !== undefined) {
    checkServerIdentity(scope, identity);
    checkSslPolicy(scope, sslPolicy);
  } else if (sslPolicy !== undefined) {
    reject(scope, {
      property: 'exposure.sslPolicy', must: 'be left out without an identity, because the listener speaks HTTP then', got: sslPolicy,
      fix: 'Give an identity too, e.g. identity: ServerIdentity.domain(\'app.example.com\', hostedZone).',
    });
  }
}

function checkShared(scope: Construct, loadBalancer: unknown): void {
  if (!isObject(loadBalancer) || typeof loadBalancer.addListener !== 'function' || loadBalancer.isApplicationLoadBalancer !== true) {
    reject(scope, {
      property: 'exposure.loadBalancer', must: 'be an application load balancer', got: loadBalancer,
      fix: 'Give one, e.g. new ApplicationLoadBalancer(…) or ApplicationLoadBalancer.fromLookup(…).',
    });
  }
}

function nameOf(scope: Construct, loadBalancer: IApplicationLoadBalancer, identity?: ServerIdentity): string | undefined {
  const own = dnsNameOf(loadBalancer);
  if (own === undefined && identity?._needsRecords()) {
    reject(scope, {
      property: 'exposure.loadBalancer', must: 'know its DNS name, because a record leads to it', got: loadBalancer,
      fix: 'Import it with ApplicationLoadBalancer.fromLookup, or with its loadBalancerDnsName and loadBalancerCanonicalHostedZoneId.',
    });
  }
  return identity?._nameOf(scope, loadBalancer, loadBalancer.ipAddressType) ?? own;
}
