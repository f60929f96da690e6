import { decodeListener, decodeRule, ListenerOrder, RuleOrder } from './decode-traffic';
import { ElbApi, Live, Weight } from './elb';
import { explained } from './fixes';
import { Forwarder, Listener, originOf, Rule } from './forwarders';
import { AwsRefusal, AwsSeams, Patience } from '../../custom-resource/aws';
import { CustomResourceEvent, InvocationContext, Outcome, resourceHash, Seams, serveCustomResource, Work } from '../../custom-resource/protocol';
import { isRolledBack, UNSURE } from '../../custom-resource/rollback';

const PLACE_TAKEN = ['PriorityInUse', 'DuplicateListener'];

/** The context of one event. */
interface Resource {
  readonly order: RuleOrder | ListenerOrder;
  readonly forwarder: Forwarder;
  readonly api: ElbApi;
}

/** Serves `Custom::TrafficShiftRule` and `Custom::TrafficShiftListener`. */
export async function serveTrafficShift(event: CustomResourceEvent, context: InvocationContext, seams: Seams & AwsSeams): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the change of the load balancer',
    tooLong: 'deploy again',
    physicalId: each => each.PhysicalResourceId ?? `traffic-shift-${resourceHash(each)}`,
    work: work(seams),
    remove: removal(seams),
  }, seams);
}

/** The work for Create and Update. */
function work(seams: AwsSeams): Work {
  return async (event, limits) => {
    try {
      const resource = resourceOf(event, seams, limits);
      const current = await readCurrent(event, resource.forwarder);
      if (current !== undefined && resource.forwarder.fits(current)) return await update(event, resource, current, seams);
      return await replace(event, resource, current, seams);
    } catch (error) {
      return { status: 'FAILED', reason: explained(error, event.ResourceProperties) };
    }
  };
}

async function readCurrent({ PhysicalResourceId: id }: CustomResourceEvent, forwarder: Forwarder): Promise<Live | undefined> {
  return isArn(id) ? forwarder.read(id) : undefined;
}

async function update(event: CustomResourceEvent, { forwarder, ...resource }: Resource, current: Live, seams: AwsSeams): Promise<Outcome> {
  const weights = await neededWeights(event, resource, current, seams);
  await forwarder.update(current, weights);
  return succeeded(current.arn, `updated, ${weights === undefined ? 'weights left alone' : `weights ${shown(weights)}`}`);
}

/** Creates a rule or listener with the weights of the current one. CloudFormation deletes the current one later. */
async function replace(
  event: CustomResourceEvent, { forwarder, ...resource }: Resource, current: Live | undefined, seams: AwsSeams,
): Promise<Outcome> {
  const live = current && await weightsOfOld(event, resource, current, seams);
  // An event can arrive twice, and in a rollback the earlier rule or listener still exists.
  const existing = await forwarder.find();
  if (existing !== undefined) {
    await forwarder.update(existing, live);
    return succeeded(existing.arn, `found, ${live === undefined ? 'weights left alone' : `weights ${shown(live)}`}`);
  }
  const weights = live ?? await weightsByTargets(resource);
  return succeeded(await created(forwarder, weights), `created, weights ${shown(weights)}`);
}

/** The current weights of the target groups in the template. `undefined` if the current rule or listener forwards to other target groups. */
async function weightsOfOld(
  event: CustomResourceEvent, resource: Omit<Resource, 'forwarder'>, current: Live, seams: AwsSeams,
): Promise<Weight[] | undefined> {
  const known = knownWeights(resource, current);
  return known && (await neededWeights(event, resource, { ...current, weights: known }, seams) ?? known);
}

/** Creates the rule or listener. If it already exists, because the response to an earlier attempt was lost, updates and returns that one. */
async function created(forwarder: Forwarder, weights: readonly Weight[]): Promise<string> {
  try {
    return await forwarder.create(weights);
  } catch (error) {
    const own = error instanceof AwsRefusal && PLACE_TAKEN.includes(error.type ?? '') ? await forwarder.find() : undefined;
    if (own === undefined) throw error;
    await forwarder.update(own);
    return own.arn;
  }
}

/**
 * The weights to send to an existing rule or listener. Usually `undefined`, because ECS manages the weights.
 *
 * Throws if clients use a target group that is not in the new template, because these clients would be cut off.
 */
async function neededWeights(
  event: CustomResourceEvent, resource: Omit<Resource, 'forwarder'>, { weights }: Live, seams: AwsSeams,
): Promise<Weight[] | undefined> {
  const { order: { groups, traffic, usedBy }, api } = resource;
  const allowed: readonly string[] = traffic === 'STAYS' ? groups.slice(0, 1) : groups;
  const lost = weights.filter(({ targetGroup, weight }) => weight > 0 && !allowed.includes(targetGroup));
  if (lost.length === 0) return undefined;
  const inUse = await Promise.all(lost.map(async ({ targetGroup }) => api.hasTargets(targetGroup)));
  const isForTests = traffic === 'TESTS' || event.OldResourceProperties?.Traffic === 'TESTS';
  if (isForTests || !inUse.includes(true)) return weightsByTargets(resource);
  // In a rollback, ECS returns to the earlier target groups itself.
  const rollsBack = await isRolledBack(event.StackId, seams);
  if (rollsBack) return undefined;
  const groupIsKept = lost.every(({ targetGroup }) => targetGroup === groups[1]);
  throw new Error([groupIsKept
    ? `clients of ${usedBy} use its second target group, so a rolling deployment would take their tasks away; deploy once more with the earlier strategy `
      + '(for example with another value in redeployOn), then change to Deployment.rolling({ keepAlternateTargetGroup: true })'
    : `the target groups of ${usedBy} would be replaced while clients use them; undo the change of protocol, protocol version, port or VPC, `
      + 'or create a second service with it and move the clients',
  ...rollsBack === undefined ? [UNSURE] : []].join('. '));
}

/** The current weights of the target groups in the template. `undefined` if the current action does not forward to any of them. */
function knownWeights({ order: { groups } }: Omit<Resource, 'forwarder'>, { weights }: Live): Weight[] | undefined {
  const known = groups.map(targetGroup => ({ targetGroup, weight: weights.find(each => each.targetGroup === targetGroup)?.weight ?? 0 }));
  return known.some(({ weight }) => weight > 0) ? known : undefined;
}

/** All traffic to the first target group, unless only the second one has targets. */
async function weightsByTargets({ order: { groups }, api }: Omit<Resource, 'forwarder'>): Promise<Weight[]> {
  const [main, alternate] = await Promise.all(groups.map(async group => api.hasTargets(group)));
  const used = alternate && !main ? 1 : 0;
  return groups.map((targetGroup, index) => ({ targetGroup, weight: index === used ? 100 : 0 }));
}

/** The work for Delete. */
function removal(seams: AwsSeams): Work {
  return async (event, limits) => {
    try {
      const api = new ElbApi(seams, limits);
      const arn = await arnToRemove(event, seams, limits);
      if (arn === undefined) return { status: 'SUCCESS', summary: 'nothing to remove' };
      await (arn.includes(':listener-rule/') ? api.askIfThere('DeleteRule', { RuleArn: arn }) : api.askIfThere('DeleteListener', { ListenerArn: arn }));
      return { status: 'SUCCESS', summary: 'removed' };
    } catch (error) {
      return { status: 'FAILED', reason: explained(error, event.ResourceProperties) };
    }
  };
}

/** The ARN to delete. After a failed Create it is not in the physical ID, but the rule or listener may exist. */
async function arnToRemove(event: CustomResourceEvent, seams: AwsSeams, limits: Patience): Promise<string | undefined> {
  if (isArn(event.PhysicalResourceId)) return event.PhysicalResourceId;
  let resource: Resource;
  try {
    resource = resourceOf(event, seams, limits);
  } catch {
    // A Create event with invalid properties has created nothing.
    return undefined;
  }
  return (await resource.forwarder.find())?.arn;
}

function resourceOf(event: CustomResourceEvent, seams: AwsSeams, limits: Patience): Resource {
  const { ResourceProperties: properties = {} } = event;
  const api = new ElbApi(seams, limits);
  const origin = originOf(event);
  if (properties.LoadBalancerArn !== undefined) {
    const order = decodeListener(properties);
    return { api, order, forwarder: new Listener(api, order, origin) };
  }
  const order = decodeRule(properties);
  return { api, order, forwarder: new Rule(api, order, origin) };
}

function isArn(id: string | undefined): id is string {
  return id !== undefined && id.startsWith('arn:');
}

function succeeded(physicalId: string, summary: string): Outcome {
  return { status: 'SUCCESS', physicalId, summary };
}

function shown(weights: readonly Weight[]): string {
  return weights.map(({ weight }) => weight).join('/');
}

