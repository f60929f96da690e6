import { DesiredListener, DesiredRule, Properties, tagsIn } from './decode-traffic';
import { ElbApi, forwardAction, isForwardingTo, LiveForwarder, LiveListener, LiveRule, tagList, Weight } from './elb';
import { CustomResourceEvent, resourceHash } from '../../custom-resource/protocol';
import { QueryParameters } from '../../custom-resource/query-api';
import { textAt } from '../../custom-resource/xml';
import { STACK_TAG, TrafficShiftTag } from '../traffic-shift-properties';

/** A rule or listener that forwards to the target groups of a service. */
export interface Forwarder {
  /** The rule or listener with an ARN. `undefined` if it does not exist any more. */
  read(arn: string): Promise<LiveForwarder | undefined>;
  /** Whether an existing rule or listener can be changed in place. */
  canUpdate(live: LiveForwarder): boolean;
  /** The rule or listener that an earlier event of this resource has created at the same priority or port. */
  find(): Promise<LiveForwarder | undefined>;
  /** Creates the rule or listener and returns its ARN. */
  create(weights: readonly Weight[]): Promise<string>;
  /** Updates everything except the actions. Sends the actions only if weights are given. */
  update(live: LiveForwarder, weights?: readonly Weight[]): Promise<void>;
}

/** How a custom resource recognizes its own rule or listener, and the properties that it had before. */
export interface Ownership {
  /** The tag that identifies the rule or listener. Others, for example the one for tests, may forward to the same target groups. */
  readonly identityTag: TrafficShiftTag;
  /** All tags of this library. One of them allows the function to delete the resource after the service has moved to another load balancer. */
  readonly ownTags: readonly TrafficShiftTag[];
  /** The earlier properties. Empty for Create. */
  readonly oldProperties: Properties;
}

/** The ownership for an event. */
export function ownershipOf(event: CustomResourceEvent): Ownership {
  const identityTag = { Key: 'cdk-container-delivery:traffic-shift', Value: resourceHash(event) };
  return { identityTag, ownTags: [identityTag, { Key: STACK_TAG, Value: event.StackId }], oldProperties: event.OldResourceProperties ?? {} };
}

/** A rule of an application load balancer. */
export class Rule implements Forwarder {
  constructor(private readonly api: ElbApi, private readonly desired: DesiredRule, private readonly ownership: Ownership) {}

  public async read(arn: string): Promise<LiveForwarder | undefined> {
    return (await this.api.rules({ RuleArns: [arn] }))[0];
  }

  public canUpdate({ arn }: LiveForwarder): boolean {
    return arn.replace(':listener-rule/', ':listener/').replace(/\/[^/]+$/, '') === this.desired.listener;
  }

  public async find(): Promise<LiveForwarder | undefined> {
    const { listener, groups, priority } = this.desired;
    const found = (await this.api.rules({ ListenerArn: listener }))
      .filter(each => each.priority === String(priority) && isForwardingTo(each, groups));
    return this.api.tagged(found, this.ownership.identityTag);
  }

  public async create(weights: readonly Weight[]): Promise<string> {
    const { listener, priority, conditions, tags } = this.desired;
    const created = await this.api.call('CreateRule', {
      ListenerArn: listener, Priority: priority, Conditions: conditions, Actions: forwardAction(weights),
      Tags: tagList([...tags, ...this.ownership.ownTags]),
    });
    return arnIn('CreateRule', textAt(created, 'Rules', 'member', 'RuleArn'));
  }

  public async update({ arn, priority }: LiveRule, weights?: readonly Weight[]): Promise<void> {
    const { desired } = this;
    if (priority !== String(desired.priority)) {
      await this.api.call('SetRulePriorities', { RulePriorities: [{ RuleArn: arn, Priority: desired.priority }] });
    }
    await this.api.call('ModifyRule', { RuleArn: arn, Conditions: desired.conditions, Actions: weights && forwardAction(weights) });
    await this.api.tag(arn, { tags: desired.tags, oldTags: tagsIn(this.ownership.oldProperties) });
  }
}

const DEFAULT_IDLE_TIMEOUT = '350';

/** A listener of a network load balancer. */
export class Listener implements Forwarder {
  constructor(private readonly api: ElbApi, private readonly desired: DesiredListener, private readonly ownership: Ownership) {}

  public async read(arn: string): Promise<LiveForwarder | undefined> {
    return (await this.api.listeners({ ListenerArns: [arn] }))[0];
  }

  public canUpdate({ loadBalancer }: LiveListener): boolean {
    return loadBalancer === this.desired.loadBalancer;
  }

  public async find(): Promise<LiveForwarder | undefined> {
    const { loadBalancer, groups, port } = this.desired;
    const found = (await this.api.listeners({ LoadBalancerArn: loadBalancer }))
      .filter(each => each.port === String(port) && isForwardingTo(each, groups));
    return this.api.tagged(found, this.ownership.identityTag);
  }

  public async create(weights: readonly Weight[]): Promise<string> {
    const { loadBalancer, alpnPolicy, tags } = this.desired;
    const created = await this.api.call('CreateListener', {
      LoadBalancerArn: loadBalancer, ...this.settings(), AlpnPolicy: alpnPolicy && [alpnPolicy], DefaultActions: forwardAction(weights),
      Tags: tagList([...tags, ...this.ownership.ownTags]),
    });
    const arn = arnIn('CreateListener', textAt(created, 'Listeners', 'member', 'ListenerArn'));
    await this.setAttributes(arn);
    return arn;
  }

  public async update({ arn }: LiveForwarder, weights?: readonly Weight[]): Promise<void> {
    const { alpnPolicy = this.removesAlpnPolicy() ? 'None' : undefined, tags } = this.desired;
    await this.api.call('ModifyListener', {
      ListenerArn: arn, ...this.settings(), AlpnPolicy: alpnPolicy && [alpnPolicy], DefaultActions: weights && forwardAction(weights),
    });
    await this.setAttributes(arn);
    await this.api.tag(arn, { tags, oldTags: tagsIn(this.ownership.oldProperties) });
  }

  private settings(): QueryParameters {
    const { port, protocol, certificate, sslPolicy } = this.desired;
    return { Port: port, Protocol: protocol, SslPolicy: sslPolicy, Certificates: certificate && [{ CertificateArn: certificate }] };
  }

  private removesAlpnPolicy(): boolean {
    return this.ownership.oldProperties.AlpnPolicy !== undefined && this.desired.certificate !== undefined;
  }

  /** Only TCP has an idle timeout, so the default is sent only after another value. */
  private async setAttributes(arn: string): Promise<void> {
    const removesIdleTimeout = this.desired.protocol === 'TCP' && this.ownership.oldProperties.IdleTimeout !== undefined;
    const { idleTimeout = removesIdleTimeout ? DEFAULT_IDLE_TIMEOUT : undefined } = this.desired;
    if (idleTimeout !== undefined) {
      await this.api.call('ModifyListenerAttributes', { ListenerArn: arn, Attributes: [{ Key: 'tcp.idle_timeout.seconds', Value: idleTimeout }] });
    }
  }
}

function arnIn(operation: string, arn: string | undefined): string {
  if (arn === undefined) throw new Error(`ELB answered ${operation} without an ARN; deploy again`);
  return arn;
}
