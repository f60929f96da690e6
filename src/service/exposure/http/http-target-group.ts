import { Duration } from 'aws-cdk-lib';
import { IVpc } from 'aws-cdk-lib/aws-ec2';
import { IAlternateTarget } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationProtocol, ApplicationProtocolVersion, ApplicationTargetGroup, CfnTargetGroup, HealthCheck, Protocol, TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { HttpHealthCheck, HttpTargetOptions } from './http-target-options';
import type { Traffic } from '../../../traffic-shift/traffic-shift-properties';
import { ContainerPort, ExposureBindOptions } from '../exposure-config';
import { alternateTarget, hasTwoTargetGroups, knownSeconds, secondsText } from '../load-balancer/load-balancer';
import { forwardingRule, RuleSite, weightedRule } from '../rules/listener-rule';

/** The parts that connect listeners with the tasks of a service. */
export interface Targets {
  /** The service, and whether a deployment shifts traffic. */
  readonly bind: ExposureBindOptions;
  /** The container port that receives the requests. */
  readonly answering: ContainerPort;
  readonly options: HttpTargetOptions;
  /** The scope of the target groups. */
  readonly groupScope: Construct;
  /** The rule for production traffic. ECS changes its weights to shift traffic. */
  readonly production: RuleSite;
  /** The rule for test traffic. */
  readonly test?: RuleSite;
  /** Whether the service gets all requests of the listener. Then a rule is needed only if ECS shifts traffic. */
  readonly everything: boolean;
}

/**
 * Creates the target groups of a service: two if a deployment shifts traffic, otherwise one.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html
 */
export function connectTargets(scope: Construct, targets: Targets): ApplicationTargetGroup[] {
  const { bind, answering: { containerName, port: containerPort }, options, groupScope } = targets;
  const isWeighted = hasTwoTargetGroups(bind);
  const groups = (isWeighted ? ['ServiceGroup', 'AlternateGroup'] : ['ServiceGroup']).map(id => targetGroup(groupScope, id, bind.vpc, options));
  const shift = isWeighted ? addWeightedRules(scope, targets, groups) : undefined;
  if (!isWeighted && !targets.everything) {
    forwardingRule(scope, 'Rule', targets.production, groups[0]);
  }
  groups[0].addTarget(bind.service.loadBalancerTarget({ containerName, containerPort, alternateTarget: shift }));
  return groups;
}

/** Adds rules for both target groups. Returns the configuration with which ECS shifts traffic, if deployments do so. */
function addWeightedRules(
  scope: Construct, { bind: { service, trafficShift }, production, test }: Targets, groups: ApplicationTargetGroup[],
): IAlternateTarget | undefined {
  const add = (id: string, site: RuleSite, traffic: Traffic) => weightedRule(scope, id, { ...site, groups, usedBy: service, traffic });
  const productionListenerRule = add('ProductionRule', production, trafficShift === undefined ? 'STAYS' : 'SHIFTS');
  return trafficShift && alternateTarget(scope, groups[1], { productionListenerRule, testListenerRule: test && add('TestRule', test, 'TESTS') });
}

function targetGroup(scope: Construct, id: string, vpc: IVpc, options: HttpTargetOptions): ApplicationTargetGroup {
  const { protocolVersion, targetProtocol: protocol = ApplicationProtocol.HTTP, healthCheck = {}, slowStart, stickiness } = options;
  // With the default of five minutes, each deployment would take five minutes longer.
  const { deregistrationDelay = Duration.seconds(30) } = options;
  const group = new ApplicationTargetGroup(scope, id, {
    vpc, protocol, protocolVersion, targetType: TargetType.IP,
    port: protocol === ApplicationProtocol.HTTP ? 80 : 443, // unused: ECS registers each task with its container port
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
    // With the defaults of ELB (5 checks, 30 seconds), each new task would take two and a half minutes to become healthy.
    healthyThresholdCount: check.healthyThresholdCount ?? 2,
    unhealthyThresholdCount: check.unhealthyThresholdCount ?? 3,
  };
  return protocolVersion === ApplicationProtocolVersion.GRPC
    ? { ...common, path: check.path, healthyGrpcCodes: check.healthyGrpcCodes }
    : { ...common, path: check.path ?? '/', healthyHttpCodes: check.healthyHttpCodes ?? '200-399' };
}

// Set on the L1, because the L2 compares the times in milliseconds, which fails for tokens.
function setTimes(group: CfnTargetGroup, { interval = Duration.seconds(10), timeout }: HttpHealthCheck): void {
  const every = knownSeconds(interval);
  group.healthCheckIntervalSeconds = interval.toSeconds();
  group.healthCheckTimeoutSeconds = timeout?.toSeconds()
    // For short intervals, the default timeout of ELB would be longer than the interval.
    ?? (every !== undefined && every <= 6 ? every - 1 : undefined);
}
