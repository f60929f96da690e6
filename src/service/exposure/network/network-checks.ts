import { Token } from 'aws-cdk-lib';
import { IVpc, SelectedSubnets } from 'aws-cdk-lib/aws-ec2';
import { INetworkLoadBalancer, Protocol } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct, IConstruct } from 'constructs';
import { CrossZoneRouting, NetworkPortsOptions, PublicNetworkExposureOptions } from './network-exposure-options';
import { NETWORK_NAMES } from './network-names';
import { NetworkPort } from './network-port';
import { checkNetworkPort } from './network-port-checks';
import { checkList, checkObject, checkOneOf, hasMethods, isObject } from '../../../private/check-types';
import { hasPendingZones, isPendingSelection } from '../../../private/lookups';
import { checkSpelling } from '../../../private/spelling';
import { checkPattern, reject } from '../../../private/validation';
import { checkAccessLogs, checkDeletionProtection, checkOnePerZone } from '../load-balancer/load-balancer-checks';
import { checkOpenTo } from '../open-to';

const PORTS_CURE = 'Give ports such as NetworkPort.tcp(5432), or leave it out.';

/** What goes for every network load balancer. */
export function checkNetworkOptions(scope: IConstruct, options: NetworkPortsOptions): void {
  checkObject(scope, 'exposure', options, 'Give options in brackets, or nothing: Exposure.publicNetwork().');
  checkSpelling(scope, 'exposure', options, NETWORK_NAMES);
  checkOpenTo(scope, options.openTo);
  checkOpenTo(scope, options.testOpenTo, 'exposure.testOpenTo');
  if (options.ports !== undefined) {
    checkPorts(scope, options.ports);
  }
}

/** What goes for one of its own. */
export function checkOwnNetworkOptions(scope: Construct, options: PublicNetworkExposureOptions): void {
  checkNetworkOptions(scope, options);
  const { crossZone, vpcSubnets: subnets, elasticIps, deletionProtection } = options;
  if (crossZone !== undefined) {
    checkOneOf(scope, crossZone, Object.values(CrossZoneRouting), {
      property: 'exposure.crossZone', must: 'be a CrossZoneRouting', fix: 'Use CrossZoneRouting.ANY_ZONE or SAME_ZONE, or leave it out.',
    });
  }
  if (subnets !== undefined) {
    checkObject(scope, 'exposure.vpcSubnets', subnets, 'Select by type, e.g. { subnetType: SubnetType.PUBLIC }, or leave it out.');
  }
  if (elasticIps !== undefined) {
    checkList(scope, 'exposure.elasticIps', elasticIps, 'Give the allocation ids of Elastic IP addresses.');
  }
  checkDeletionProtection(scope, deletionProtection);
  checkAccessLogs(scope, options.accessLogs);
  checkSomethingIsLogged(scope, options);
}

/** An Elastic IP address for each subnet, of which there has to be one, and one in each zone at most. */
export function checkSubnets(scope: IConstruct, vpc: IVpc, selected: SelectedSubnets, elasticIps: string[] | undefined): void {
  if (!isPendingSelection(vpc, selected)) {
    checkSelected(scope, selected, hasPendingZones(vpc) ? undefined : elasticIps);
  }
  elasticIps?.forEach((value, index) => checkPattern(scope, {
    property: `exposure.elasticIps[${index}]`, value, pattern: /^eipalloc-[0-9a-f]+$/, must: 'be the allocation id of an Elastic IP address',
    fix: 'Use the attrAllocationId of an ec2.CfnEIP, or an id such as "eipalloc-0123456789abcdef0".',
  }));
}

function checkSelected(scope: IConstruct, { subnets }: SelectedSubnets, elasticIps: string[] | undefined): void {
  if (subnets.length === 0) {
    reject(scope, {
      property: 'exposure.vpcSubnets', must: 'select at least one subnet', got: [],
      fix: 'Give the VPC subnets of this kind, or use Exposure.internalNetwork().',
    });
  }
  checkOnePerZone(scope, 'exposure.vpcSubnets', subnets);
  if (elasticIps !== undefined && !Token.isUnresolved(elasticIps) && elasticIps.length !== subnets.length) {
    reject(scope, {
      property: 'exposure.elasticIps', must: `have one address for each of the ${subnets.length} subnets`, got: elasticIps,
      fix: 'Give as many allocation ids, or select fewer subnets with \'vpcSubnets\'.',
    });
  }
}

/**
 * A load balancer gets security groups when it is made or never, and without them the tasks could not tell who may connect.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
 */
export function checkNetworkLoadBalancer(scope: IConstruct, loadBalancer: INetworkLoadBalancer): void {
  if (!isObject(loadBalancer) || !hasMethods(loadBalancer, 'addListener') || !isObject(loadBalancer.connections) || isApplication(loadBalancer)) {
    reject(scope, {
      property: 'exposure.loadBalancer', must: 'be a network load balancer', got: loadBalancer,
      fix: 'Give a NetworkLoadBalancer, or import one with NetworkLoadBalancer.fromNetworkLoadBalancerAttributes(…).',
    });
  }
  if (loadBalancer.connections.securityGroups.length === 0) {
    reject(scope, {
      property: 'exposure.loadBalancer', must: 'have security groups, so that the tasks can let it in and nobody else', got: [],
      fix: 'Create it with securityGroups, or import it with loadBalancerSecurityGroups.',
    });
  }
}

/** The two are alike but for this. */
function isApplication(loadBalancer: object): boolean {
  return 'isApplicationLoadBalancer' in loadBalancer && loadBalancer.isApplicationLoadBalancer === true;
}

function checkPorts(scope: IConstruct, ports: NetworkPort[]): void {
  checkList(scope, 'exposure.ports', ports, PORTS_CURE);
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/register-multiple-targetgroups.html
  if (ports.length < 1 || ports.length > 5) {
    reject(scope, {
      property: 'exposure.ports', must: 'have 1 to 5 ports, because ECS attaches at most 5 target groups to a service', got: ports.length,
      fix: ports.length < 1 ? PORTS_CURE : 'Expose the others in a service of their own.',
    });
  }
  const taken = new Set<number>();
  ports.forEach((each, index) => {
    const property = `exposure.ports[${index}]`;
    if (!hasMethods(each, '_settings')) {
      reject(scope, { property, must: 'be a NetworkPort', got: each, fix: PORTS_CURE });
    }
    checkNetworkPort(scope, property, each);
    const { port } = each._settings();
    if (!Token.isUnresolved(port) && taken.has(port)) {
      reject(scope, {
        property, must: 'differ from the other ports', got: port, fix: `For TCP and UDP on one port, use NetworkPort.tcpUdp(${port}).`,
      });
    }
    taken.add(port);
  });
}

function checkSomethingIsLogged(scope: Construct, { accessLogs, ports }: PublicNetworkExposureOptions): void {
  if (accessLogs !== undefined && !ports?.some(each => each._settings().protocol === Protocol.TLS)) {
    reject(scope, {
      property: 'exposure.accessLogs', must: 'be left out, because only connections over TLS are logged', got: 'no port with TLS',
      fix: 'Give a port with NetworkPort.tls(443, certificate), or have VPC flow logs instead.',
    });
  }
}
