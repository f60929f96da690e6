import { Duration } from 'aws-cdk-lib';
import { Port } from 'aws-cdk-lib/aws-ec2';
import { AlternateTarget, ListenerRuleConfiguration } from 'aws-cdk-lib/aws-ecs';
import {
  INetworkLoadBalancer, ListenerCertificate, NetworkListener, NetworkListenerAction, NetworkListenerProps, NetworkTargetGroup, Protocol, SslPolicy,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ExposureBindOptions } from '../exposure-config';
import { ClientAddress, NetworkPortSettings } from './network-port';
import { NetworkTarget } from './network-target';
import { secondsText } from '../load-balancer/seconds';

/** What a listener belongs to. */
export interface ListenerOwner {
  readonly loadBalancer: INetworkLoadBalancer;
  readonly exposed: ExposureBindOptions;
  /** Who moves clients from one target group to the other, where they are moved. */
  readonly shiftRole?: IRole;
  /** What reaches the new version first: of its own, because in another deployment another port may be the one that can be tested. */
  readonly test?: { readonly scope: Construct; readonly port: number };
}

/** One listener with its target groups: two, where a deployment moves clients from one to the other. */
export function addNetworkListener(scope: Construct, owner: ListenerOwner, target: NetworkTarget): NetworkTargetGroup[] {
  const { loadBalancer, exposed: { service }, shiftRole, test } = owner;
  const main = addTargetGroup(scope, 'TargetGroup', owner, target);
  const alternate = shiftRole && addTargetGroup(scope, 'AlternateTargetGroup', owner, target);
  const listen = (at: Construct, port: number) => addListener(at, {
    loadBalancer, port, ...listenerProps(target.settings), defaultAction: forward(main, alternate),
  }, target.settings.idleTimeout);
  const production = listen(scope, target.settings.port);
  const testListener = test && listen(test.scope, test.port);
  const { containerName, port, protocol } = target.container;
  main.addTarget(service.loadBalancerTarget({
    containerName,
    containerPort: port,
    protocol,
    alternateTarget: alternate && new AlternateTarget('AlternateTarget', {
      alternateTargetGroup: alternate,
      productionListener: ListenerRuleConfiguration.networkListener(production),
      testListener: testListener && ListenerRuleConfiguration.networkListener(testListener),
      role: shiftRole,
    }),
  }));
  letIn(owner, target);
  return alternate ? [main, alternate] : [main];
}

/** The port as a protocol of security groups. */
export function transportPorts(protocol: Protocol, port: number): Port[] {
  switch (protocol) {
    case Protocol.UDP: return [Port.udp(port)];
    case Protocol.TCP_UDP: return [Port.tcp(port), Port.udp(port)];
    default: return [Port.tcp(port)];
  }
}

/** From the load balancer alone: its security group stands for it also where it passes on the addresses of clients. */
function letIn({ loadBalancer, exposed: { service } }: ListenerOwner, { settings, container, healthPort }: NetworkTarget): void {
  transportPorts(settings.protocol, container.port).forEach(port =>
    service.connections.allowFrom(loadBalancer, port, 'From the load balancer'));
  if (healthPort !== undefined) {
    service.connections.allowFrom(loadBalancer, Port.tcp(healthPort), 'Health check of the load balancer');
  }
}

function addListener(scope: Construct, props: NetworkListenerProps, idleTimeout?: Duration): NetworkListener {
  const listener = new NetworkListener(scope, 'Listener', props);
  if (idleTimeout !== undefined) {
    // The property of the L2 takes no token.
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

/** Which weights it has later is up to ECS. */
function forward(main: NetworkTargetGroup, alternate?: NetworkTargetGroup): NetworkListenerAction {
  return alternate === undefined
    ? NetworkListenerAction.forward([main])
    : NetworkListenerAction.weightedForward([{ targetGroup: main, weight: 1 }, { targetGroup: alternate, weight: 0 }]);
}

function addTargetGroup(scope: Construct, id: string, { exposed }: ListenerOwner, target: NetworkTarget): NetworkTargetGroup {
  const { settings: { protocol, clientAddress, deregistrationDelay }, container, healthCheck, healthPort } = target;
  const targetGroup = new NetworkTargetGroup(scope, id, {
    vpc: exposed.vpc,
    port: container.port,
    // TLS ends at the load balancer.
    protocol: protocol === Protocol.TLS ? Protocol.TCP : protocol,
    targetType: TargetType.IP,
    healthCheck: healthCheck._render(healthPort),
    // Else clients of a task that is gone learn of it when they give up waiting.
    connectionTermination: true,
    preserveClientIp: clientAddress === ClientAddress.PRESERVED ? true : undefined,
    proxyProtocolV2: clientAddress === ClientAddress.PROXY_PROTOCOL ? true : undefined,
  });
  healthCheck._setNumbers(targetGroup);
  // The L2 would write a token out as a number. The default of five minutes makes every deployment five minutes longer.
  targetGroup.setAttribute('deregistration_delay.timeout_seconds', secondsText(deregistrationDelay ?? Duration.seconds(30)));
  return targetGroup;
}
