import type { HttpsExposureOptions } from './http-exposure-options';
import type { HttpHealthCheck } from './http-health-check';
import type { ListenerExposureOptions } from './listener-exposure';
import type { LoadBalancerExposureOptions } from './load-balancer-exposure';
import { NamesOf } from '../../../private/spelling';

/** The options of HTTP exposures with a load balancer of their own, of which those of HTTPS have all. */
export const HTTP_NAMES: NamesOf<HttpsExposureOptions> = {
  sslPolicy: true, redirect: true, additionalCertificates: true, idleTimeout: true, accessLogs: true, deletionProtection: true, webAclArn: true,
  loadBalancerName: true, ipAddressType: true, vpcSubnets: true, port: true, openTo: true, testOpenTo: true, containerName: true,
  containerPort: true, healthCheck: true, deregistrationDelay: true, slowStart: true, stickiness: true, protocolVersion: true,
  targetProtocol: true,
};

/** How targets are checked. */
export const HTTP_HEALTH_CHECK_NAMES: NamesOf<HttpHealthCheck> = {
  path: true, healthyCodes: true, interval: true, timeout: true, healthyThresholdCount: true, unhealthyThresholdCount: true,
};

/** The options of a listener on a load balancer that exists. */
export const ON_LOAD_BALANCER_NAMES: NamesOf<LoadBalancerExposureOptions> = {
  identity: true, sslPolicy: true, port: true, openTo: true, testOpenTo: true, containerName: true, containerPort: true, healthCheck: true,
  deregistrationDelay: true, slowStart: true, stickiness: true, protocolVersion: true, targetProtocol: true,
};

/** The options of a rule on a listener that exists. */
export const ON_LISTENER_NAMES: NamesOf<ListenerExposureOptions> = {
  priority: true, testListener: true, openTo: true, containerName: true, containerPort: true, healthCheck: true, deregistrationDelay: true,
  slowStart: true, stickiness: true, protocolVersion: true, targetProtocol: true,
};
