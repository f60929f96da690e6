import { ApplicationListenerRule, ApplicationTargetGroup, IApplicationListener, ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { HttpRoute } from './http-route';
import { claimPriority } from './rule-claims';

/** Which requests to a listener are meant. */
export interface RuleSite {
  readonly listener: IApplicationListener;
  readonly route: HttpRoute;
  /** Found by the route where it is left out. */
  readonly priority?: number;
}

/** A rule that sends them to the first of the target groups, and later, by ECS, to the other. */
export function forwardingRule(scope: Construct, id: string, site: RuleSite, groups: ApplicationTargetGroup[]): ApplicationListenerRule {
  const [primary, ...others] = groups;
  return new ApplicationListenerRule(scope, id, {
    listener: site.listener,
    priority: claimPriority(scope, site),
    conditions: site.route._conditions(),
    action: others.length === 0 ? ListenerAction.forward([primary]) : ListenerAction.weightedForward([
      { targetGroup: primary, weight: 100 },
      ...others.map(targetGroup => ({ targetGroup, weight: 0 })),
    ]),
  });
}
