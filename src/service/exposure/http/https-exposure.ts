import { ApplicationProtocol } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ExposureBinder } from '../exposure-config';
import { HttpsExposureOptions } from './http-exposure-options';
import { serveOn } from './http-front';
import { HTTP_NAMES } from './http-names';
import { HttpRedirect } from './http-redirect';
import { checkHttps } from './https-checks';
import { ServerIdentity } from './https-server-identity';
import { checkListenerOptions } from './listener-checks';
import { urlOf } from './listener-endpoint';
import { ownLoadBalancer } from './own-load-balancer';
import { checkOwnLoadBalancer } from './own-load-balancer-checks';
import { checkObject } from '../../../private/check-types';
import { checkSpelling } from '../../../private/spelling';
import { checkListenerPorts } from '../load-balancer/listener-ports';
import { Reach } from '../load-balancer/load-balancer-checks';
import { placeOf } from '../load-balancer/place-of';
import { httpPort } from '../target-port';

/** An application load balancer with HTTPS for one service, which the internet reaches, or the VPC. */
export function httpsExposure(reach: Reach, identity: ServerIdentity, settings: HttpsExposureOptions): ExposureBinder {
  return (scope, options) => {
    checkObject(scope, 'exposure', settings, 'Give options in brackets, or nothing: Exposure.publicHttps(identity).');
    checkSpelling(scope, 'exposure', settings, HTTP_NAMES);
    checkHttps(scope, identity, settings);
    const { port = 443, redirect = reach === 'internet' ? HttpRedirect.fromPort(80) : HttpRedirect.none() } = settings;
    checkListenerOptions(scope, settings, ApplicationProtocol.HTTPS);
    checkListenerPorts(scope, {
      'exposure.port': port, 'exposure.redirect': redirect._port(), 'deployment.testPort': options.trafficShift?.testPort,
    });
    checkOwnLoadBalancer(scope, reach, settings);
    const answering = httpPort(scope, options.ports, settings);
    const place = placeOf(scope, reach);
    const loadBalancer = ownLoadBalancer(place, reach, options, settings);
    const certificates = [identity._certificate(scope), ...settings.additionalCertificates ?? []];
    const front = { loadBalancer, port, certificates, sslPolicy: settings.sslPolicy, audience: reach };
    const { listener, groups } = serveOn(place, front, options, answering, settings);
    redirect._apply(place, { front, to: listener, bind: options, clients: { property: 'exposure.openTo', named: settings.openTo } });
    const name = identity._nameOf(scope, loadBalancer, settings.ipAddressType) ?? loadBalancer.loadBalancerDnsName;
    return { endpoint: urlOf('HTTPS', name, port), loadBalancers: [loadBalancer], applicationTargetGroups: groups };
  };
}
