import { Token } from 'aws-cdk-lib';
import { IConnectable, Port } from 'aws-cdk-lib/aws-ec2';
import { ApplicationListener, ApplicationProtocol, CfnListener, IApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { dnsNameOf, urlOf } from './http-listener';
import { connectTargets } from './http-target-group';
import { checkTarget, HttpTargetOptions, TARGET_REPLACEMENTS, TARGET_RULES } from './http-target-options';
import { checkSameEnvironment } from '../../../private/environments';
import { isPendingLookup } from '../../../private/lookups';
import { isObject, Shape } from '../../../private/shape';
import { reject } from '../../../private/validation';
import { ExposureBinder, ExposureBindOptions } from '../exposure-config';
import { checkVpc } from '../load-balancer/load-balancer';
import { OPEN_TO, openTo } from '../open-to';
import { checkRoute, HttpRoute } from '../rules/http-route';
import { MAX_PRIORITY } from '../rules/listener-rule';
import { valuesOf } from '../rules/rule-priority';
import { httpPort } from '../target-port';

/** Options of a rule on an existing listener that several services share. */
export interface OnListenerOptions extends HttpTargetOptions {
  /**
   * The priority of the listener rule, 1 to 50000. ELB uses the matching rule with the lowest priority.
   *
   * @default - derived from the route alone, from 1000 to 48959: specific routes first, host and path before host before path, longer paths before
   * shorter ones. Rules that are created outside of this app are unknown; set the priority if it clashes with one of them
   */
  readonly priority?: number;

  /**
   * The listener that receives test traffic for the same route. Required if the deployment has a test port.
   *
   * @default - none
   */
  readonly testListener?: IApplicationListener;

  /**
   * Additional clients that may connect to the listener: IP ranges and prefix lists (`ec2.Peer`), security groups, and resources with security groups.
   * An imported listener must have a known port.
   *
   * @default - no additional clients
   */
  readonly openTo?: IConnectable[];
}

const OF_LISTENER = 'Set it on the listener.';
const OF_LOAD_BALANCER = 'Set it on the load balancer.';

export const ON_LISTENER = new Shape<OnListenerOptions>('Write options in braces, or nothing: Exposure.onListener(listener, route).', {
  ...TARGET_RULES,
  priority: { kind: 'integer', min: 1, max: MAX_PRIORITY, fix: 'ELB evaluates lower priorities first. Leave it out for a priority by route.' },
  testListener: { kind: 'other' },
  openTo: OPEN_TO,
}, {
  ...TARGET_REPLACEMENTS,
  conditions: 'Pass a route instead: Exposure.onListener(listener, HttpRoute.path(\'/api/*\')).',
  testOpenTo: 'Set openTo where you create the test listener.',
  port: OF_LISTENER,
  identity: OF_LISTENER,
  certificates: OF_LISTENER,
  sslPolicy: OF_LISTENER,
  redirect: 'Only Exposure.publicHttps and Exposure.internalHttps have a redirect: here call loadBalancer.addRedirect().',
  idleTimeout: OF_LOAD_BALANCER,
  accessLogs: OF_LOAD_BALANCER,
  deletionProtection: OF_LOAD_BALANCER,
  webAclArn: OF_LOAD_BALANCER,
});

/** A rule on an existing listener. */
export function listenerExposure(listener: IApplicationListener, route: HttpRoute, settings: OnListenerOptions): ExposureBinder {
  return (scope, options) => {
    ON_LISTENER.check(scope, 'exposure', settings);
    checkListener(scope, 'exposure.listener', listener);
    checkRoute(scope, route);
    const address = addressOf(listener);
    // The placeholder of a pending lookup has port 80, regardless of the real port.
    checkTarget(scope, settings, isPendingLookup(listener.listenerArn) ? undefined : address.protocol as ApplicationProtocol | undefined);
    const { loadBalancer } = listener as Partial<ApplicationListener>;
    checkVpc(scope, loadBalancer?.vpc, options.vpc);
    allowClients(scope, listener, address.port, options, settings.openTo);
    const testListener = testListenerOf(scope, options, settings);
    const applicationTargetGroups = connectTargets(scope, {
      bind: options,
      answering: httpPort(scope, options.ports, settings),
      options: settings,
      groupScope: scope,
      production: { listener, route, priority: settings.priority },
      test: testListener && { listener: testListener, route, priority: settings.priority },
      everything: false,
    });
    return { endpoint: endpointOf(address, route), loadBalancers: loadBalancer && [loadBalancer], applicationTargetGroups };
  };
}

function allowClients(
  scope: Construct, listener: IApplicationListener, port: number | undefined, bind: ExposureBindOptions, clients: IConnectable[] = [],
): void {
  if (clients.length === 0) {
    return;
  }
  if (port === undefined) {
    reject(scope, {
      property: 'exposure.openTo', must: 'be left out, because the port of the imported listener is not known', got: `${clients.length} clients`,
      fix: 'Import it with ApplicationListener.fromLookup, or with its defaultPort.',
    });
  }
  openTo(listener, clients, Port.tcp(port), 'From whom the service is open to', bind);
}

function checkListener(scope: Construct, property: string, listener: unknown): void {
  if (!isObject(listener) || listener.isApplicationListener !== true || !isObject(listener.connections)) {
    reject(scope, {
      property, must: 'be a listener of an application load balancer', got: listener,
      fix: 'Give one, e.g. loadBalancer.addListener(…) or ApplicationListener.fromLookup(…).',
    });
  }
  checkSameEnvironment(scope, property, listener);
}

function testListenerOf(
  scope: Construct, { trafficShift }: ExposureBindOptions, { testListener }: OnListenerOptions,
): IApplicationListener | undefined {
  if (testListener !== undefined) {
    checkListener(scope, 'exposure.testListener', testListener);
  } else if (trafficShift?.testPort !== undefined) {
    reject(scope, {
      property: 'exposure.testListener', must: 'be given, because the deployment has a test port and the service shares its load balancer',
      got: undefined, fix: 'Write Exposure.onListener(listener, route, { testListener }), or leave the test port out.',
    });
  }
  return testListener;
}

/** The known parts of the address of a listener. */
interface ListenerAddress {
  readonly protocol?: string;
  readonly port?: number;
  /** The DNS name of the load balancer. */
  readonly host?: string;
}

/** The address of a listener. Of an imported listener, at most the port is known; the default ports imply the protocol. */
function addressOf(listener: IApplicationListener): ListenerAddress {
  const resource = listener.node.defaultChild;
  if (resource !== undefined && CfnListener.isCfnListener(resource)) {
    return { protocol: resource.protocol, port: resource.port, host: dnsNameOf((listener as ApplicationListener).loadBalancer) };
  }
  const port = Number(listener.connections.defaultPort?.toString() ?? NaN);
  return { protocol: port === 443 ? 'HTTPS' : port === 80 ? 'HTTP' : undefined, port: Number.isNaN(port) ? undefined : port };
}

/** The URL of a route: the first host without wildcards, otherwise the load balancer, followed by the first path up to a wildcard. */
function endpointOf({ protocol, port, host }: ListenerAddress, route: HttpRoute): string | undefined {
  const name = valuesOf(route, 'host').find(each => Token.isUnresolved(each) || !/[*?]/.test(each)) ?? host;
  if (name === undefined || protocol === undefined || port === undefined) {
    return undefined;
  }
  const [path = ''] = valuesOf(route, 'path');
  const start = Token.isUnresolved(path) ? path : path.replace(/[*?].*$/, '');
  return `${urlOf(protocol, name, port)}${start === '/' ? '' : start}`;
}
