import { TargetGroups } from './decode-traffic';
import { AwsCallError, AwsDependencies, CallLimits, partitionOf } from '../../custom-resource/aws';
import { QueryApi, QueryParameters, QueryValue } from '../../custom-resource/query-api';
import { XmlElement, membersAt, textAt } from '../../custom-resource/xml';
import type { TrafficShiftTag } from '../traffic-shift-properties';

/** The ELB operations that the function calls. `TrafficShiftHandler` grants the permissions. */
export type ElbOperation =
  | 'AddTags' | 'CreateListener' | 'CreateRule' | 'DeleteListener' | 'DeleteRule' | 'DescribeListeners' | 'DescribeRules' | 'DescribeTags'
  | 'DescribeTargetHealth' | 'ModifyListener' | 'ModifyListenerAttributes' | 'ModifyRule' | 'RemoveTags' | 'SetRulePriorities';

/** The weight of a target group. */
export interface Weight {
  readonly targetGroup: string;
  readonly weight: number;
}

/** The current state of a rule or listener. */
export interface LiveForwarder {
  readonly arn: string;
  /** The target groups that it forwards to. Empty if it has another action. */
  readonly weights: readonly Weight[];
}

/** The current state of a rule. */
export interface LiveRule extends LiveForwarder {
  readonly priority?: string;
}

/** The current state of a listener. */
export interface LiveListener extends LiveForwarder {
  readonly loadBalancer?: string;
  readonly port?: string;
}

/** The tags of the current and of the earlier template. */
export interface TagChange {
  readonly tags: readonly TrafficShiftTag[];
  readonly oldTags: readonly TrafficShiftTag[];
}

/** The types of errors for resources that no longer exist. */
const NOT_FOUND = ['RuleNotFound', 'ListenerNotFound', 'LoadBalancerNotFound'];
const MAX_PAGES = 50;
// A hundred rules have a few hundred KiB.
const MAX_RESPONSE_BYTES = 2 * 1024 * 1024;

/** The API of Elastic Load Balancing in the region of the function. */
export class ElbApi {
  private readonly api: QueryApi<ElbOperation>;

  constructor(dependencies: AwsDependencies, limits: CallLimits) {
    const { AWS_REGION: region = '' } = dependencies.environment;
    const host = `elasticloadbalancing.${region}.${partitionOf(region).services}`;
    this.api = new QueryApi({
      service: 'elasticloadbalancing', title: 'ELB', version: '2015-12-01', region, host, maxResponseBytes: MAX_RESPONSE_BYTES,
    }, dependencies, limits);
  }

  /** Calls an operation. */
  public async call(operation: ElbOperation, parameters: QueryParameters): Promise<XmlElement | undefined> {
    return this.api.call(operation, parameters);
  }

  /** Calls an operation. Returns `undefined` if the rule, listener or load balancer does not exist any more. */
  public async callIfExists(operation: ElbOperation, parameters: QueryParameters): Promise<XmlElement | undefined> {
    try {
      return await this.call(operation, parameters);
    } catch (error) {
      if (error instanceof AwsCallError && NOT_FOUND.includes(error.type ?? '')) return undefined;
      throw error;
    }
  }

  /** Reads rules by their ARNs, or all rules of a listener. Empty if there are none. */
  public async rules(filter: { readonly RuleArns: string[] } | { readonly ListenerArn: string }): Promise<LiveRule[]> {
    return (await this.pages('DescribeRules', pageOf(filter), 'Rules')).map(rule => ({
      arn: textAt(rule, 'RuleArn') ?? '', priority: textAt(rule, 'Priority'), weights: weightsIn(rule, 'Actions'),
    }));
  }

  /** Reads listeners by their ARNs, or all listeners of a load balancer. Empty if there are none. */
  public async listeners(filter: { readonly ListenerArns: string[] } | { readonly LoadBalancerArn: string }): Promise<LiveListener[]> {
    return (await this.pages('DescribeListeners', pageOf(filter), 'Listeners')).map(listener => ({
      arn: textAt(listener, 'ListenerArn') ?? '',
      loadBalancer: textAt(listener, 'LoadBalancerArn'),
      port: textAt(listener, 'Port'),
      weights: weightsIn(listener, 'DefaultActions'),
    }));
  }

  /** Whether a target group has targets that are not being deregistered. */
  public async hasTargets(targetGroup: string): Promise<boolean> {
    const health = await this.call('DescribeTargetHealth', { TargetGroupArn: targetGroup });
    return membersAt(health, 'TargetHealthDescriptions').some(each => textAt(each, 'TargetHealth', 'State') !== 'draining');
  }

  /** The first of several rules or listeners that has a tag. */
  public async tagged<T extends LiveForwarder>(found: readonly T[], { Key, Value }: TrafficShiftTag): Promise<T | undefined> {
    if (found.length === 0) return undefined;
    const descriptions = membersAt(await this.call('DescribeTags', { ResourceArns: found.map(({ arn }) => arn) }), 'TagDescriptions');
    const isTagged = ({ arn }: T) => descriptions.filter(each => textAt(each, 'ResourceArn') === arn)
      .some(each => membersAt(each, 'Tags').some(tag => textAt(tag, 'Key') === Key && textAt(tag, 'Value') === Value));
    return found.find(isTagged);
  }

  /** Adds and changes tags, and removes those that only the earlier template had. */
  public async tag(arn: string, { tags, oldTags }: TagChange): Promise<void> {
    const removed = oldTags.map(({ Key }) => Key).filter(key => tags.every(({ Key }) => Key !== key));
    if (removed.length > 0) await this.call('RemoveTags', { ResourceArns: [arn], TagKeys: removed });
    if (tags.length > 0) await this.call('AddTags', { ResourceArns: [arn], Tags: tagList(tags) });
  }

  private async pages(operation: ElbOperation, parameters: QueryParameters, list: string): Promise<XmlElement[]> {
    const found: XmlElement[] = [];
    let Marker: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const result = await this.callIfExists(operation, { ...parameters, Marker });
      found.push(...membersAt(result, list));
      Marker = textAt(result, 'NextMarker');
      if (Marker === undefined) return found;
    }
    throw new Error(`ELB has more than ${MAX_PAGES * 100} ${list}; remove those that nobody uses`);
  }
}

/** Lists are read in small pages, so that each response fits into the memory of the function. */
function pageOf(filter: QueryParameters): QueryParameters {
  return 'ListenerArn' in filter || 'LoadBalancerArn' in filter ? { ...filter, PageSize: 100 } : filter;
}

/** Tags as a parameter. */
export function tagList(tags: readonly TrafficShiftTag[]): QueryValue {
  return tags.map(({ Key, Value }) => ({ Key, Value }));
}

/** The action that forwards to weighted target groups. */
export function forwardAction(weights: readonly Weight[]): QueryValue {
  return [{ Type: 'forward', ForwardConfig: { TargetGroups: weights.map(({ targetGroup, weight }) => ({ TargetGroupArn: targetGroup, Weight: weight })) } }];
}

/** Whether a rule or listener forwards to both target groups of a service. No other service uses them. */
export function isForwardingTo({ weights }: LiveForwarder, groups: TargetGroups): boolean {
  return groups.every(group => weights.some(({ targetGroup }) => targetGroup === group));
}

/** The weights of the target groups. Older responses do not list a single target group. */
function weightsIn(element: XmlElement, list: string): Weight[] {
  const action = membersAt(element, list).find(each => textAt(each, 'Type') === 'forward');
  const groups = membersAt(action, 'ForwardConfig', 'TargetGroups');
  const single = textAt(action, 'TargetGroupArn');
  if (groups.length === 0) return single === undefined ? [] : [{ targetGroup: single, weight: 1 }];
  return groups.map(group => ({ targetGroup: textAt(group, 'TargetGroupArn') ?? '', weight: Number(textAt(group, 'Weight') ?? 1) }));
}
