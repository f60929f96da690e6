import { ListenerOrder, Properties, RuleOrder, tagsIn } from './decode-traffic';
import { ElbApi, forward, isForwardingTo, Live, LiveListener, LiveRule, tagList, Weight } from './elb';
import { CustomResourceEvent, resourceHash } from '../../custom-resource/protocol';
import { QueryParameters } from '../../custom-resource/query-api';
import { textAt } from '../../custom-resource/xml';
import { STACK_TAG, TrafficShiftTag } from '../traffic-shift-properties';

/** A rule or listener that forwards to the target groups of a service. */
export interface Forwarder {
  /** The rule or listener with an ARN. `undefined` if it does not exist any more. */
  read(arn: string): Promise<Live | undefined>;
  /** Whether an existing rule or listener can be changed in place. */
  fits(live: Live): boolean;
  /** The rule or listener that an earlier event of this resource has created at the same priority or port. */
  find(): Promise<Live | undefined>;
  /** Creates the rule or listener and returns its ARN. */
  create(weights: readonly Weight[]): Promise<string>;
  /** Updates everything except the actions. Sends the actions only if weights are given. */
  update(live: Live, weights?: readonly Weight[]): Promise<void>;
}

/** The tags that identify the rule or listener of a resource, and the earlier properties. */
export interface Origin {
  /** The tag that identifies the rule or listener. Others, for example the one for tests, may forward to the same target groups. */
  readonly mark: TrafficShiftTag;
  /** All tags of this library. One of them allows the function to delete the resource after the service has moved to another load balancer. */
  readonly ownTags: readonly TrafficShiftTag[];
  /** The earlier properties. Empty for Create. */
  readonly earlier: Properties;
}

/** The tags and the earlier properties for an event. */
export function originOf(event: CustomResourceEvent): Origin {
  const mark = { Key: 'cdk-container-delivery:traffic-shift', Value: resourceHash(event) };
  return { mark, ownTags: [mark, { Key: STACK_TAG, Value: event.StackId }], earlier: event.OldResourceProperties ?? {} };
}

/** A rule of an application load balancer. */
export class Rule implements Forwarder {
  constructor(private readonly api: ElbApi, private readonly order: RuleOrder, private readonly origin: Origin) {}

  public async read(arn: string): Promise<Live | undefined> {
    return (await this.api.rules({ RuleArns: [arn] }))[0];
  }

  public fits({ arn }: Live): boolean {
    return arn.replace(':listener-rule/', ':listener/').replace(/\/[^/]+$/, '') === this.order.listener;
  }

  public async find(): Promise<Live | undefined> {
    const { listener, groups, priority } = this.order;
    const found = (await this.api.rules({ ListenerArn: listener }))
      .filter(each => each.priority === String(priority) && isForwardingTo(each, groups));
    return this.api.tagged(found, this.origin.mark);
  }

  public async create(weights: readonly Weight[]): Promise<string> {
    const { listener, priority, conditions, tags } = this.order;
    const created = await this.api.ask('CreateRule', {
      ListenerArn: listener, Priority: priority, Conditions: conditions, Actions: forward(weights), Tags: tagList([...tags, ...this.origin.ownTags]),
    });
    return arnIn('CreateRule', textAt(created, 'Rules', 'member', 'RuleArn'));
  }

  public async update({ arn, priority }: LiveRule, weights?: readonly Weight[]): Promise<void> {
    const { order } = this;
    if (priority !== String(order.priority)) {
      await this.api.ask('SetRulePriorities', { RulePriorities: [{ RuleArn: arn, Priority: order.priority }] });
    }
    await this.api.ask('ModifyRule', { RuleArn: arn, Conditions: order.conditions, Actions: weights && forward(weights) });
    await this.api.tag(arn, order.tags, tagsIn(this.origin.earlier));
  }
}

const DEFAULT_IDLE_TIMEOUT = '350';

/** A listener of a network load balancer. */
export class Listener implements Forwarder {
  constructor(private readonly api: ElbApi, private readonly order: ListenerOrder, private readonly origin: Origin) {}

  public async read(arn: string): Promise<Live | undefined> {
    return (await this.api.listeners({ ListenerArns: [arn] }))[0];
  }

  public fits({ loadBalancer }: LiveListener): boolean {
    return loadBalancer === this.order.loadBalancer;
  }

  public async find(): Promise<Live | undefined> {
    const { loadBalancer, groups, port } = this.order;
    const found = (await this.api.listeners({ LoadBalancerArn: loadBalancer }))
      .filter(each => each.port === String(port) && isForwardingTo(each, groups));
    return this.api.tagged(found, this.origin.mark);
  }

  public async create(weights: readonly Weight[]): Promise<string> {
    const { loadBalancer, alpnPolicy, tags } = this.order;
    const created = await this.api.ask('CreateListener', {
      LoadBalancerArn: loadBalancer, ...this.settings(), AlpnPolicy: alpnPolicy && [alpnPolicy], DefaultActions: forward(weights),
      Tags: tagList([...tags, ...this.origin.ownTags]),
    });
    const arn = arnIn('CreateListener', textAt(created, 'Listeners', 'member', 'ListenerArn'));
    await this.setAttributes(arn);
    return arn;
  }

  public async update({ arn }: Live, weights?: readonly Weight[]): Promise<void> {
    const { alpnPolicy = this.removesAlpnPolicy() ? 'None' : undefined, tags } = this.order;
    await this.api.ask('ModifyListener', {
      ListenerArn: arn, ...this.settings(), AlpnPolicy: alpnPolicy && [alpnPolicy], DefaultActions: weights && forward(weights),
    });
    await this.setAttributes(arn);
    await this.api.tag(arn, tags, tagsIn(this.origin.earlier));
  }

  private settings(): QueryParameters {
    const { port, protocol, certificate, sslPolicy } = this.order;
    return { Port: port, Protocol: protocol, SslPolicy: sslPolicy, Certificates: certificate && [{ CertificateArn: certificate }] };
  }

  private removesAlpnPolicy(): boolean {
    return this.origin.earlier.AlpnPolicy !== undefined && this.order.certificate !== undefined;
  }

  /** Only TCP has an idle timeout, so the default is sent only after another value. */
  private async setAttributes(arn: string): Promise<void> {
    const { idleTimeout = this.order.protocol === 'TCP' && this.origin.earlier.IdleTimeout !== undefined ? DEFAULT_IDLE_TIMEOUT : undefined } = this.order;
    if (idleTimeout !== undefined) {
      await this.api.ask('ModifyListenerAttributes', { ListenerArn: arn, Attributes: [{ Key: 'tcp.idle_timeout.seconds', Value: idleTimeout }] });
    }
  }
}

function arnIn(operation: string, arn: string | undefined): string {
  if (arn === undefined) throw new Error(`ELB answered ${operation} without an ARN; deploy again`);
  return arn;
}
