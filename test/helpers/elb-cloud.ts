import { Send, SmallResponse } from '../../src/custom-resource/small-request';

export type Tree = string | Tree[] | { [name: string]: Tree };
type Fields = { [name: string]: Tree };

/** A rule in the state of the fake. */
export interface KeptRule {
  readonly arn: string;
  readonly listener: string;
  priority: string;
  conditions: Tree[];
  actions: Tree[];
  tags: Map<string, string>;
}

/** A listener in the state of the fake. */
export interface KeptListener {
  readonly arn: string;
  readonly loadBalancer: string;
  settings: Fields;
  actions: Tree[];
  attributes: Map<string, string>;
  tags: Map<string, string>;
}

const PREFIX = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:';
export const ALB = `${PREFIX}loadbalancer/app/web/a1`;
export const NLB = `${PREFIX}loadbalancer/net/web/n1`;

/** The ARN of a target group. */
export function group(name: string): string {
  return `${PREFIX}targetgroup/${name}/${name}`;
}

/** The ARN of a listener of the application load balancer. */
export function listenerArn(name: string, loadBalancer = ALB): string {
  return `${loadBalancer.replace(':loadbalancer/', ':listener/')}/${name}`;
}

/** The parameters of each operation, from the model of botocore. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  AddTags: ['ResourceArns', 'Tags'],
  CreateListener: ['LoadBalancerArn', 'Protocol', 'Port', 'SslPolicy', 'Certificates', 'DefaultActions', 'AlpnPolicy', 'Tags'],
  CreateRule: ['ListenerArn', 'Conditions', 'Priority', 'Actions', 'Tags'],
  DeleteListener: ['ListenerArn'],
  DeleteRule: ['RuleArn'],
  DescribeListeners: ['LoadBalancerArn', 'ListenerArns', 'Marker', 'PageSize'],
  DescribeRules: ['ListenerArn', 'RuleArns', 'Marker', 'PageSize'],
  DescribeTags: ['ResourceArns'],
  DescribeTargetHealth: ['TargetGroupArn'],
  ModifyListener: ['ListenerArn', 'Port', 'Protocol', 'SslPolicy', 'Certificates', 'DefaultActions', 'AlpnPolicy'],
  ModifyListenerAttributes: ['ListenerArn', 'Attributes'],
  ModifyRule: ['RuleArn', 'Conditions', 'Actions'],
  RemoveTags: ['ResourceArns', 'TagKeys'],
  SetRulePriorities: ['RulePriorities'],
};

/** An ELB error. */
class Refusal extends Error {
  constructor(public readonly code: string, message: string = code, public readonly status = 400) {
    super(message);
  }
}

/** A fake Elastic Load Balancing that enforces the documented rules. */
export class ElbCloud {
  public readonly rules = new Map<string, KeptRule>();
  public readonly listeners = new Map<string, KeptListener>();
  /** The listeners of the application load balancer, which CloudFormation manages. */
  public readonly foreignListeners = new Set<string>();
  /** The number of targets in each target group. */
  public readonly targets = new Map<string, number>();
  public readonly loadBalancers = new Set([ALB, NLB]);
  public readonly requests: { readonly operation: string; readonly parameters: Fields }[] = [];
  /** The answers to the next requests for an operation, instead of the usual ones. */
  public readonly failures: { readonly operation: string; readonly code: string; readonly status: number; readonly after?: boolean }[] = [];
  public pageSize = 2;
  private last = 0;

  /** Answers a request of the function. */
  public readonly send: Send = async ({ body }): Promise<SmallResponse> => {
    const form = new URLSearchParams(body);
    const operation = form.get('Action') ?? '';
    try {
      if (form.get('Version') !== '2015-12-01') throw new Refusal('InvalidAction');
      const parameters = unflattened(form);
      const unknown = Object.keys(parameters).filter(name => !PARAMETERS[operation].includes(name));
      if (unknown.length > 0) throw new Refusal('ValidationError', `unknown parameters ${unknown.join()}`);
      this.requests.push({ operation, parameters });
      const [failure] = this.failures.filter(each => each.operation === operation);
      if (failure !== undefined) this.failures.splice(this.failures.indexOf(failure), 1);
      if (failure?.after) this.serve(operation, parameters);
      if (failure !== undefined) throw new Refusal(failure.code, undefined, failure.status);
      const result = this.serve(operation, parameters);
      return {
        status: 200, body: `<${operation}Response xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><${operation}Result>${xml(result)}`
        + `</${operation}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${operation}Response>`,
      };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { code, message, status } = error;
      return { status, body: `<ErrorResponse><Error><Type>Sender</Type>${xml({ Code: code, Message: message })}</Error><RequestId>1</RequestId></ErrorResponse>` };
    }
  };

  /** The weights of a rule or listener, by target group. */
  public weights(arn: string): Record<string, number> {
    const kept = this.rules.get(arn) ?? this.listeners.get(arn);
    return Object.fromEntries(groupsIn(kept?.actions ?? []).map(({ TargetGroupArn, Weight }) => [String(TargetGroupArn), Number(Weight)]));
  }

  /** Shifts traffic, like ECS. */
  public shift(arn: string, weights: Record<string, number>): void {
    const kept = this.rules.get(arn) ?? this.listeners.get(arn);
    if (kept === undefined) throw new Error(`there is no ${arn}`);
    kept.actions = [{ Type: 'forward', ForwardConfig: { TargetGroups: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight: String(Weight) })) } }];
  }

  /** The operations since the last call. */
  public takeOperations(): string[] {
    return this.requests.splice(0).map(({ operation }) => operation);
  }

  private serve(operation: string, parameters: Fields): Fields {
    switch (operation) {
      case 'CreateRule': return this.createRule(parameters);
      case 'ModifyRule': return this.modifyRule(parameters);
      case 'SetRulePriorities': return this.setPriorities(parameters);
      case 'DeleteRule': return this.remove(this.rules, String(parameters.RuleArn), 'RuleNotFound');
      case 'DescribeRules': return this.describeRules(parameters);
      case 'CreateListener': return this.createListener(parameters);
      case 'ModifyListener': return this.modifyListener(parameters);
      case 'DeleteListener': return this.remove(this.listeners, String(parameters.ListenerArn), 'ListenerNotFound');
      case 'DescribeListeners': return this.describeListeners(parameters);
      case 'ModifyListenerAttributes': return this.setAttributes(parameters);
      case 'DescribeTargetHealth': return { TargetHealthDescriptions: Array.from({ length: this.targets.get(String(parameters.TargetGroupArn)) ?? 0 }, () => ({ TargetHealth: { State: 'healthy' } })) };
      case 'DescribeTags': return {
        TagDescriptions: list(parameters.ResourceArns).map(arn => ({
          ResourceArn: arn, Tags: [...this.tagsOf(String(arn))].map(([Key, Value]) => ({ Key, Value })),
        })),
      };
      case 'AddTags': return this.changeTags(parameters, (tags, { Tags }) => fields(Tags).forEach(({ Key, Value }) => tags.set(String(Key), String(Value))));
      default: return this.changeTags(parameters, (tags, { TagKeys }) => list(TagKeys).forEach(key => tags.delete(String(key))));
    }
  }

  private createRule({ ListenerArn, Priority, Conditions, Actions, Tags }: Fields): Fields {
    const listener = String(ListenerArn);
    if (!this.foreignListeners.has(listener)) throw new Refusal('ListenerNotFound');
    this.checkPriority(listener, String(Priority));
    this.checkActions(Actions, ALB);
    checkConditions(Conditions);
    const arn = `${listener.replace(':listener/', ':listener-rule/')}/r${++this.last}`;
    this.rules.set(arn, { arn, listener, priority: String(Priority), conditions: list(Conditions), actions: list(Actions), tags: tagsFrom(Tags) });
    return { Rules: [{ RuleArn: arn }] };
  }

  private modifyRule({ RuleArn, Conditions, Actions }: Fields): Fields {
    const rule = this.rules.get(String(RuleArn));
    if (rule === undefined) throw new Refusal('RuleNotFound');
    if (Actions !== undefined) this.checkActions(Actions, ALB);
    if (Conditions !== undefined) checkConditions(Conditions);
    rule.conditions = Conditions === undefined ? rule.conditions : list(Conditions);
    rule.actions = Actions === undefined ? rule.actions : list(Actions);
    return {};
  }

  private setPriorities({ RulePriorities }: Fields): Fields {
    for (const { RuleArn, Priority } of fields(RulePriorities)) {
      const rule = this.rules.get(String(RuleArn));
      if (rule === undefined) throw new Refusal('RuleNotFound');
      this.checkPriority(rule.listener, String(Priority), rule.arn);
      rule.priority = String(Priority);
    }
    return {};
  }

  private checkPriority(listener: string, priority: string, own?: string): void {
    if (Number(priority) < 1 || Number(priority) > 50_000) throw new Refusal('ValidationError', 'the priority');
    const other = [...this.rules.values()].find(rule => rule.listener === listener && rule.priority === priority && rule.arn !== own);
    if (other !== undefined) throw new Refusal('PriorityInUse', `Priority '${priority}' is currently in use`);
  }

  private describeRules({ ListenerArn, RuleArns, Marker }: Fields): Fields {
    if ((ListenerArn === undefined) === (RuleArns === undefined)) throw new Refusal('ValidationError', 'You must specify either a listener or one or more rules');
    if (ListenerArn !== undefined && !this.foreignListeners.has(String(ListenerArn))) throw new Refusal('ListenerNotFound');
    const missing = list(RuleArns).some(arn => !this.rules.has(String(arn)));
    if (missing) throw new Refusal('RuleNotFound');
    const found = [...this.rules.values()]
      .filter(({ arn, listener }) => RuleArns === undefined ? listener === ListenerArn : list(RuleArns).includes(arn));
    const all: Fields[] = found.map(({ arn, priority, actions, conditions }) => ({ RuleArn: arn, Priority: priority, Actions: actions, Conditions: conditions, IsDefault: 'false' }));
    if (ListenerArn !== undefined) all.push({ RuleArn: `${String(ListenerArn)}/default`, Priority: 'default', Actions: [{ Type: 'fixed-response' }] });
    return this.page('Rules', all, Marker);
  }

  private createListener({ LoadBalancerArn, DefaultActions, Tags, ...settings }: Fields): Fields {
    const loadBalancer = String(LoadBalancerArn);
    if (!this.loadBalancers.has(loadBalancer)) throw new Refusal('LoadBalancerNotFound');
    this.checkPort(loadBalancer, settings);
    this.checkActions(DefaultActions, loadBalancer);
    const arn = `${loadBalancer.replace(':loadbalancer/', ':listener/')}/l${++this.last}`;
    this.listeners.set(arn, { arn, loadBalancer, settings, actions: list(DefaultActions), attributes: new Map(), tags: tagsFrom(Tags) });
    return { Listeners: [{ ListenerArn: arn }] };
  }

  private modifyListener({ ListenerArn, DefaultActions, ...changes }: Fields): Fields {
    const listener = this.listeners.get(String(ListenerArn));
    if (listener === undefined) throw new Refusal('ListenerNotFound');
    const kept = changes.Protocol === 'TLS' ? listener.settings : {};
    const settings = { ...kept, ...changes };
    this.checkPort(listener.loadBalancer, settings, listener.arn);
    if (DefaultActions !== undefined) this.checkActions(DefaultActions, listener.loadBalancer);
    listener.settings = settings;
    listener.actions = DefaultActions === undefined ? listener.actions : list(DefaultActions);
    return {};
  }

  private checkPort(loadBalancer: string, { Port, Protocol, SslPolicy, Certificates, AlpnPolicy }: Fields, own?: string): void {
    const other = [...this.listeners.values()].find(each => each.loadBalancer === loadBalancer && each.settings.Port === Port && each.arn !== own);
    if (other !== undefined) throw new Refusal('DuplicateListener', 'A listener already exists on this port for this load balancer');
    if (Protocol === 'TLS' ? list(Certificates).length !== 1 : [SslPolicy, Certificates, AlpnPolicy].some(each => each !== undefined)) {
      throw new Refusal('ValidationError', 'TLS needs one certificate, and other protocols have none');
    }
  }

  private describeListeners({ LoadBalancerArn, ListenerArns, Marker }: Fields): Fields {
    if ((LoadBalancerArn === undefined) === (ListenerArns === undefined)) throw new Refusal('ValidationError', 'either a load balancer or listeners');
    if (LoadBalancerArn !== undefined && !this.loadBalancers.has(String(LoadBalancerArn))) throw new Refusal('LoadBalancerNotFound');
    if (list(ListenerArns).some(arn => !this.listeners.has(String(arn)))) throw new Refusal('ListenerNotFound');
    const found = [...this.listeners.values()]
      .filter(({ arn, loadBalancer }) => ListenerArns === undefined ? loadBalancer === LoadBalancerArn : list(ListenerArns).includes(arn));
    return this.page('Listeners', found.map(({ arn, loadBalancer, settings, actions }) => ({
      ListenerArn: arn, LoadBalancerArn: loadBalancer, Port: settings.Port, Protocol: settings.Protocol, DefaultActions: actions,
    })), Marker);
  }

  private setAttributes({ ListenerArn, Attributes }: Fields): Fields {
    const listener = this.listeners.get(String(ListenerArn));
    if (listener === undefined) throw new Refusal('ListenerNotFound');
    if (listener.settings.Protocol !== 'TCP') throw new Refusal('InvalidConfigurationRequest', 'Only TCP has an idle timeout');
    fields(Attributes).forEach(({ Key, Value }) => listener.attributes.set(String(Key), String(Value)));
    return {};
  }

  private page(name: string, all: Fields[], marker?: Tree): Fields {
    const from = Number(marker ?? 0);
    const next = from + this.pageSize;
    return { [name]: all.slice(from, next), ...next < all.length && { NextMarker: String(next) } };
  }

  /** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ForwardActionConfig.html */
  private checkActions(actions: Tree | undefined, loadBalancer: string): void {
    const groups = groupsIn(list(actions));
    if (list(actions).length !== 1 || groups.length < 1 || groups.length > 5) throw new Refusal('ValidationError', 'one forward action with up to five target groups');
    if (groups.some(({ Weight }) => !/^\d{1,3}$/.test(String(Weight)))) throw new Refusal('ValidationError', 'weights are 0 to 999');
    const others = [...this.rules.values()].map(({ actions: theirs }) => ({ theirs, owner: ALB }))
      .concat([...this.listeners.values()].map(({ actions: theirs, loadBalancer: owner }) => ({ theirs, owner })));
    const isTaken = others.some(({ theirs, owner }) => owner !== loadBalancer
      && groupsIn(theirs).some(theirGroup => groups.some(({ TargetGroupArn }) => TargetGroupArn === theirGroup.TargetGroupArn)));
    if (isTaken) throw new Refusal('TargetGroupAssociationLimit', 'a target group belongs to one load balancer');
  }

  private remove(kept: Map<string, unknown>, arn: string, missing: string): Fields {
    if (!kept.delete(arn)) throw new Refusal(missing);
    return {};
  }

  private tagsOf(arn: string): Map<string, string> {
    const kept = this.rules.get(arn) ?? this.listeners.get(arn);
    if (kept === undefined) throw new Refusal(arn.includes('listener-rule') ? 'RuleNotFound' : 'ListenerNotFound');
    return kept.tags;
  }

  private changeTags(parameters: Fields, change: (tags: Map<string, string>, parameters: Fields) => void): Fields {
    list(parameters.ResourceArns).forEach(arn => change(this.tagsOf(String(arn)), parameters));
    return {};
  }
}

function tagsFrom(tags: Tree | undefined): Map<string, string> {
  if (tags !== undefined && list(tags).length === 0) throw new Refusal('ValidationError', 'at least one tag');
  return new Map(fields(tags).map(({ Key, Value }) => [String(Key), String(Value)]));
}

function checkConditions(conditions: Tree | undefined): void {
  if (list(conditions).length === 0 || fields(conditions).some(({ Field }) => typeof Field !== 'string')) throw new Refusal('ValidationError', 'at least one condition');
}

function groupsIn(actions: readonly Tree[]): Fields[] {
  return fields(actions as Tree[]).flatMap(({ Type, ForwardConfig }) => Type === 'forward' ? fields((ForwardConfig as Fields).TargetGroups) : []);
}

function list(value: Tree | undefined): Tree[] {
  return Array.isArray(value) ? value : [];
}

function fields(value: Tree | undefined): Fields[] {
  return list(value) as Fields[];
}

function unflattened(form: URLSearchParams): Fields {
  const root: Fields = {};
  for (const [path, text] of form) {
    if (path === 'Action' || path === 'Version') continue;
    let at: Fields = root;
    const names = path.split('.');
    names.slice(0, -1).forEach(name => { at = (at[name] ??= {}) as Fields; });
    at[names[names.length - 1]] = text;
  }
  return asLists(root) as Fields;
}

function asLists(tree: Tree): Tree {
  if (typeof tree === 'string' || Array.isArray(tree)) return tree;
  if (tree.member !== undefined) return Object.values(tree.member as Fields).map(asLists);
  return Object.fromEntries(Object.entries(tree).map(([name, each]) => [name, asLists(each)]));
}

function xml(tree: Tree): string {
  if (typeof tree === 'string') return tree.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  if (Array.isArray(tree)) return tree.map(each => `<member>${xml(each)}</member>`).join('\n');
  return Object.entries(tree).map(([name, each]) => each === undefined ? '' : `<${name}>${xml(each)}</${name}>`).join('\n');
}
