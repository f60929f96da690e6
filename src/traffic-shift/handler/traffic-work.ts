import { decodeListener, decodeRule, DesiredListener, DesiredRule } from './decode-traffic';
import { ElbApi, LiveForwarder, Weight } from './elb';
import { explainElb } from './fixes';
import { Forwarder, Listener, ownershipOf, Rule } from './forwarders';
import { AwsCallError, AwsDependencies, CallLimits } from '../../custom-resource/aws';
import { LambdaDependencies } from '../../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext, Outcome, resourceHash, serveCustomResource, Work } from '../../custom-resource/protocol';
import { isRolledBack, ROLLBACK_UNKNOWN } from '../../custom-resource/rollback';

/** The types of errors for a priority or port that is already in use. */
const ALREADY_EXISTS = ['PriorityInUse', 'DuplicateListener'];

/** One event, and the rule or listener that it is about. */
interface TrafficShift {
  readonly event: CustomResourceEvent;
  readonly dependencies: AwsDependencies;
  readonly desired: DesiredRule | DesiredListener;
  readonly forwarder: Forwarder;
  readonly api: ElbApi;
}

/** Serves `Custom::TrafficShiftRule` and `Custom::TrafficShiftListener`. */
export async function serveTrafficShift(event: CustomResourceEvent, context: InvocationContext, dependencies: LambdaDependencies): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the change of the load balancer',
    timeoutFix: 'deploy again',
    physicalId: each => each.PhysicalResourceId ?? `traffic-shift-${resourceHash(each)}`,
    work: work(dependencies),
    remove: removal(dependencies),
  }, dependencies);
}

/** The work for Create and Update. */
function work(dependencies: AwsDependencies): Work {
  return async (event, limits) => {
    try {
      const shift = trafficShiftOf(event, dependencies, limits);
      const { forwarder } = shift;
      const current = isArn(event.PhysicalResourceId) ? await forwarder.read(event.PhysicalResourceId) : undefined;
      return current !== undefined && forwarder.canUpdate(current) ? await update(shift, current) : await replace(shift, current);
    } catch (error) {
      return { status: 'FAILED', reason: explainElb(error, event.ResourceProperties) };
    }
  };
}

async function update(shift: TrafficShift, current: LiveForwarder): Promise<Outcome> {
  const weights = await weightsToSend(shift, current.weights);
  await shift.forwarder.update(current, weights);
  return succeeded(current.arn, `updated, ${weights === undefined ? 'weights left alone' : `weights ${formatWeights(weights)}`}`);
}

/** Creates a rule or listener with the weights of the current one. CloudFormation deletes the current one later. */
async function replace(shift: TrafficShift, current: LiveForwarder | undefined): Promise<Outcome> {
  const { forwarder } = shift;
  const inherited = current && await inheritedWeights(shift, current);
  // An event can arrive twice, and in a rollback the earlier rule or listener still exists.
  const existing = await forwarder.find();
  if (existing !== undefined) {
    await forwarder.update(existing, inherited);
    return succeeded(existing.arn, `found, ${inherited === undefined ? 'weights left alone' : `weights ${formatWeights(inherited)}`}`);
  }
  const weights = inherited ?? await weightsByTargets(shift);
  return succeeded(await createOrUpdate(forwarder, weights), `created, weights ${formatWeights(weights)}`);
}

/** Creates the rule or listener. If it already exists, because the response to an earlier attempt was lost, updates and returns that one. */
async function createOrUpdate(forwarder: Forwarder, weights: readonly Weight[]): Promise<string> {
  try {
    return await forwarder.create(weights);
  } catch (error) {
    const existing = error instanceof AwsCallError && ALREADY_EXISTS.includes(error.type ?? '') ? await forwarder.find() : undefined;
    if (existing === undefined) throw error;
    await forwarder.update(existing);
    return existing.arn;
  }
}

/**
 * The weights to send to an existing rule or listener. Usually `undefined`, because ECS manages the weights.
 *
 * Throws if clients use a target group that is not in the new template, because these clients would be cut off.
 */
async function weightsToSend(shift: TrafficShift, current: readonly Weight[]): Promise<Weight[] | undefined> {
  const { event, dependencies, desired: { groups, traffic, usedBy }, api } = shift;
  const allowed: readonly string[] = traffic === 'STAYS' ? groups.slice(0, 1) : groups;
  const lost = current.filter(({ targetGroup, weight }) => weight > 0 && !allowed.includes(targetGroup));
  if (lost.length === 0) return undefined;
  const inUse = await Promise.all(lost.map(async ({ targetGroup }) => api.hasTargets(targetGroup)));
  const isForTests = traffic === 'TESTS' || event.OldResourceProperties?.Traffic === 'TESTS';
  if (isForTests || !inUse.includes(true)) return weightsByTargets(shift);
  // In a rollback, ECS returns to the earlier target groups itself.
  const rollsBack = await isRolledBack(event.StackId, dependencies);
  if (rollsBack) return undefined;
  const groupIsKept = lost.every(({ targetGroup }) => targetGroup === groups[1]);
  throw new Error([groupIsKept
    ? `clients of ${usedBy} use its second target group, so a rolling deployment would take their tasks away; deploy once more with the earlier strategy `
      + '(for example with another value in redeployOn), then change to Deployment.rolling({ keepAlternateTargetGroup: true })'
    : `the target groups of ${usedBy} would be replaced while clients use them; undo the change of protocol, protocol version, port or VPC, `
      + 'or create a second service with it and move the clients',
  ...rollsBack === undefined ? [ROLLBACK_UNKNOWN] : []].join('. '));
}

/** The weights of the replaced rule or listener. `undefined` if it forwards to other target groups than the template. */
async function inheritedWeights(shift: TrafficShift, { weights }: LiveForwarder): Promise<Weight[] | undefined> {
  const weightOf = (targetGroup: string) => weights.find(each => each.targetGroup === targetGroup)?.weight ?? 0;
  const inherited = shift.desired.groups.map(targetGroup => ({ targetGroup, weight: weightOf(targetGroup) }));
  if (!inherited.some(({ weight }) => weight > 0)) return undefined;
  return await weightsToSend(shift, inherited) ?? inherited;
}

/** All traffic to the first target group, unless only the second one has targets. */
async function weightsByTargets({ desired: { groups }, api }: TrafficShift): Promise<Weight[]> {
  const [main, alternate] = await Promise.all(groups.map(async group => api.hasTargets(group)));
  const used = alternate && !main ? 1 : 0;
  return groups.map((targetGroup, index) => ({ targetGroup, weight: index === used ? 100 : 0 }));
}

/** The work for Delete. */
function removal(dependencies: AwsDependencies): Work {
  return async (event, limits) => {
    try {
      const api = new ElbApi(dependencies, limits);
      const arn = await arnToRemove(event, dependencies, limits);
      if (arn === undefined) return { status: 'SUCCESS', summary: 'nothing to remove' };
      await (arn.includes(':listener-rule/') ? api.callIfExists('DeleteRule', { RuleArn: arn }) : api.callIfExists('DeleteListener', { ListenerArn: arn }));
      return { status: 'SUCCESS', summary: 'removed' };
    } catch (error) {
      return { status: 'FAILED', reason: explainElb(error, event.ResourceProperties) };
    }
  };
}

/** The ARN to delete. After a failed Create it is not in the physical ID, but the rule or listener may exist. */
async function arnToRemove(event: CustomResourceEvent, dependencies: AwsDependencies, limits: CallLimits): Promise<string | undefined> {
  if (isArn(event.PhysicalResourceId)) return event.PhysicalResourceId;
  let shift: TrafficShift;
  try {
    shift = trafficShiftOf(event, dependencies, limits);
  } catch {
    // A Create event with invalid properties has created nothing.
    return undefined;
  }
  return (await shift.forwarder.find())?.arn;
}

function trafficShiftOf(event: CustomResourceEvent, dependencies: AwsDependencies, limits: CallLimits): TrafficShift {
  const { ResourceProperties: properties = {} } = event;
  const api = new ElbApi(dependencies, limits);
  const ownership = ownershipOf(event);
  if (properties.LoadBalancerArn !== undefined) {
    const desired = decodeListener(properties);
    return { event, dependencies, api, desired, forwarder: new Listener(api, desired, ownership) };
  }
  const desired = decodeRule(properties);
  return { event, dependencies, api, desired, forwarder: new Rule(api, desired, ownership) };
}

function isArn(id: string | undefined): id is string {
  return id !== undefined && id.startsWith('arn:');
}

function succeeded(physicalId: string, summary: string): Outcome {
  return { status: 'SUCCESS', physicalId, summary };
}

function formatWeights(weights: readonly Weight[]): string {
  return weights.map(({ weight }) => weight).join('/');
}
