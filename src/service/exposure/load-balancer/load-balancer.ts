import { Duration, Token, Tokenization } from 'aws-cdk-lib';
import { ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2';
import { AlternateTargetConfig, BaseService, IAlternateTarget } from 'aws-cdk-lib/aws-ecs';
import { BaseLoadBalancer, CfnListener, ILoadBalancerV2, ITargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IRole, ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { isImported, isKnown, isPendingLookup } from '../../../private/lookups';
import { zoneOf } from '../../../private/select-subnets';
import { checkValue, DurationRule, InstanceRule, NumberRule, TextRule } from '../../../private/shape';
import { reject } from '../../../private/validation';
import { TrafficShiftListener } from '../../../traffic-shift/traffic-shift';
import { ExposureBindOptions } from '../exposure-config';

/** The reach of a load balancer: clients on the internet, or in the VPC. */
export type Reach = 'internet' | 'vpc';

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/register-multiple-targetgroups.html */
const MAX_TARGET_GROUPS = 5;

export const PORT: NumberRule = { kind: 'integer', min: 1, max: 65535, fix: 'Give the port that clients connect to, usually 80.' };

export const ACCESS_LOGS: InstanceRule = {
  kind: 'instance', methods: ['_check', '_apply'], must: 'be AccessLogs', fix: 'Call a factory such as AccessLogs.ownBucket().',
};

export const CERTIFICATE: InstanceRule = {
  kind: 'instance', same: ['region', 'account'], properties: ['certificateArn'], must: 'be a certificate', fix: 'Give one, e.g. Certificate.fromCertificateArn(this, \'Certificate\', arn).',
};

// Checks only the prefix, because AWS adds policies before aws-cdk-lib does.
export const SSL_POLICY: TextRule = {
  kind: 'text', pattern: /^ELBSecurityPolicy-/, must: 'be an SslPolicy', fix: 'Use one such as SslPolicy.RECOMMENDED_TLS, or leave it out.',
};

const CHECK_SECONDS = (min: number, max: number): DurationRule => ({
  kind: 'duration', unit: 'seconds', min, max, fix: 'Give whole seconds within these limits of load balancers.',
});
const CHECK_COUNT: NumberRule = { kind: 'integer', min: 2, max: 10, fix: 'Give a number of checks within these limits of load balancers.' };

/**
 * The properties that health checks of all load balancers share.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
 */
export const HEALTH_CHECK_RULES = {
  path: {
    kind: 'text', pattern: /^\/\S{0,1023}$/, must: 'start with "/" and have at most 1024 characters without spaces', fix: 'Give a path such as "/health".',
  },
  interval: CHECK_SECONDS(5, 300),
  timeout: CHECK_SECONDS(2, 120),
  healthyThresholdCount: CHECK_COUNT,
  unhealthyThresholdCount: CHECK_COUNT,
} as const;

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer */
export function checkZones(scope: Construct, property: string, subnets: ISubnet[], reach: Reach): void {
  // An imported VPC can have one list token in place of its subnets.
  if (subnets.some(({ subnetId }) => Tokenization.reverseList([subnetId]) !== undefined)) return;
  const zones = subnets.map(zoneOf);
  const distinct = new Set(zones);
  const known = zones.every(zone => zone !== undefined && !Token.isUnresolved(zone));
  const kind = reach === 'internet' ? 'public ' : '';
  if (subnets.length < 2 || (known && distinct.size < 2)) {
    reject(scope, {
      property, must: `find ${kind}subnets in two availability zones, which a load balancer needs`, got: [...distinct],
      fix: `Give the VPC ${kind}subnets in a second zone, e.g. maxAzs: 2.`,
    });
  }
  checkOnePerZone(scope, property, subnets);
}

/** For both types of load balancers: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html */
export function checkOnePerZone(scope: IConstruct, property: string, subnets: ISubnet[]): void {
  const zones = subnets.map(zoneOf);
  const twice = zones.find((zone, index) => zone !== undefined && zones.indexOf(zone) !== index);
  if (twice !== undefined) {
    reject(scope, {
      property, must: 'select one subnet per availability zone, the limit of a load balancer', got: subnets.map(({ node }) => node.path),
      fix: 'Add onePerAz: true, or select one group, e.g. { subnetGroupName: \'App\' }.',
    });
  }
}

/** Listener ports, by the property or the listener that uses them. */
export interface ListenerPorts {
  readonly [owner: string]: number | undefined;
}

/** Rejects duplicate ports. A load balancer has one listener per port, regardless of the protocol. */
export function checkListenerPorts(scope: IConstruct, ports: ListenerPorts): void {
  const owners = new Map<number, string>();
  for (const [property, port] of Object.entries(ports)) {
    if (port === undefined || Token.isUnresolved(port)) {
      continue;
    }
    checkValue(scope, property, port, PORT);
    const owner = owners.get(port);
    if (owner !== undefined) {
      reject(scope, { property, must: `differ from '${owner}'`, got: port, fix: 'Use another port for one of them.' });
    }
    owners.set(port, property);
  }
}

/** The ports that listeners of this app already use on a load balancer of either type, including its imports in other stacks. */
export function takenPorts({ node, loadBalancerArn }: IConstruct & { readonly loadBalancerArn: string }): ListenerPorts {
  const listeners = isPendingLookup(loadBalancerArn) ? [] : node.root.node.findAll()
    .filter(each => CfnListener.isCfnListener(each) || TrafficShiftListener.is(each))
    .filter(each => each.loadBalancerArn === loadBalancerArn);
  return Object.fromEntries(listeners.map(listener => [`the port of ${listener.node.path}`, listener.port]));
}

/** Rejects a load balancer in another VPC, which could not reach the tasks. Two imported constructs may be the same VPC. */
export function checkVpc(scope: Construct, ofLoadBalancer: IVpc | undefined, ofService: IVpc): void {
  if (ofLoadBalancer === undefined || ofLoadBalancer === ofService) {
    return;
  }
  const ids = [ofLoadBalancer.vpcId, ofService.vpcId];
  const bothKnown = ids.every(isKnown) && ids[0] !== ids[1];
  if (bothKnown || [ofLoadBalancer, ofService].every(vpc => !isImported(vpc))) {
    reject(scope, {
      property: 'exposure', must: `be a load balancer in ${ofService.node.path}, the VPC of the service`, got: ofLoadBalancer.node.path,
      fix: 'Use a load balancer in the VPC of the cluster.',
    });
  }
}

/**
 * The scope of a load balancer with its listeners and target groups, one for each reach. CloudFormation replaces a load balancer when its scheme
 * changes, and a target group belongs to one load balancer. With the same logical IDs, CloudFormation could not create the new ones first.
 */
export function loadBalancerScope(scope: Construct, reach: Reach): Construct {
  return reach === 'internet' ? scope : new Construct(scope, 'Internal');
}

/**
 * The ID of a listener. It contains the port, so that two listeners with different IDs never need the same port: CloudFormation creates resources
 * before it deletes others. If the port is only known at deployment, the ID contains the purpose.
 */
export function portId(port: number, purpose: string): string {
  return Token.isUnresolved(port) ? purpose : `Port${port}`;
}

/** The seconds of a duration, unless they are only known at deployment. */
export function knownSeconds(value: Duration | undefined): number | undefined {
  return value === undefined || value.isUnresolved() ? undefined : value.toSeconds({ integral: false });
}

/** Converts a duration to an attribute value. For a token, the L2 would write the number that encodes it. */
export function secondsText(value: Duration): string {
  return Tokenization.stringifyNumber(value.toSeconds());
}

/** Checks the limit of ECS for target groups. The alternate target groups of a deployment do not count. */
export function checkTargetGroups(scope: IConstruct, service: BaseService): void {
  const { length } = service.loadBalancers;
  if (length > MAX_TARGET_GROUPS) {
    reject(scope, {
      property: 'exposure', must: `reach the service through at most ${MAX_TARGET_GROUPS} target groups, one for each port of a load balancer`, got: length,
      fix: 'Expose fewer ports, or use several services.',
    });
  }
}

/** The full name of a load balancer. Unknown for imports. */
export function fullNameOf(loadBalancer: ILoadBalancerV2 | undefined): string | undefined {
  return (loadBalancer as Partial<BaseLoadBalancer> | undefined)?.loadBalancerFullName;
}

/** Whether the service needs a second target group: for a deployment that shifts traffic, or to change to one later. */
export function hasTwoTargetGroups({ trafficShift, keepAlternateTargetGroup = false }: ExposureBindOptions): boolean {
  return trafficShift !== undefined || keepAlternateTargetGroup;
}

/**
 * The configuration with which ECS shifts traffic to the other target group. It replaces `AlternateTarget` of aws-cdk, which requires rules and
 * listeners that CloudFormation manages.
 *
 * @param listeners the ARNs of the rules of an application load balancer, or of the listeners of a network load balancer
 */
export function alternateTarget(
  scope: Construct, group: ITargetGroup, listeners: Pick<AlternateTargetConfig, 'productionListenerRule' | 'testListenerRule'>,
): IAlternateTarget {
  const { roleArn } = trafficShiftRole(scope);
  return { bind: () => ({ alternateTargetGroupArn: group.targetGroupArn, roleArn, ...listeners }) };
}

/**
 * The role with which ECS shifts traffic between target groups. One per load balancer.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html
 */
function trafficShiftRole(scope: Construct): IRole {
  const id = 'TrafficShiftRole';
  return scope.node.tryFindChild(id) as Role | undefined ?? new Role(scope, id, {
    assumedBy: new ServicePrincipal('ecs.amazonaws.com'),
    managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('AmazonECSInfrastructureRolePolicyForLoadBalancers')],
  });
}
