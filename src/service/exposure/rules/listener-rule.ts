import { Token } from 'aws-cdk-lib';
import {
  ApplicationListener, ApplicationListenerRule, ApplicationTargetGroup, CfnListenerRule, IApplicationListener, ListenerAction,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct, IConstruct } from 'constructs';
import { HttpRoute } from './http-route';
import { canonical, mayOverlap, priorityOf, rangeOf, specificityOf, weightedPriorityOf } from './rule-priority';
import { Claims } from '../../../private/claims';
import { isPendingLookup } from '../../../private/lookups';
import { reject, sentence } from '../../../private/validation';
import { TrafficShiftRule } from '../../../traffic-shift/traffic-shift';
import { TrafficShiftHandler } from '../../../traffic-shift/traffic-shift-handler';
import type { Traffic } from '../../../traffic-shift/traffic-shift-properties';
import { fullNameOf } from '../load-balancer/load-balancer';

/** The listener, route and priority of a rule. */
export interface RuleSite {
  readonly listener: IApplicationListener;
  readonly route: HttpRoute;
  /** @default - derived from the route */
  readonly priority?: number;
}

/** Creates a rule that forwards requests to a target group. */
export function forwardingRule(scope: Construct, id: string, site: RuleSite, group: ApplicationTargetGroup): void {
  new ApplicationListenerRule(scope, id, {
    listener: site.listener,
    priority: claimPriority(scope, site),
    conditions: site.route._conditions(),
    action: ListenerAction.forward([group]),
  });
}

/** A rule that forwards requests to two target groups. */
export interface WeightedRule extends RuleSite {
  readonly groups: ApplicationTargetGroup[];
  readonly traffic: Traffic;
  /** The service that the rule belongs to. */
  readonly usedBy: IConstruct;
}

/**
 * Creates a rule whose weights ECS changes, and returns its ARN. Its priority differs from the one of `forwardingRule`: when the deployment strategy
 * changes, CloudFormation creates one before it deletes the other.
 */
export function weightedRule(scope: Construct, id: string, { listener, route, priority, groups, traffic, usedBy }: WeightedRule): string {
  const rule = new TrafficShiftRule(scope, id, {
    listenerArn: listener.listenerArn,
    priority: claimPriority(scope, { listener, route, priority: priority ?? weightedPriorityOf(scope, route, traffic === 'TESTS') }, priority === undefined),
    conditions: route._conditions().map(condition => condition.renderRawCondition()),
    handler: TrafficShiftHandler.in(scope),
    loadBalancerFullName: fullNameOf((listener as Partial<ApplicationListener>).loadBalancer),
    groups, traffic, usedBy,
  });
  groups.forEach(group => group.registerListener(listener, rule));
  return rule.arn;
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
export const MAX_PRIORITY = 50_000;

/** The rule of a service on a listener. */
interface Claim {
  readonly owner: IConstruct;
  readonly route: HttpRoute;
  readonly meaning: string;
  readonly priority: number;
  readonly managed: boolean;
}

/** The claims on each listener, identified by its ARN, because several stacks can import the same listener. */
const RULES = new Claims<Claim>();

/** Returns the given priority or the one of the route. Throws if another service of this app has the same priority or route. */
function claimPriority(scope: Construct, { listener, route, priority: given }: RuleSite, managed = given === undefined): number {
  const claim: Claim = {
    owner: scope, route, meaning: canonical(scope, route), priority: given ?? priorityOf(scope, route), managed,
  };
  if (route._parts().some(({ values }) => values.some(isPendingLookup))) {
    return claim.priority; // not final, because the route contains placeholders
  }
  const claims = RULES.on(listener, listener.listenerArn);
  claims.forEach(other => checkAgainst(scope, claim, other, claims));
  claims.push(claim);
  scope.node.addValidation({ validate: () => clashes(listener, claim) });
  return claim.priority;
}

function checkAgainst(scope: Construct, claim: Claim, other: Claim, all: Claim[]): void {
  const theirs = other.owner.node.path;
  if (claim.meaning === other.meaning) {
    reject(scope, {
      property: 'exposure.route', must: `differ from the route of ${theirs} on the same listener`, got: claim.route.toString(),
      fix: 'Give one of the two services another host or path.',
    });
  }
  if (claim.priority === other.priority) {
    reject(scope, {
      property: 'exposure.priority', must: `differ from that of ${theirs} (${other.route.toString()}) on the same listener`, got: claim.priority,
      fix: `Write priority: ${freeNear(claim, other, all)}.`,
    });
  }
  if (claim.managed && other.managed && isInWrongOrder(claim, other)) {
    reject(scope, {
      property: 'exposure.priority', got: claim.priority, fix: `Write priority: ${freeNear(claim, other, all)}.`,
      must: `be given, because '${claim.route.toString()}' overlaps with ${theirs} (${other.route.toString()}), which would have the wrong order`,
    });
  }
}

/** Whether ELB would evaluate the less specific route first. This can only happen within one range, where the order is arbitrary. */
function isInWrongOrder(claim: Claim, other: Claim): boolean {
  return Math.sign(claim.priority - other.priority) === compare(claim, other) && mayOverlap(claim.route, other.route);
}

/** Positive if the first one is more specific and both have the same range. */
function compare(one: Claim, other: Claim): number {
  const [ours, theirs] = [specificityOf(one.route), specificityOf(other.route)];
  if (rangeOf(ours).from !== rangeOf(theirs).from) {
    return 0;
  }
  const difference = [ours.level, ...ours.fine].map((value, index) => value - [theirs.level, ...theirs.fine][index]).find(each => each !== 0);
  return Math.sign(difference ?? 0);
}

function freeNear(claim: Claim, other: Claim, all: Claim[]): number {
  const before = (claim.managed && other.managed && compare(claim, other) > 0) || other.priority === MAX_PRIORITY;
  const taken = new Set(all.map(({ priority }) => priority));
  let free = Token.isUnresolved(other.priority) ? 1 : other.priority;
  while (taken.has(free)) {
    free += before ? -1 : 1;
  }
  return free;
}

/** Errors for rules that were added to the listener without an exposure and have the same priority. */
function clashes(listener: IApplicationListener, { priority, route }: Claim): string[] {
  return listener.node.findAll()
    .filter(each => CfnListenerRule.isCfnListenerRule(each) && each.priority === priority)
    .map(each => sentence({
      property: 'exposure.priority', must: `differ from that of ${each.node.path} on the same listener`, got: priority,
      fix: `Change the priority of that rule, or of '${route.toString()}': Exposure.onListener(listener, route, { priority }).`,
    }));
}
