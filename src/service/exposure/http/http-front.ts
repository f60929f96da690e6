import { FeatureFlags } from 'aws-cdk-lib';
import { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ApplicationListener, ApplicationProtocol, ApplicationTargetGroup, IApplicationLoadBalancer, SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ELB_USE_POST_QUANTUM_TLS_POLICY } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { ContainerPort, ExposureBindOptions } from '../exposure-config';
import { Audience, Clients, openListener } from './http-clients';
import type { HttpListenerOptions } from './http-exposure-options';
import { connectTargets } from './http-targets';
import { portId } from '../load-balancer/port-id';
import { HttpRoute } from '../rules/http-route';

/** A load balancer, and what it shows to clients of one service. */
export interface Front {
  readonly loadBalancer: IApplicationLoadBalancer;
  readonly port: number;
  /** The first is for clients that name no server; HTTP is spoken where there are none. */
  readonly certificates?: ICertificate[];
  readonly sslPolicy?: SslPolicy;
  readonly audience: Audience;
}

/** A listener for one service, with all that is behind it. */
export function serveOn(
  scope: Construct, front: Front, bind: ExposureBindOptions, answering: ContainerPort, options: HttpListenerOptions,
): { listener: ApplicationListener; groups: ApplicationTargetGroup[] } {
  const listener = addListener(scope, 'ServicePort', front, bind, { property: 'exposure.openTo', named: options.openTo });
  const test = addTestListener(scope, front, bind, options);
  const ruleOf = (owner: ApplicationListener) => ({ id: `${owner.node.id}Rule`, listener: owner, route: HttpRoute.path('/*') });
  const groups = connectTargets(scope, {
    // Beside the listeners, so that target groups stay when the port changes.
    bind, answering, options, groupScope: new Construct(listener.node.scope as Construct, 'Listener'),
    production: ruleOf(listener), test: test && ruleOf(test), everything: true,
  });
  // Also where a rule catches everything: ECS refuses listeners with actions of other kinds.
  [listener, test].forEach(each => each?.addTargetGroups('Service', { targetGroups: [groups[0]] }));
  return { listener, groups };
}

/** A listener that lets clients in, still without an action. */
export function addListener(scope: Construct, purpose: string, front: Front, bind: ExposureBindOptions, clients: Clients): ApplicationListener {
  const { loadBalancer, port, certificates, audience } = front;
  const props = {
    port,
    open: audience === 'internet' && clients.named === undefined,
    ...certificates === undefined ? { protocol: ApplicationProtocol.HTTP } : {
      protocol: ApplicationProtocol.HTTPS, certificates, sslPolicy: front.sslPolicy ?? defaultPolicy(scope),
    },
  };
  const id = portId(port, purpose);
  // Below a load balancer of our own; one that somebody else made may be in another stack.
  const listener = loadBalancer.node.scope === scope
    ? loadBalancer.addListener(id, props)
    : new ApplicationListener(scope, id, { loadBalancer, ...props });
  if (!props.open) {
    openListener(scope, listener, { port, audience, bind, clients });
  }
  return listener;
}

/** What is not released yet is not for everybody. */
function addTestListener(scope: Construct, front: Front, bind: ExposureBindOptions, options: HttpListenerOptions): ApplicationListener | undefined {
  const port = bind.trafficShift?.testPort;
  return port === undefined ? undefined
    : addListener(scope, 'TestPort', { ...front, port, audience: front.audience === 'internet' ? 'vpc' : front.audience }, bind, {
      property: 'exposure.testOpenTo', named: options.testOpenTo ?? options.openTo,
    });
}

/** Without one, CloudFormation would choose one with TLS 1.0. */
function defaultPolicy(scope: Construct): SslPolicy {
  return FeatureFlags.of(scope).isEnabled(ELB_USE_POST_QUANTUM_TLS_POLICY) ? SslPolicy.TLS13_12_PQ : SslPolicy.RECOMMENDED_TLS;
}
