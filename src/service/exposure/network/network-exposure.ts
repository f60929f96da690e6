import { Duration, Token, Tokenization } from 'aws-cdk-lib';
import { IConnectable, IVpc, Peer, Port, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { IAlternateTarget } from 'aws-cdk-lib/aws-ecs';
import {
  INetworkLoadBalancer, ListenerCertificate, NetworkListener, NetworkListenerAction, NetworkListenerProps, NetworkLoadBalancer, NetworkTargetGroup,
  Protocol, SslPolicy, TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import {
  checkAccessLogs, checkNetworkLoadBalancer, checkPorts, checkSubnets, CrossZoneRouting, INTERNAL_NETWORK, OnNetworkLoadBalancerOptions,
  ON_NETWORK_LOAD_BALANCER, PUBLIC_NETWORK, PublicNetworkOptions,
} from './network-exposure-options';
import { healthCheckOf, setNumbers } from './network-health-check';
import { ClientAddress, NetworkPortSettings } from './network-port';
import { NetworkTarget, networkTargets } from './network-target';
import { selectSubnets } from '../../../private/select-subnets';
import { undefinedIfThrows } from '../../../private/undefined-if-throws';
import { reject } from '../../../private/validation';
import { TrafficShiftListener } from '../../../traffic-shift/traffic-shift';
import { TrafficShiftHandler } from '../../../traffic-shift/traffic-shift-handler';
import type { Traffic } from '../../../traffic-shift/traffic-shift-properties';
import { ExposureBinder, ExposureBindOptions, ExposureConfig } from '../exposure-config';
import {
  alternateTarget, checkListenerPorts, checkTargetGroups, checkVpc, fullNameOf, hasTwoTargetGroups, ListenerPorts, loadBalancerScope, portId, Reach,
  secondsText, takenPorts,
} from '../load-balancer/load-balancer';
import { addressesOf, openTo } from '../open-to';

/** A network load balancer for one service. */
export function networkExposure(reach: Reach, settings: PublicNetworkOptions): ExposureBinder {
  return (scope, options) => {
    (reach === 'internet' ? PUBLIC_NETWORK : INTERNAL_NETWORK).check(scope, 'exposure', settings);
    checkPorts(scope, settings.ports ?? []);
    checkAccessLogs(scope, settings);
    const targets = networkTargets(scope, options.ports, settings.ports);
    checkListenerPorts(scope, wantedPorts(targets, options));
    const parent = loadBalancerScope(scope, reach);
    const loadBalancer = addLoadBalancer(parent, reach, options.vpc, settings);
    const inside = (property: string) => [Peer.ipv4(addressesOf(scope, options.vpc, property))];
    const clients = settings.openTo ?? (reach === 'internet' ? [Peer.anyIpv4()] : inside('exposure.openTo'));
    const testClients = () => settings.testOpenTo ?? settings.openTo ?? inside('exposure.testOpenTo');
    return addListeners(parent, loadBalancer, { options, targets, clients, testClients });
  };
}

/** Listeners of one service on an existing network load balancer. */
export function networkListenersExposure(loadBalancer: INetworkLoadBalancer, settings: OnNetworkLoadBalancerOptions): ExposureBinder {
  return (scope, options) => {
    checkNetworkLoadBalancer(scope, loadBalancer);
    ON_NETWORK_LOAD_BALANCER.check(scope, 'exposure', settings);
    checkPorts(scope, settings.ports ?? []);
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
  /** The clients of the test listener. Called only if there is one. */
  readonly testClients: () => IConnectable[];
}

/** The ports of all listeners, including the test listener. */
function wantedPorts(targets: NetworkTarget[], { trafficShift }: ExposureBindOptions): ListenerPorts {
  const ports = targets.map(({ settings }, index) => [`exposure.ports[${index}]`, settings.port] as const);
  return { ...Object.fromEntries(ports), 'deployment.testPort': trafficShift?.testPort };
}

function addListeners(scope: Construct, loadBalancer: INetworkLoadBalancer, { options, targets, clients, testClients }: Wanted): ExposureConfig {
  const { trafficShift } = options;
  const networkTargetGroups = targets.flatMap((target, index) => {
    const { port, protocol } = target.settings;
    const open = (to: number, whom: IConnectable[]) =>
      transportPorts(protocol, to).forEach(transport => openTo(loadBalancer, whom, transport, 'Clients of the service', options));
    open(port, clients);
    // Only the port of the endpoint has a test listener.
    const testPort = index === 0 ? trafficShift?.testPort : undefined;
    if (testPort !== undefined) {
      open(testPort, testClients());
    }
    const test = testPort === undefined ? undefined : { scope: new Construct(scope, portId(testPort, 'TestListener')), port: testPort };
    return addNetworkListener(new Construct(scope, portId(port, `Listener${index}`)), { loadBalancer, exposed: options, shiftScope: scope, test }, target);
  });
  checkTargetGroups(scope, options.service);
  return { endpoint: endpointOf(loadBalancer, targets[0].settings.port), loadBalancers: [loadBalancer], networkTargetGroups };
}

function addLoadBalancer(scope: Construct, reach: Reach, vpc: IVpc, settings: PublicNetworkOptions): NetworkLoadBalancer {
  const { elasticIps, accessLogs, crossZone } = settings;
  // A load balancer has one subnet per availability zone.
  const selection = settings.vpcSubnets ?? { onePerAz: true, ...reach === 'internet' && { subnetType: SubnetType.PUBLIC } };
  if (reach === 'internet' && settings.vpcSubnets === undefined && vpc.publicSubnets.length === 0) {
    reject(scope, {
      property: 'exposure', must: 'find public subnets', got: 'a VPC without public subnets', fix: 'Give the VPC public subnets, or use Exposure.internalNetwork().',
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
    // Always created, because security groups cannot be added later.
    securityGroups: [new SecurityGroup(scope, 'SecurityGroup', { vpc, description: 'Clients of a service', allowAllOutbound: false })],
  });
  accessLogs?._apply(scope, loadBalancer);
  return loadBalancer;
}

/** The endpoint; undefined for a load balancer that is imported without a DNS name, because then the getter throws. */
function endpointOf(loadBalancer: INetworkLoadBalancer, port: number): string | undefined {
  return undefinedIfThrows(() => `${loadBalancer.loadBalancerDnsName}:${Tokenization.stringifyNumber(port)}`);
}

/** The owner of a listener. */
interface ListenerOwner {
  readonly loadBalancer: INetworkLoadBalancer;
  readonly exposed: ExposureBindOptions;
  /** The scope of the role with which ECS shifts traffic, and of the function that manages the listeners. */
  readonly shiftScope: Construct;
  /** The port of the test listener, and its own scope, because a later deployment may use another test port. */
  readonly test?: { readonly scope: Construct; readonly port: number };
}

/** Creates one listener with its target groups: two if a deployment shifts traffic, otherwise one. */
function addNetworkListener(scope: Construct, owner: ListenerOwner, target: NetworkTarget): NetworkTargetGroup[] {
  const { exposed: { service } } = owner;
  const ids = hasTwoTargetGroups(owner.exposed) ? ['TargetGroup', 'AlternateTargetGroup'] : ['TargetGroup'];
  const groups = ids.map(id => addTargetGroup(scope, id, owner, target));
  const [main, alternate] = groups;
  const shift = alternate === undefined ? undefined : addWeightedListeners(scope, owner, target, groups);
  if (alternate === undefined) {
    addListener(scope, {
      loadBalancer: owner.loadBalancer, port: target.settings.port, ...listenerProps(target.settings),
      defaultAction: NetworkListenerAction.forward([main]),
    }, target.settings.idleTimeout);
  }
  const { containerName, port, protocol } = target.container;
  main.addTarget(service.loadBalancerTarget({ containerName, containerPort: port, protocol, alternateTarget: shift }));
  allowLoadBalancer(owner, target);
  return groups;
}

/** Adds listeners whose weights ECS changes. Returns the configuration with which ECS shifts traffic, if deployments do so. */
function addWeightedListeners(
  scope: Construct, owner: ListenerOwner, { settings }: NetworkTarget, groups: NetworkTargetGroup[],
): IAlternateTarget | undefined {
  const { loadBalancer, exposed: { service, trafficShift }, shiftScope, test } = owner;
  const { protocol, certificate, sslPolicy, alpnPolicy, idleTimeout } = settings;
  const listen = (at: Construct, port: number, traffic: Traffic) => {
    const listener = new TrafficShiftListener(at, 'WeightedListener', {
      handler: TrafficShiftHandler.in(shiftScope),
      usedBy: service,
      groups,
      traffic,
      loadBalancerFullName: fullNameOf(loadBalancer),
      LoadBalancerArn: loadBalancer.loadBalancerArn,
      Port: port,
      Protocol: protocol,
      IdleTimeout: idleTimeout && secondsText(idleTimeout),
      ...certificate && { Certificate: certificate.certificateArn, SslPolicy: sslPolicy ?? SslPolicy.RECOMMENDED_TLS, AlpnPolicy: alpnPolicy },
    });
    groups.forEach(group => group.registerListener(NetworkListener.fromNetworkListenerArn(listener, `For${group.node.id}`, listener.arn)));
    service.node.addDependency(listener);
    return listener.arn;
  };
  const productionListenerRule = listen(scope, settings.port, trafficShift === undefined ? 'STAYS' : 'SHIFTS');
  const testListenerRule = test && listen(test.scope, test.port, 'TESTS');
  return trafficShift && alternateTarget(shiftScope, groups[1], { productionListenerRule, testListenerRule });
}

/** The ports for rules of security groups. */
function transportPorts(protocol: Protocol, port: number): Port[] {
  switch (protocol) {
    case Protocol.UDP: return [Port.udp(port)];
    case Protocol.TCP_UDP: return [Port.tcp(port), Port.udp(port)];
    default: return [Port.tcp(port)];
  }
}

/** Allows only the load balancer to connect to the tasks. Its security group applies even if it preserves client IP addresses. */
function allowLoadBalancer({ loadBalancer, exposed: { service } }: ListenerOwner, { settings, container, healthPort }: NetworkTarget): void {
  transportPorts(settings.protocol, container.port).forEach(port =>
    service.connections.allowFrom(loadBalancer, port, 'From the load balancer'));
  if (healthPort !== undefined) {
    service.connections.allowFrom(loadBalancer, Port.tcp(healthPort), 'Health check of the load balancer');
  }
}

function addListener(scope: Construct, props: NetworkListenerProps, idleTimeout?: Duration): NetworkListener {
  const listener = new NetworkListener(scope, 'Listener', props);
  if (idleTimeout !== undefined) {
    // The property of the L2 does not support tokens.
    listener.setAttribute('tcp.idle_timeout.seconds', secondsText(idleTimeout));
  }
  return listener;
}

function listenerProps({ protocol, certificate, sslPolicy, alpnPolicy }: NetworkPortSettings) {
  return certificate === undefined ? { protocol } : {
    protocol,
    certificates: [ListenerCertificate.fromCertificateManager(certificate)],
    sslPolicy: sslPolicy ?? SslPolicy.RECOMMENDED_TLS,
    alpnPolicy,
  };
}

function addTargetGroup(scope: Construct, id: string, { exposed }: ListenerOwner, target: NetworkTarget): NetworkTargetGroup {
  const { settings: { port, protocol, clientAddress, deregistrationDelay }, container, healthCheck, healthPort } = target;
  const targetGroup = new NetworkTargetGroup(scope, id, {
    vpc: exposed.vpc,
    // Unused: ECS registers each task with its container port. A change would replace the target group while clients use it.
    port: Token.isUnresolved(port) ? container.port : port,
    // The load balancer decrypts TLS.
    protocol: protocol === Protocol.TLS ? Protocol.TCP : protocol,
    targetType: TargetType.IP,
    healthCheck: healthCheckOf(healthCheck, healthPort),
    // Otherwise, clients of a stopped task would only notice it when their connection times out.
    connectionTermination: true,
    preserveClientIp: clientAddress === ClientAddress.PRESERVED ? true : undefined,
    proxyProtocolV2: clientAddress === ClientAddress.PROXY_PROTOCOL ? true : undefined,
  });
  setNumbers(targetGroup, healthCheck);
  // Set as an attribute, because the L2 does not support tokens. With the default of five minutes, each deployment would take five minutes longer.
  targetGroup.setAttribute('deregistration_delay.timeout_seconds', secondsText(deregistrationDelay ?? Duration.seconds(30)));
  return targetGroup;
}
