import { ListenerOrder, RuleOrder, tagsIn } from './decode-traffic';
import { ElbApi, forward, isForwardingTo, Live, LiveListener, LiveRule, Weight } from './elb';
import { QueryValue } from '../../custom-resource/query-api';
import { textAt } from '../../custom-resource/xml';

type Properties = Readonly<Record<string, unknown>>;

/** A rule or listener that forwards to the target groups of a service. */
export interface Forwarder {
  /** The rule or listener with an ARN. `undefined` if it does not exist any more. */
  read(arn: string): Promise<Live | undefined>;
  /** Whether an existing one can be changed in place. */
  fits(live: Live): boolean;
  /** The rule or listener that forwards to both target groups in the wanted place. */
  find(): Promise<Live | undefined>;
  /** Creates it and returns its ARN. */
  create(weights: readonly Weight[]): Promise<string>;
  /** Updates everything except the actions. Sends the actions only if weights are given. */
  update(live: Live, weights?: readonly Weight[]): Promise<void>;
}

/** A rule of an application load balancer. */
export class Rule implements Forwarder {
  constructor(private readonly api: ElbApi, private readonly order: RuleOrder, private readonly earlier: Properties = {}) {}

  public async read(arn: string): Promise<Live | undefined> {
    return (await this.api.rules({ RuleArns: [arn] }))[0];
  }

  public fits({ arn }: Live): boolean {
    return arn.replace(':listener-rule/', ':listener/').replace(/\/[^/]+$/, '') === this.order.listener;
  }

  public async find(): Promise<Live | undefined> {
    const { listener, groups } = this.order;
    return (await this.api.rules({ ListenerArn: listener })).find(each => each.priority !== 'default' && isForwardingTo(each, groups));
  }

  public async create(weights: readonly Weight[]): Promise<string> {
    const { listener, priority, conditions, tags } = this.order;
    const created = await this.api.ask('CreateRule', {
      ListenerArn: listener, Priority: priority, Conditions: conditions, Actions: forward(weights), Tags: someTags(tags),
    });
    return arnIn('CreateRule', textAt(created, 'Rules', 'member', 'RuleArn'));
  }

  public async update({ arn, priority }: LiveRule, weights?: readonly Weight[]): Promise<void> {
    const { order } = this;
    if (priority !== String(order.priority)) {
      await this.api.ask('SetRulePriorities', { RulePriorities: [{ RuleArn: arn, Priority: order.priority }] });
    }
    await this.api.ask('ModifyRule', { RuleArn: arn, Conditions: order.conditions, Actions: weights && forward(weights) });
    await this.api.tag(arn, order.tags, tagsIn(this.earlier));
  }
}

const DEFAULT_IDLE_TIMEOUT = '350';

/** A listener of a network load balancer. */
export class Listener implements Forwarder {
  constructor(private readonly api: ElbApi, private readonly order: ListenerOrder, private readonly earlier: Properties = {}) {}

  public async read(arn: string): Promise<Live | undefined> {
    return (await this.api.listeners({ ListenerArns: [arn] }))[0];
  }

  public fits({ loadBalancer }: LiveListener): boolean {
    return loadBalancer === this.order.loadBalancer;
  }

  public async find(): Promise<Live | undefined> {
    const { loadBalancer, groups, port } = this.order;
    return (await this.api.listeners({ LoadBalancerArn: loadBalancer })).find(each => each.port === String(port) && isForwardingTo(each, groups));
  }

  public async create(weights: readonly Weight[]): Promise<string> {
    const { loadBalancer, alpnPolicy, tags } = this.order;
    const created = await this.api.ask('CreateListener', {
      LoadBalancerArn: loadBalancer, ...this.settings(), AlpnPolicy: alpnPolicy && [alpnPolicy], DefaultActions: forward(weights), Tags: someTags(tags),
    });
    const arn = arnIn('CreateListener', textAt(created, 'Listeners', 'member', 'ListenerArn'));
    await this.setAttributes(arn);
    return arn;
  }

  public async update({ arn }: Live, weights?: readonly Weight[]): Promise<void> {
    const { alpnPolicy = this.earlier.AlpnPolicy !== undefined && this.order.certificate !== undefined ? 'None' : undefined, tags } = this.order;
    await this.api.ask('ModifyListener', {
      ListenerArn: arn, ...this.settings(), AlpnPolicy: alpnPolicy === undefined ? undefined : [alpnPolicy], DefaultActions: weights && forward(weights),
    });
    await this.setAttributes(arn);
    await this.api.tag(arn, tags, tagsIn(this.earlier));
  }

  private settings(): { readonly [name: string]: QueryValue } {
    const { port, protocol, certificate, sslPolicy } = this.order;
    return { Port: port, Protocol: protocol, SslPolicy: sslPolicy, Certificates: certificate === undefined ? undefined : [{ CertificateArn: certificate }] };
  }

  /** Only TCP has an idle timeout, so the default is sent only after another value. */
  private async setAttributes(arn: string): Promise<void> {
    const { idleTimeout = this.order.protocol === 'TCP' && this.earlier.IdleTimeout !== undefined ? DEFAULT_IDLE_TIMEOUT : undefined } = this.order;
    if (idleTimeout !== undefined) {
      await this.api.ask('ModifyListenerAttributes', { ListenerArn: arn, Attributes: [{ Key: 'tcp.idle_timeout.seconds', Value: idleTimeout }] });
    }
  }
}

function someTags(tags: readonly { readonly Key: string; readonly Value: string }[]): QueryValue {
  return tags.length === 0 ? undefined : tags.map(each => ({ ...each }));
}

function arnIn(operation: string, arn: string | undefined): string {
  if (arn === undefined) throw new Error(`ELB answered ${operation} without an ARN; deploy again`);
  return arn;
}
