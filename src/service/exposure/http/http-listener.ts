import { FeatureFlags, Tokenization } from 'aws-cdk-lib';
import { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { IConnectable, Peer, Port } from 'aws-cdk-lib/aws-ec2';
import { ApplicationListener, ApplicationProtocol, ApplicationTargetGroup, IApplicationLoadBalancer, SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ELB_USE_POST_QUANTUM_TLS_POLICY } from 'aws-cdk-lib/cx-api';
import { Construct, IConstruct } from 'constructs';
import { HttpListenerOptions } from './http-exposure-options';
import { connectTargets } from './http-target-group';
import { idOfValue } from '../../../private/stacks';
import { undefinedIfThrows } from '../../../private/undefined-if-throws';
import { ContainerPort, ExposureBindOptions } from '../exposure-config';
import { portId, Reach } from '../load-balancer/load-balancer';
import { addressesOf, openTo } from '../open-to';
import { HttpRoute } from '../rules/http-route';

/** The clients that may connect by default. An existing load balancer gets no additional clients. */
export type Audience = Reach | 'nobody-else';

/** The clients that the user lists, and the option with the list. */
export interface Clients {
  readonly property: string;
  readonly named?: IConnectable[];
}

/** A listener of a load balancer. */
export interface Front {
  readonly loadBalancer: IApplicationLoadBalancer;
  readonly port: number;
  /** The first one is the default certificate. Without certificates, the protocol is HTTP. */
  readonly certificates?: ICertificate[];
  readonly sslPolicy?: SslPolicy;
  readonly audience: Audience;
}

/** Creates a listener for one service, with the test listener of the deployment and the target groups. */
export function serveOn(
  scope: Construct, front: Front, bind: ExposureBindOptions, answering: ContainerPort, options: HttpListenerOptions,
): { listener: ApplicationListener; groups: ApplicationTargetGroup[] } {
  const listener = addListener(scope, 'ServicePort', front, bind, { property: 'exposure.openTo', named: options.openTo });
  const test = addTestListener(scope, front, bind, options);
  const ruleOf = (owner: ApplicationListener) => ({ listener: owner, route: HttpRoute.path('/*') });
  const groups = connectTargets(scope, {
    // A scope next to the listeners, so that CloudFormation keeps the target groups when the port changes.
    bind, answering, options, groupScope: new Construct(listener.node.scope as Construct, 'Listener'),
    production: ruleOf(listener), test: test && ruleOf(test), everything: true,
  });
  // Listeners need this default action even if a rule matches everything, because ECS rejects other types of default actions.
  [listener, test].forEach(each => each?.addTargetGroups('Service', { targetGroups: [groups[0]] }));
  return { listener, groups };
}

/** The purpose of a listener of a service. */
export type ListenerPurpose = 'ServicePort' | 'RedirectPort' | 'TestPort';

const PURPOSES = new WeakMap<IConstruct, ListenerPurpose>();

/** The purpose of a listener. Undefined for a listener that no exposure has created. */
export function purposeOf(listener: IConstruct): ListenerPurpose | undefined {
  return PURPOSES.get(listener);
}

/** Creates a listener without an action, and allows the clients to connect. */
export function addListener(
  scope: Construct, purpose: ListenerPurpose, front: Front, bind: ExposureBindOptions, clients: Clients,
): ApplicationListener {
  const { loadBalancer, port, certificates, audience } = front;
  const [certificate, ...others] = certificates ?? [];
  const props = {
    port,
    open: audience === 'internet' && clients.named === undefined,
    ...certificate === undefined ? { protocol: ApplicationProtocol.HTTP } : {
      protocol: ApplicationProtocol.HTTPS, certificates: [certificate], sslPolicy: front.sslPolicy ?? defaultPolicy(scope),
    },
  };
  const id = portId(port, purpose);
  // The listener is below a load balancer of the exposure. An existing load balancer may be in another stack.
  const listener = loadBalancer.node.scope === scope
    ? loadBalancer.addListener(id, props)
    : new ApplicationListener(scope, id, { loadBalancer, ...props });
  PURPOSES.set(listener, purpose);
  others.forEach(each => listener.addCertificates(idOfValue(scope, 'Certificate', each.certificateArn), [each]));
  if (!props.open) {
    allowClients(scope, listener, front, bind, clients);
  }
  return listener;
}

function allowClients(scope: Construct, listener: ApplicationListener, { port, audience }: Front, bind: ExposureBindOptions, clients: Clients): void {
  const tcp = Port.tcp(port);
  if (clients.named !== undefined) {
    openTo(listener, clients.named, tcp, 'From whom the service is open to', bind);
  } else if (audience !== 'nobody-else') {
    listener.connections.allowFrom(Peer.ipv4(addressesOf(scope, bind.vpc, clients.property)), tcp, 'From inside the VPC');
  }
}

/** Adds the test listener. By default, it is not open to the internet. */
function addTestListener(scope: Construct, front: Front, bind: ExposureBindOptions, options: HttpListenerOptions): ApplicationListener | undefined {
  const port = bind.trafficShift?.testPort;
  return port === undefined ? undefined
    : addListener(scope, 'TestPort', { ...front, port, audience: front.audience === 'internet' ? 'vpc' : front.audience }, bind, {
      property: 'exposure.testOpenTo', named: options.testOpenTo ?? options.openTo,
    });
}

/** The default TLS policy. Without a policy, ELB would use one that allows TLS 1.0. */
function defaultPolicy(scope: Construct): SslPolicy {
  return FeatureFlags.of(scope).isEnabled(ELB_USE_POST_QUANTUM_TLS_POLICY) ? SslPolicy.TLS13_12_PQ : SslPolicy.RECOMMENDED_TLS;
}

/** The DNS name of a load balancer; undefined if it is imported without a name, because then the getter throws. */
export function dnsNameOf(loadBalancer: Pick<IApplicationLoadBalancer, 'loadBalancerDnsName'>): string | undefined {
  return undefinedIfThrows(() => loadBalancer.loadBalancerDnsName);
}

/** The URL of a server, without the default port of its protocol. */
export function urlOf(protocol: string, host: string, port: number): string {
  const usual = protocol === 'HTTPS' ? 443 : 80;
  // In a template string, a token would appear as the number that encodes it.
  return `${protocol.toLowerCase()}://${host}${port === usual ? '' : `:${Tokenization.stringifyNumber(port)}`}`;
}
