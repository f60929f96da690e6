import { ITaggableV2, Lazy, Stack, TagManager, TagType } from 'aws-cdk-lib';
import { IApplicationTargetGroup, ITargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct, IConstruct } from 'constructs';
import type { TrafficShiftHandler } from './traffic-shift-handler';
import type { Traffic, TrafficShiftListenerProperties, TrafficShiftRuleProperties, TrafficShiftTag } from './traffic-shift-properties';

/** The part that rules and listeners share. */
export interface TrafficShiftProps {
  readonly handler: TrafficShiftHandler;
  /** The service, for messages. */
  readonly usedBy: IConstruct;
  /**
   * The full name of the load balancer, e.g. `app/web/0123`.
   *
   * @default - read from the ARN of the listener or load balancer
   */
  readonly loadBalancerFullName?: string;
  /** Both target groups. The first one gets the traffic when the resource is created. */
  readonly groups: ITargetGroup[];
  readonly traffic: Traffic;
}

/** Properties of a rule. */
export interface TrafficShiftRuleProps extends TrafficShiftProps {
  readonly groups: IApplicationTargetGroup[];
  readonly listenerArn: string;
  readonly priority: number;
  /** Conditions as the L1 has them. */
  readonly conditions: unknown[];
}

/** Properties of a listener. */
export interface TrafficShiftListenerProps extends TrafficShiftProps,
  Omit<TrafficShiftListenerProperties, 'SchemaVersion' | 'UsedBy' | 'TargetGroups' | 'Traffic' | 'Tags'> {}

type RuleProperties = Omit<TrafficShiftRuleProperties, keyof ReturnType<typeof commonProperties>>;
type ListenerProperties = Omit<TrafficShiftListenerProperties, keyof ReturnType<typeof commonProperties>>;

/** A rule or listener whose weights belong to ECS: updates of the stack do not send them (ADR 16). */
abstract class TrafficShiftResource extends Construct implements ITaggableV2 {
  /** The tags, including those that CloudFormation would give to its own resource. */
  public readonly cdkTagManager: TagManager;
  /** The ARN of the rule or listener. Known at deployment. */
  public readonly arn: string;

  constructor(scope: Construct, id: string, kind: 'Listener' | 'ListenerRule', props: TrafficShiftProps, properties: object) {
    super(scope, id);
    // Aspects find the resource by the type that it replaces.
    this.cdkTagManager = new TagManager(TagType.KEY_VALUE, `AWS::ElasticLoadBalancingV2::${kind}`);
    const resourceType = kind === 'Listener' ? 'Custom::TrafficShiftListener' : 'Custom::TrafficShiftRule';
    this.arn = props.handler.addResource(this, 'Resource', resourceType, { ...commonProperties(this, props), ...properties }).ref;
  }
}

/** A rule of an application load balancer. */
export class TrafficShiftRule extends TrafficShiftResource {
  constructor(scope: Construct, id: string, props: TrafficShiftRuleProps) {
    props.handler.mayManageRules(props);
    const properties: RuleProperties = {
      ListenerArn: props.listenerArn, Priority: props.priority, Conditions: props.conditions.map(each => withCapitals(each) as object),
    };
    super(scope, id, 'ListenerRule', props, properties);
  }
}

const LISTENER = Symbol.for('cdk-container-delivery.TrafficShiftListener');

/** A listener of a network load balancer. */
export class TrafficShiftListener extends TrafficShiftResource {
  /** Whether a construct is such a listener, possibly of another copy of this library. */
  public static is(construct: IConstruct): construct is TrafficShiftListener {
    return LISTENER in construct;
  }

  public readonly loadBalancerArn: string;
  public readonly port: number;

  constructor(scope: Construct, id: string, { handler, usedBy, groups, traffic, loadBalancerFullName, ...properties }: TrafficShiftListenerProps) {
    handler.mayManageListeners({ loadBalancerArn: properties.LoadBalancerArn, loadBalancerFullName });
    const wanted: ListenerProperties = properties;
    super(scope, id, 'Listener', { handler, usedBy, groups, traffic }, wanted);
    this.loadBalancerArn = properties.LoadBalancerArn;
    this.port = properties.Port;
    Object.defineProperty(this, LISTENER, { value: true });
  }
}

function commonProperties(owner: ITaggableV2 & IConstruct, { usedBy, groups, traffic }: TrafficShiftProps) {
  return {
    SchemaVersion: '1' as const,
    UsedBy: usedBy.node.path,
    TargetGroups: groups.map(({ targetGroupArn }) => targetGroupArn),
    Traffic: traffic,
    Tags: Lazy.uncachedAny({ produce: () => tagsOf(owner) }, { omitEmptyArray: true }) as unknown as TrafficShiftTag[],
  };
}

/** The tags of the stacks around it, which CloudFormation gives to all resources that it can tag, and its own tags. */
function tagsOf(owner: ITaggableV2 & IConstruct): TrafficShiftTag[] {
  const stacks = owner.node.scopes.filter(each => Stack.isStack(each)) as Stack[];
  const tags = Object.assign({}, ...stacks.map(stack => stack.tags.tagValues()), owner.cdkTagManager.tagValues()) as Record<string, string>;
  return Object.entries(tags).sort(([a], [b]) => a < b ? -1 : 1).map(([Key, Value]) => ({ Key, Value }));
}

/** The names of the API begin with capitals, those of the L1 do not. */
function withCapitals(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withCapitals);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)
    .map(([key, each]) => [key.charAt(0).toUpperCase() + key.slice(1), withCapitals(each)]));
}
