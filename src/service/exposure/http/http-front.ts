import { FeatureFlags } from 'aws-cdk-lib';
import { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { IConnectable } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationListener, ApplicationProtocol, ApplicationTargetGroup, IApplicationLoadBalancer, SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ELB_USE_POST_QUANTUM_TLS_POLICY } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { ContainerPort, ExposureBindOptions } from '../exposure-config';
import type { HttpListenerOptions } from './http-exposure-options';
import { connectTargets } from './http-targets';
import { addressesOf, openListener } from '../load-balancer/listener-access';
import { HttpRoute } from '../rules/http-route';

/** A load balancer, and what it shows to clients of one service. */
export interface Front {
  readonly loadBalancer: IApplicationLoadBalancer;
  readonly port: number;
  /** The first is for clients that name no server; HTTP is spoken where there are none. */
  readonly certificates?: ICertificate[];
  readonly sslPolicy?: SslPolicy;
  /** Whether everybody may connect, unless it is said who. */
  readonly public: boolean;
}

/** A listener for one service, with all that is behind it. */
export function serveOn(
  scope: Construct, front: Front, bind: ExposureBindOptions, answering: ContainerPort, options: HttpListenerOptions,
): { listener: ApplicationListener; groups: ApplicationTargetGroup[] } {
  const listener = addListener(scope, 'Listener', front, bind, options.openTo);
  const testPort = bind.trafficShift?.testPort;
  const test = testPort === undefined ? undefined
    : addListener(scope, 'TestListener', { ...front, port: testPort }, bind, options.testOpenTo ?? options.openTo);
  const route = HttpRoute.path('/*');
  const groups = connectTargets(scope, {
    bind, answering, options, groupScope: listener, production: { listener, route }, test: test && { listener: test, route }, everything: true,
  });
  // Also where a rule catches everything: ECS refuses listeners with actions of other kinds.
  [listener, test].forEach(each => each?.addTargetGroups('Service', { targetGroups: [groups[0]] }));
  return { listener, groups };
}

/** A listener that lets clients in, still without an action. */
export function addListener(
  scope: Construct, id: string, front: Front, { vpc }: ExposureBindOptions, clients: IConnectable[] | undefined,
): ApplicationListener {
  const { loadBalancer, port, certificates } = front;
  const open = front.public && clients === undefined;
  const props = certificates === undefined ? { protocol: ApplicationProtocol.HTTP } : {
    protocol: ApplicationProtocol.HTTPS, certificates, sslPolicy: front.sslPolicy ?? defaultPolicy(scope),
  };
  // Below a load balancer of our own; one that somebody else made may be in another stack.
  const listener = loadBalancer.node.scope === scope
    ? loadBalancer.addListener(id, { port, open, ...props })
    : new ApplicationListener(scope, id, { loadBalancer, port, open, ...props });
  if (!open) {
    openListener(listener, port, clients, () => addressesOf(scope, vpc));
  }
  return listener;
}

/** Without one, CloudFormation would choose one with TLS 1.0. */
function defaultPolicy(scope: Construct): SslPolicy {
  return FeatureFlags.of(scope).isEnabled(ELB_USE_POST_QUANTUM_TLS_POLICY) ? SslPolicy.TLS13_12_PQ : SslPolicy.RECOMMENDED_TLS;
}
