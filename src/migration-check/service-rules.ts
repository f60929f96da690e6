import { Comparison, identified, Identified, isObject, isSame, listOf, nameOf, referencesIn, Template, textOf, Values } from './comparison';
import { changes, fails, Finding, loses } from './finding';

const LISTENERS = ['AWS::ElasticLoadBalancingV2::Listener', 'Custom::TrafficShiftListener'];
const LISTENER_RULES = ['AWS::ElasticLoadBalancingV2::ListenerRule', 'Custom::TrafficShiftRule'];

/** Ports and priorities that are still in use. A port has one listener and a priority one rule, and CloudFormation deletes old resources last. */
export function takenPorts(comparison: Comparison): Finding[] {
  return [
    ...taken(comparison, { types: LISTENERS, owner: 'LoadBalancerArn', place: 'Port' }, (port, old) =>
      `needs port ${port} of the load balancer, which ${old} still uses at that time`),
    ...taken(comparison, { types: LISTENER_RULES, owner: 'ListenerArn', place: 'Priority' }, (priority, old) =>
      `needs priority ${priority} of the listener, which ${old} still has at that time`),
  ];
}

interface Places {
  readonly types: readonly string[];
  readonly owner: string;
  readonly place: string;
}

function taken(comparison: Comparison, { types, owner, place }: Places, what: (place: string, old: string) => string): Finding[] {
  const of = (template: Template) => identified(template).filter(({ Type }) => types.includes(Type));
  const keyOf = ({ Properties = {} }: Identified) => textOf([Properties[owner], String(textOf(Properties[place])).replace(/"/g, '')]);
  return of(comparison.after).filter(({ Properties }) => comparison.means(Properties?.[owner])).flatMap(now => {
    const { [now.id]: before } = comparison.before.Resources;
    if (before !== undefined && keyOf({ id: now.id, ...before }) === keyOf(now)) return [];
    const old = of(comparison.before).find(each => each.id !== now.id && keyOf(each) === keyOf(now));
    // The old one frees the place if CloudFormation moves it first.
    if (old === undefined || (old.id in comparison.after.Resources && comparison.isAfter(now.id, old.id))) return [];
    return [fails(
      nameOf(now), `${what(textOf(now.Properties?.[place]), nameOf(old))}.`,
      'Keep the logical ID of the deployed one: use listener, redirectListener or listenerRule of ServiceMigration.',
    )];
  });
}

/**
 * Security groups that a network load balancer gets later.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
 */
export function addedSecurityGroups(comparison: Comparison): Finding[] {
  return comparison.kept('AWS::ElasticLoadBalancingV2::LoadBalancer').flatMap(({ before, after }) => {
    const [old, now] = [before, after].map(({ Properties = {} }) => Properties);
    return now.Type !== 'network' || old.SecurityGroups !== undefined || now.SecurityGroups === undefined ? [] : [fails(
      nameOf(after), 'gets security groups. AWS does not allow that for a network load balancer that was created without.',
      'Set hasLoadBalancerSecurityGroup: false in the options of ServiceMigration.',
    )];
  });
}

const POLICY = 'AWS::ApplicationAutoScaling::ScalingPolicy';

/** Metrics that a deployed policy already tracks. A scalable target has one target tracking policy per metric. */
export function sameScalingMetric(comparison: Comparison): Finding[] {
  const keyOf = ({ Properties = {} }: Identified) => {
    const { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: custom } = tracking(Properties);
    const metric = isObject(predefined) ? predefined.PredefinedMetricType : custom;
    return metric === undefined ? undefined : textOf([Properties.ScalingTargetId ?? Properties.ResourceId, metric]);
  };
  const isPolicy = ({ Type, Properties: { ScalingTargetId, ResourceId } = {} }: Identified) =>
    Type === POLICY && comparison.means([ScalingTargetId, ResourceId]);
  return comparison.created.filter(isPolicy).flatMap(now => {
    const key = keyOf(now);
    const old = comparison.deleted.find(each => each.Type === POLICY && key !== undefined && keyOf(each) === key);
    return old === undefined ? [] : [fails(
      nameOf(now), `tracks the same metric as ${nameOf(old)}, which is deleted later. A target has one policy per metric.`,
      'Set cpuPolicy, memoryPolicy, requestsPolicy or otherPolicies of ServiceMigration.',
    )];
  });
}

function tracking({ TargetTrackingScalingPolicyConfiguration: configuration }: Values): Values {
  return isObject(configuration) ? configuration : {};
}

const SERVICE = 'AWS::ECS::Service';

/** Discovery names and protocols of Service Connect that change. */
export function serviceConnect(comparison: Comparison): Finding[] {
  return comparison.kept(SERVICE).flatMap(({ before, after }) => {
    const old = protocols(before, comparison.before);
    const now = protocols(after, comparison.after);
    return [...old].flatMap(([name, protocol]) => {
      if (!now.has(name)) {
        return [loses(nameOf(after), `no longer has the name '${name}' in Service Connect, so its clients cannot connect.`, `Write discoveryName: '${name}'.`)];
      }
      const [was, is] = [protocol, now.get(name)].map(each => each ?? 'tcp');
      return was === is ? [] : [fails(
        nameOf(after), `changes the protocol of '${name}' in Service Connect from ${was} to ${is}. ECS does not allow that for an existing service.`,
        `Write Exposure.serviceConnect({ protocol: ServiceConnectProtocol.${was.toUpperCase()} }).`,
      )];
    });
  });
}

/** The application protocol of each discovery name. */
function protocols({ Properties = {} }: Identified, template: Template): Map<string, string | undefined> {
  const configuration = Properties.ServiceConnectConfiguration;
  const services = isObject(configuration) && Array.isArray(configuration.Services) ? configuration.Services.filter(isObject) : [];
  const [taskDefinition] = referencesIn(Properties.TaskDefinition);
  const containers = template.Resources[taskDefinition]?.Properties?.ContainerDefinitions;
  const mappings = (Array.isArray(containers) ? containers : []).filter(isObject)
    .flatMap(({ PortMappings }) => Array.isArray(PortMappings) ? PortMappings.filter(isObject) : []);
  return new Map(services.map(({ DiscoveryName, PortName }) => {
    const mapping = mappings.find(({ Name }) => Name === PortName);
    return [String(DiscoveryName ?? PortName), mapping?.AppProtocol as string | undefined];
  }));
}

/** Changed settings of services that are kept. */
export function serviceSettings(comparison: Comparison): Finding[] {
  return comparison.kept(SERVICE).flatMap(({ before, after }) => {
    const [old, now] = [before, after].map(({ Properties = {} }) => Properties);
    const counted = old.DesiredCount === undefined && now.DesiredCount !== undefined
      ? [loses(nameOf(after), `gets DesiredCount ${textOf(now.DesiredCount)}, which the deployed template does not have: this deployment sets the number of tasks to it.`,
        'Set desiredCount to the number of tasks that run now, or use scaling.')]
      : [];
    const [was, is] = [old, now].map(percentOf);
    const healthy = was === is ? [] : [changes(nameOf(after), `keeps ${is} instead of ${was} percent of its tasks healthy during a deployment.`,
      `Write Deployment.rolling({ minHealthyPercent: ${was} }) to keep it.`)];
    return [...counted, ...healthy];
  });
}

function percentOf({ DeploymentConfiguration: configuration }: Values): string {
  return isObject(configuration) ? textOf(configuration.MinimumHealthyPercent ?? 100) : '100';
}

/** Inbound rules that a security group no longer has. */
export function lostAccess(comparison: Comparison): Finding[] {
  const separate = (template: Template, id: string) => Object.values(template.Resources)
    .filter(({ Type, Properties }) => Type === 'AWS::EC2::SecurityGroupIngress' && referencesIn(Properties?.GroupId).includes(id))
    .map(({ Properties = {} }) => accessOf(Properties));
  return comparison.kept('AWS::EC2::SecurityGroup').flatMap(({ before, after }) => {
    const inline = ({ Properties: { SecurityGroupIngress: rules } = {} }: Identified) => listOf(rules).filter(isObject).map(accessOf);
    const now = [...inline(after), ...separate(comparison.after, after.id)];
    const lost = [...inline(before), ...separate(comparison.before, before.id)].filter(rule => !now.includes(rule));
    return [...new Set(lost)].filter(rule => comparison.means(JSON.parse(rule))).map(rule => loses(
      nameOf(after), `no longer lets in ${clientOf(JSON.parse(rule) as Values)}.`, 'If these clients still need access, list them in openTo of the exposure.',
    ));
  });
}

/** A security group rule without its group and description, as a key. */
function accessOf({ Description, GroupId, ...rule }: Values): string {
  void [Description, GroupId];
  return textOf(rule);
}

function clientOf({ CidrIp, CidrIpv6, SourceSecurityGroupId, SourcePrefixListId, FromPort, ToPort, IpProtocol }: Values): string {
  const client = CidrIp ?? CidrIpv6 ?? SourceSecurityGroupId ?? SourcePrefixListId;
  const name = typeof client === 'string' ? client : referencesIn(client).join(' ') || textOf(client);
  const ports = FromPort === undefined ? 'all ports' : FromPort === ToPort ? `port ${textOf(FromPort)}` : `ports ${textOf(FromPort)} to ${textOf(ToPort)}`;
  return `${name} on ${ports}${IpProtocol === 'udp' ? ' (UDP)' : ''}`;
}

/** Changed settings of target groups that are kept. */
export function targetGroupSettings(comparison: Comparison): Finding[] {
  const NAMES = ['HealthCheckIntervalSeconds', 'HealthCheckPath', 'HealthyThresholdCount', 'UnhealthyThresholdCount', 'Matcher', 'TargetGroupAttributes'];
  return comparison.kept('AWS::ElasticLoadBalancingV2::TargetGroup').flatMap(({ before, after }) => {
    const changed = NAMES.filter(name => !isSame(before.Properties?.[name], after.Properties?.[name]));
    return changed.length === 0 ? [] : [changes(
      nameOf(after), `changes ${changed.join(', ')}.`, 'Set healthCheck and deregistrationDelay of the exposure to keep the deployed values.',
    )];
  });
}

