import { Duration } from 'aws-cdk-lib';
import { IVpc } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationProtocol, ApplicationProtocolVersion, ApplicationTargetGroup, CfnTargetGroup, HealthCheck, Protocol, TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { HttpHealthCheck } from './http-health-check';
import { HttpTargetOptions } from './http-target-options';
import { knownSeconds, secondsText } from '../load-balancer/seconds';

/** The tasks of a service, as an application load balancer sees them. */
export function targetGroup(scope: Construct, id: string, vpc: IVpc, options: HttpTargetOptions): ApplicationTargetGroup {
  const { protocolVersion, targetProtocol: protocol = ApplicationProtocol.HTTP, healthCheck = {}, slowStart, stickiness } = options;
  // The default of five minutes makes every deployment five minutes longer.
  const { deregistrationDelay = Duration.seconds(30) } = options;
  const group = new ApplicationTargetGroup(scope, id, {
    vpc, protocol, protocolVersion, targetType: TargetType.IP,
    port: protocol === ApplicationProtocol.HTTP ? 80 : 443, // each task is registered with the port of its container
    healthCheck: healthCheckOf(healthCheck, options),
    deregistrationDelay,
  });
  group.setAttribute('deregistration_delay.timeout_seconds', secondsText(deregistrationDelay));
  if (slowStart !== undefined) {
    group.setAttribute('slow_start.duration_seconds', secondsText(slowStart));
  }
  stickiness?._apply(group);
  setTimes(group.node.defaultChild as CfnTargetGroup, healthCheck);
  return group;
}

function healthCheckOf(check: HttpHealthCheck, { protocolVersion, targetProtocol }: HttpTargetOptions): HealthCheck {
  const common = {
    protocol: targetProtocol === ApplicationProtocol.HTTPS ? Protocol.HTTPS : undefined,
    // ELB's own five checks, one each half minute, make every task of a deployment two and a half minutes late.
    healthyThresholdCount: check.healthyThresholdCount ?? 2,
    unhealthyThresholdCount: check.unhealthyThresholdCount ?? 3,
  };
  return protocolVersion === ApplicationProtocolVersion.GRPC
    ? { ...common, path: check.path, healthyGrpcCodes: check.healthyCodes }
    : { ...common, path: check.path ?? '/', healthyHttpCodes: check.healthyCodes ?? '200-399' };
}

// Not through the L2, which compares them in milliseconds, and so takes no tokens.
function setTimes(group: CfnTargetGroup, { interval = Duration.seconds(10), timeout }: HttpHealthCheck): void {
  const every = knownSeconds(interval);
  group.healthCheckIntervalSeconds = interval.toSeconds();
  group.healthCheckTimeoutSeconds = timeout?.toSeconds()
    // The default timeout of ELB would be longer than the interval.
    ?? (every !== undefined && every <= 6 ? every - 1 : undefined);
}
