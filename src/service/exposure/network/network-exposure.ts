import { Tokenization } from 'aws-cdk-lib';
import { IConnectable, IVpc, Peer, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { INetworkLoadBalancer, NetworkLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { ExposureBinder, ExposureBindOptions, ExposureConfig } from '../exposure-config';
import { checkNetworkLoadBalancer, checkNetworkOptions, checkOwnNetworkOptions, checkSubnets } from './network-checks';
import { CrossZoneRouting, NetworkPortsOptions, PublicNetworkExposureOptions } from './network-exposure-options';
import { addNetworkListener, listenerId, transportPorts } from './network-listener';
import { checkFreePorts } from './network-ports-taken';
import { NetworkTarget, networkTargets } from './network-target';
import { reject } from '../../../private/validation';
import { addressesOf } from '../load-balancer/addresses-of-vpc';
import { Reach } from '../load-balancer/load-balancer-checks';
import { checkTargetGroups } from '../load-balancer/target-group-quota';
import { trafficShiftRole } from '../load-balancer/traffic-shift-role';
import { openTo } from '../open-to';

/** A network load balancer for one service. */
export function networkExposure(reach: Reach, settings: PublicNetworkExposureOptions): ExposureBinder {
  return (scope, options) => {
    checkOwnNetworkOptions(scope, settings);
    const targets = networkTargets(scope, options.ports, settings.ports);
    const loadBalancer = addLoadBalancer(scope, reach, options.vpc, settings);
    const clients = settings.openTo ?? [reach === 'internet' ? Peer.anyIpv4() : Peer.ipv4(addressesOf(scope, options.vpc))];
    return addListeners(scope, loadBalancer, { options, targets, clients });
  };
}

/** Listeners of one service on a network load balancer that exists. */
export function networkListenersExposure(loadBalancer: INetworkLoadBalancer, settings: NetworkPortsOptions): ExposureBinder {
  return (scope, options) => {
    checkNetworkLoadBalancer(scope, loadBalancer);
    checkNetworkOptions(scope, settings);
    const targets = networkTargets(scope, options.ports, settings.ports);
    return addListeners(scope, loadBalancer, { options, targets, clients: settings.openTo ?? [] });
  };
}

interface Wanted {
  readonly options: ExposureBindOptions;
  readonly targets: NetworkTarget[];
  readonly clients: IConnectable[];
}

function addListeners(scope: Construct, loadBalancer: INetworkLoadBalancer, { options, targets, clients }: Wanted): ExposureConfig {
  const { trafficShift } = options;
  checkFreePorts(scope, loadBalancer, targets.map(({ settings }) => settings.port), trafficShift?.testPort);
  const shiftRole = trafficShift && trafficShiftRole(scope);
  const networkTargetGroups = targets.flatMap((target, index) => {
    const { port, protocol } = target.settings;
    // The one that `endpoint` names can be tested.
    const testPort = index === 0 ? trafficShift?.testPort : undefined;
    [port, ...testPort === undefined ? [] : [testPort]].forEach(each => transportPorts(protocol, each)
      .forEach(transport => openTo(loadBalancer, clients, transport, 'Clients of the service', options)));
    const owner = { loadBalancer, exposed: options, shiftRole, testPort };
    return addNetworkListener(new Construct(scope, listenerId(target.settings, index)), owner, target);
  });
  checkTargetGroups(scope, options.service);
  return { endpoint: endpointOf(loadBalancer, targets[0].settings.port), loadBalancers: [loadBalancer], networkTargetGroups };
}

function addLoadBalancer(scope: Construct, reach: Reach, vpc: IVpc, settings: PublicNetworkExposureOptions): NetworkLoadBalancer {
  const { elasticIps, accessLogs, crossZone } = settings;
  const selection = settings.vpcSubnets ?? (reach === 'internet' ? { subnetType: SubnetType.PUBLIC } : {});
  if (reach === 'internet' && settings.vpcSubnets === undefined && vpc.publicSubnets.length === 0) {
    reject(scope, {
      property: 'exposure', must: 'find public subnets', got: 'a VPC without them', cure: 'Give the VPC public subnets, or use Exposure.internalNetwork().',
    });
  }
  const selected = vpc.selectSubnets(selection);
  checkSubnets(scope, selected, elasticIps);
  const loadBalancer = new NetworkLoadBalancer(scope, 'LoadBalancer', {
    vpc,
    internetFacing: reach === 'internet',
    deletionProtection: settings.deletionProtection,
    ...elasticIps === undefined
      ? { vpcSubnets: { subnets: selected.subnets } }
      : { subnetMappings: selected.subnets.map((subnet, index) => ({ subnet, allocationId: elasticIps[index] })) },
    crossZoneEnabled: (crossZone ?? CrossZoneRouting.ANY_ZONE) === CrossZoneRouting.ANY_ZONE,
    // A load balancer that is made without can never get one.
    securityGroups: [new SecurityGroup(scope, 'SecurityGroup', { vpc, description: 'Clients of a service', allowAllOutbound: false })],
  });
  accessLogs?._apply(scope, loadBalancer);
  return loadBalancer;
}

/** None, where the name of an imported load balancer is not known. */
function endpointOf(loadBalancer: INetworkLoadBalancer, port: number): string | undefined {
  try {
    return `${loadBalancer.loadBalancerDnsName}:${Tokenization.stringifyNumber(port)}`;
  } catch {
    return undefined;
  }
}
