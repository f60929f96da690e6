import { ApplicationProtocol } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ExposureBinder } from '../exposure-config';
import { HttpExposureOptions } from './http-exposure-options';
import { serveOn } from './http-front';
import { HTTP_NAMES } from './http-names';
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

/** An application load balancer for one service, which the internet reaches, or the VPC. */
export function httpExposure(reach: Reach, settings: HttpExposureOptions): ExposureBinder {
  return (scope, options) => {
    checkObject(scope, 'exposure', settings, 'Give options in brackets, or nothing: Exposure.publicHttp().');
    checkSpelling(scope, 'exposure', settings, HTTP_NAMES);
    const { port = 80 } = settings;
    checkListenerOptions(scope, settings, ApplicationProtocol.HTTP);
    checkListenerPorts(scope, { 'exposure.port': port, 'deployment.testPort': options.trafficShift?.testPort });
    checkOwnLoadBalancer(scope, reach, settings);
    const answering = httpPort(scope, options.ports, settings);
    const place = placeOf(scope, reach);
    const loadBalancer = ownLoadBalancer(place, reach, options, settings);
    const { groups } = serveOn(place, { loadBalancer, port, audience: reach }, options, answering, settings);
    return {
      endpoint: urlOf('HTTP', loadBalancer.loadBalancerDnsName, port), loadBalancers: [loadBalancer], applicationTargetGroups: groups,
    };
  };
}
