import { ApplicationProtocol, ApplicationProtocolVersion } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { checkHttpHealthCheck } from './http-health-check-checks';
import { HttpTargetOptions } from './http-target-options';
import { checkSeconds } from '../../../private/check-duration';
import { checkOneOf, hasMethods } from '../../../private/check-types';
import { reject } from '../../../private/validation';
import { knownSeconds } from '../load-balancer/seconds';

/** What ELB would refuse of a target group. */
export function checkTarget(scope: IConstruct, options: HttpTargetOptions, listenerProtocol?: ApplicationProtocol): void {
  const { deregistrationDelay, slowStart, stickiness, protocolVersion, targetProtocol } = options;
  checkProtocolVersion(scope, protocolVersion, listenerProtocol);
  if (targetProtocol !== undefined) {
    checkOneOf(scope, targetProtocol, Object.values(ApplicationProtocol), {
      property: 'exposure.targetProtocol', must: 'be a protocol of application load balancers', fix: 'Use ApplicationProtocol.HTTP or HTTPS.',
    });
  }
  checkHttpHealthCheck(scope, options.healthCheck, protocolVersion === ApplicationProtocolVersion.GRPC);
  checkSeconds(scope, {
    property: 'exposure.deregistrationDelay', value: deregistrationDelay, min: 0, max: 3600, fix: 'Give at most an hour.',
  });
  if (knownSecondsOf(slowStart) !== 0) {
    checkSeconds(scope, {
      property: 'exposure.slowStart', value: slowStart, min: 30, max: 900, fix: 'Give a time within these limits, or leave it out.',
    });
  }
  if (stickiness !== undefined) {
    if (!hasMethods(stickiness, '_check', '_apply')) {
      reject(scope, {
        property: 'exposure.stickiness', must: 'be a Stickiness', got: stickiness, fix: 'Make one with brackets: Stickiness.loadBalancerCookie().',
      });
    }
    stickiness._check(scope);
  }
}

/** 0, which is no time at all, but which AWS takes for "off". */
function knownSecondsOf(slowStart: HttpTargetOptions['slowStart']): number | undefined {
  return hasMethods(slowStart, 'isUnresolved', 'toSeconds') ? knownSeconds(slowStart) : undefined;
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-group-protocol-version */
function checkProtocolVersion(scope: IConstruct, version?: ApplicationProtocolVersion, listenerProtocol?: ApplicationProtocol): void {
  if (version === undefined) {
    return;
  }
  const property = 'exposure.protocolVersion';
  checkOneOf(scope, version, Object.values(ApplicationProtocolVersion), {
    property, must: 'be a protocol version of application load balancers', fix: 'Use ApplicationProtocolVersion.HTTP1, HTTP2 or GRPC.',
  });
  if (version !== ApplicationProtocolVersion.HTTP1 && listenerProtocol === ApplicationProtocol.HTTP) {
    reject(scope, {
      property, must: 'be HTTP1 behind a listener without HTTPS', got: version,
      fix: 'Expose the service with Exposure.publicHttps(…) or Exposure.internalHttps(…).',
    });
  }
}
