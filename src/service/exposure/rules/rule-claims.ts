import { Token } from 'aws-cdk-lib';
import { CfnListenerRule, IApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct, IConstruct } from 'constructs';
import { HttpRoute } from './http-route';
import type { RuleSite } from './listener-rule';
import { mayOverlap } from './rule-overlap';
import { canonical, priorityOf, rangeOf } from './rule-priority';
import { specificityOf } from './rule-specificity';
import { Claims } from '../../../private/claims';
import { isPendingLookup } from '../../../private/lookups';
import { checkInteger, reject, sentence } from '../../../private/validation';

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
const LAST = 50_000;

/** A rule that a service has on a listener. */
interface Claim {
  readonly owner: IConstruct;
  readonly route: HttpRoute;
  readonly meaning: string;
  readonly priority: number;
  readonly managed: boolean;
}

/** The same listener may be imported in several stacks. */
const RULES = new Claims<Claim>();

/** The priority of a rule: the one that is given, else the one that its route has, as long as no other service of this app needs the same. */
export function claimPriority(scope: Construct, { listener, route, priority: given }: RuleSite): number {
  const claim: Claim = {
    owner: scope, route, meaning: canonical(scope, route), priority: given ?? priorityOf(scope, route), managed: given === undefined,
  };
  if (given !== undefined) {
    checkInteger(scope, { property: 'exposure.priority', value: given, min: 1, max: LAST, fix: 'Lower ones are asked first; leave it out to have it found.' });
  }
  if (route._parts().some(({ values }) => values.some(isPendingLookup))) {
    return claim.priority; // which will be another one
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
  if (claim.managed && other.managed && isUpsideDown(claim, other)) {
    reject(scope, {
      property: 'exposure.priority', got: claim.priority, fix: `Write priority: ${freeNear(claim, other, all)}.`,
      must: `be given, because ${theirs} (${other.route.toString()}) has requests in common with '${claim.route.toString()}' and would be asked at the wrong time`,
    });
  }
}

/** Whether the less specific one would be asked first: only where both belong into the same range, in which their order is by chance. */
function isUpsideDown(claim: Claim, other: Claim): boolean {
  return Math.sign(claim.priority - other.priority) === compare(claim, other) && mayOverlap(claim.route, other.route);
}

/** More than 0 where the first is more specific, within one range. */
function compare(one: Claim, other: Claim): number {
  const [ours, theirs] = [specificityOf(one.route), specificityOf(other.route)];
  if (rangeOf(ours).from !== rangeOf(theirs).from) {
    return 0;
  }
  const difference = [ours.level, ...ours.fine].map((value, index) => value - [theirs.level, ...theirs.fine][index]).find(each => each !== 0);
  return Math.sign(difference ?? 0);
}

function freeNear(claim: Claim, other: Claim, all: Claim[]): number {
  const before = (claim.managed && other.managed && compare(claim, other) > 0) || other.priority === LAST;
  const taken = new Set(all.map(({ priority }) => priority));
  let free = Token.isUnresolved(other.priority) ? 1 : other.priority;
  while (taken.has(free)) {
    free += before ? -1 : 1;
  }
  return free;
}

/** Rules that were added to the listener itself. */
function clashes(listener: IApplicationListener, { priority, route }: Claim): string[] {
  return listener.node.findAll()
    .filter(each => CfnListenerRule.isCfnListenerRule(each) && each.priority === priority)
    .map(each => sentence({
      property: 'exposure.priority', must: `differ from that of ${each.node.path} on the same listener`, got: priority,
      fix: `Give that rule another one, or '${route.toString()}' here: Exposure.onListener(listener, route, { priority }).`,
    }));
}
