import { AlternateTarget, ListenerRuleConfiguration } from 'aws-cdk-lib/aws-ecs';
import { ApplicationListenerRule, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { ContainerPort, ExposureBindOptions } from '../exposure-config';
import { targetGroup } from './http-target-group';
import { HttpTargetOptions } from './http-target-options';
import { trafficShiftRole } from '../load-balancer/traffic-shift-role';
import { forwardingRule, RuleSite } from '../rules/listener-rule';

/** A rule, and its name in the template. */
export interface NamedRule extends RuleSite {
  readonly id: string;
}

/** How requests get from listeners to the tasks of a service. */
export interface Targets {
  /** The service, and whether a deployment moves clients. */
  readonly bind: ExposureBindOptions;
  /** Which of its ports answers. */
  readonly answering: ContainerPort;
  readonly options: HttpTargetOptions;
  /** What owns the target groups. */
  readonly groupScope: Construct;
  /** The rule that clients come by; ECS moves them by changing it. */
  readonly production: NamedRule;
  /** The rule by which the new version is reached before clients reach it. */
  readonly test?: NamedRule;
  /** Whether everything that comes to the listener is for this service: then no rule is needed, unless ECS wants one. */
  readonly everything: boolean;
}

/**
 * The target groups of a service: two where a deployment moves clients from one to the other.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html
 */
export function connectTargets(scope: Construct, targets: Targets): ApplicationTargetGroup[] {
  const { bind: { service, vpc, trafficShift }, answering: { containerName, port: containerPort }, options, groupScope } = targets;
  const ids = trafficShift === undefined ? ['ServiceGroup'] : ['ServiceGroup', 'AlternateGroup'];
  const groups = ids.map(id => targetGroup(groupScope, id, vpc, options));
  const production = targets.everything && trafficShift === undefined ? undefined : addRule(scope, targets.production, groups);
  const alternateTarget = trafficShift && production && alternate(scope, targets, groups, production);
  groups[0].addTarget(service.loadBalancerTarget({ containerName, containerPort, alternateTarget }));
  return groups;
}

function alternate(
  scope: Construct, { test }: Targets, groups: ApplicationTargetGroup[], production: ApplicationListenerRule,
): AlternateTarget {
  return new AlternateTarget('Alternate', {
    alternateTargetGroup: groups[1],
    role: trafficShiftRole(scope),
    productionListener: ListenerRuleConfiguration.applicationListenerRule(production),
    testListener: test && ListenerRuleConfiguration.applicationListenerRule(addRule(scope, test, groups)),
  });
}

function addRule(scope: Construct, rule: NamedRule, groups: ApplicationTargetGroup[]): ApplicationListenerRule {
  return forwardingRule(scope, rule.id, rule, groups);
}
