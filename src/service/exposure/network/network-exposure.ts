import { Tokenization } from 'aws-cdk-lib';
import { IConnectable, IVpc, Peer, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { INetworkLoadBalancer, NetworkLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { ExposureBinder, ExposureBindOptions, ExposureConfig } from '../exposure-config';
import { checkNetworkLoadBalancer, checkNetworkOptions, checkOwnNetworkOptions, checkSubnets } from './network-checks';
import { CrossZoneRouting, NetworkPortsOptions, PublicNetworkExposureOptions } from './network-exposure-options';
import { addNetworkListener, transportPorts } from './network-listener';
import { NetworkTarget, networkTargets } from './network-target';
import { selectSubnets } from '../../../private/select-subnets';
import { reject } from '../../../private/validation';
import { addressesOf } from '../load-balancer/addresses-of-vpc';
import { checkListenerPorts, ListenerPorts, takenPorts } from '../load-balancer/listener-ports';
import { Reach } from '../load-balancer/load-balancer-checks';
import { checkVpc } from '../load-balancer/load-balancer-vpc';
import { placeOf } from '../load-balancer/place-of';
import { portId } from '../load-balancer/port-id';
import { checkTargetGroups } from '../load-balancer/target-group-quota';
import { trafficShiftRole } from '../load-balancer/traffic-shift-role';
import { openTo } from '../open-to';

/** A network load balancer for one service. */
export function networkExposure(reach: Reach, settings: PublicNetworkExposureOptions): ExposureBinder {
  return (scope, options) => {
    checkOwnNetworkOptions(scope, settings);
    if (reach === 'vpc' && settings.elasticIps !== undefined) {
      reject(scope, {
        property: 'exposure.elasticIps', must: 'be left out, because only a public load balancer has such addresses', got: settings.elasticIps,
        fix: 'Leave it out, or use Exposure.publicNetwork().',
      });
    }
    const targets = networkTargets(scope, options.ports, settings.ports);
    checkListenerPorts(scope, wantedPorts(targets, options));
    const place = placeOf(scope, reach);
    const loadBalancer = addLoadBalancer(place, reach, options.vpc, settings);
    const inside = (property: string) => [Peer.ipv4(addressesOf(scope, options.vpc, property))];
    const clients = settings.openTo ?? (reach === 'internet' ? [Peer.anyIpv4()] : inside('exposure.openTo'));
    const testClients = () => settings.testOpenTo ?? settings.openTo ?? inside('exposure.testOpenTo');
    return addListeners(place, loadBalancer, { options, targets, clients, testClients });
  };
}

/** Listeners of one service on a network load balancer that exists. */
export function networkListenersExposure(loadBalancer: INetworkLoadBalancer, settings: NetworkPortsOptions): ExposureBinder {
  return (scope, options) => {
    checkNetworkLoadBalancer(scope, loadBalancer);
    checkNetworkOptions(scope, settings);
    checkVpc(scope, loadBalancer.vpc, options.vpc);
    const targets = networkTargets(scope, options.ports, settings.ports);
    checkListenerPorts(scope, { ...takenPorts(loadBalancer), ...wantedPorts(targets, options) });
    const { openTo: clients = [], testOpenTo = clients } = settings;
    return addListeners(scope, loadBalancer, { options, targets, clients, testClients: () => testOpenTo });
  };
}

interface Wanted {
  readonly options: ExposureBindOptions;
  readonly targets: NetworkTarget[];
  readonly clients: IConnectable[];
  /** Who may connect to the test listener. Asked for only where there is one. */
  readonly testClients: () => IConnectable[];
}

/** The ports that clients connect to, and the one for tests. */
function wantedPorts(targets: NetworkTarget[], { trafficShift }: ExposureBindOptions): ListenerPorts {
  const ports = targets.map(({ settings }, index) => [`exposure.ports[${index}]`, settings.port] as const);
  return { ...Object.fromEntries(ports), 'deployment.testPort': trafficShift?.testPort };
}

function addListeners(scope: Construct, loadBalancer: INetworkLoadBalancer, { options, targets, clients, testClients }: Wanted): ExposureConfig {
  const { trafficShift } = options;
  const shiftRole = trafficShift && trafficShiftRole(scope);
  const networkTargetGroups = targets.flatMap((target, index) => {
    const { port, protocol } = target.settings;
    const open = (to: number, whom: IConnectable[]) =>
      transportPorts(protocol, to).forEach(transport => openTo(loadBalancer, whom, transport, 'Clients of the service', options));
    open(port, clients);
    // The one that `endpoint` names can be tested.
    const testPort = index === 0 ? trafficShift?.testPort : undefined;
    if (testPort !== undefined) {
      open(testPort, testClients());
    }
    const test = testPort === undefined ? undefined : { scope: new Construct(scope, portId(testPort, 'TestListener')), port: testPort };
    return addNetworkListener(new Construct(scope, portId(port, `Listener${index}`)), { loadBalancer, exposed: options, shiftRole, test }, target);
  });
  checkTargetGroups(scope, options.service);
  return { endpoint: endpointOf(loadBalancer, targets[0].settings.port), loadBalancers: [loadBalancer], networkTargetGroups };
}

function addLoadBalancer(scope: Construct, reach: Reach, vpc: IVpc, settings: PublicNetworkExposureOptions): NetworkLoadBalancer {
  const { elasticIps, accessLogs, crossZone } = settings;
  // In each availability zone a load balancer has one subnet.
  const selection = settings.vpcSubnets ?? { onePerAz: true, ...reach === 'internet' && { subnetType: SubnetType.PUBLIC } };
  if (reach === 'internet' && settings.vpcSubnets === undefined && vpc.publicSubnets.length === 0) {
    reject(scope, {
      property: 'exposure', must: 'find public subnets', got: 'a VPC without them', fix: 'Give the VPC public subnets, or use Exposure.internalNetwork().',
    });
  }
  const selected = selectSubnets(scope, 'exposure.vpcSubnets', vpc, selection);
  checkSubnets(scope, vpc, selected, elasticIps);
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
