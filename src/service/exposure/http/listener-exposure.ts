import { IConnectable, Port } from 'aws-cdk-lib/aws-ec2';
import { ApplicationListener, ApplicationProtocol, IApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { ON_LISTENER_NAMES } from './http-names';
import { checkTarget } from './http-target-checks';
import { HttpTargetOptions } from './http-target-options';
import { connectTargets } from './http-targets';
import { addressOf, endpointOf } from './listener-endpoint';
import { checkObject, isObject } from '../../../private/check-types';
import { isPendingLookup } from '../../../private/lookups';
import { checkSpelling } from '../../../private/spelling';
import { reject } from '../../../private/validation';
import { ExposureBinder, ExposureBindOptions } from '../exposure-config';
import { checkVpc } from '../load-balancer/load-balancer-vpc';
import { checkOpenTo, openTo } from '../open-to';
import { HttpRoute } from '../rules/http-route';
import { checkRoute } from '../rules/http-route-checks';
import { httpPort } from '../target-port';

/** What may differ in a service that shares a listener with others. */
export interface ListenerExposureOptions extends HttpTargetOptions {
  /**
   * The priority of the rule, 1 to 50000: of the rules that fit a request, the one with the lowest counts.
   *
   * @default - found by the route: more specific routes first, host and path before host before path, and longer paths before shorter ones. It
   * depends on nothing but the route, from 1000 to 48959. Of rules that are made outside of this app nobody knows here: give it where they clash
   */
  readonly priority?: number;

  /**
   * The listener by which the new version is reached before clients reach it, under the same route. Used where the deployment has a test listener.
   *
   * @default - none
   */
  readonly testListener?: IApplicationListener;

  /**
   * Who may connect to the listener besides those that its load balancer lets in already: networks and prefix lists (`ec2.Peer`), security
   * groups, and whatever else has connections. An imported listener needs its port for that.
   *
   * @default - nobody else
   */
  readonly openTo?: IConnectable[];
}

/** A rule on a listener that somebody else made. */
export function listenerExposure(listener: IApplicationListener, route: HttpRoute, settings: ListenerExposureOptions): ExposureBinder {
  return (scope, options) => {
    checkObject(scope, 'exposure', settings, 'Give options in brackets, or nothing: Exposure.onListener(listener, route).');
    checkSpelling(scope, 'exposure', settings, ON_LISTENER_NAMES);
    checkSharedListener(scope, 'exposure.listener', listener);
    checkRoute(scope, route);
    checkOpenTo(scope, settings.openTo);
    const address = addressOf(listener);
    // A dummy listens on port 80, whatever the listener does.
    checkTarget(scope, settings, isPendingLookup(listener.listenerArn) ? undefined : address.protocol as ApplicationProtocol | undefined);
    const { loadBalancer } = listener as Partial<ApplicationListener>;
    checkVpc(scope, loadBalancer?.vpc, options.vpc);
    letIn(scope, listener, address.port, options, settings.openTo);
    const testListener = testListenerOf(scope, options, settings);
    const applicationTargetGroups = connectTargets(scope, {
      bind: options,
      answering: httpPort(scope, options.ports, settings),
      options: settings,
      groupScope: scope,
      production: { id: 'Rule', listener, route, priority: settings.priority },
      test: testListener && { id: 'TestRule', listener: testListener, route, priority: settings.priority },
      everything: false,
    });
    return { endpoint: endpointOf(address, route), loadBalancers: loadBalancer && [loadBalancer], applicationTargetGroups };
  };
}

function letIn(
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

function checkSharedListener(scope: Construct, property: string, listener: unknown): void {
  if (!isObject(listener) || listener.isApplicationListener !== true || !isObject(listener.connections)) {
    reject(scope, {
      property, must: 'be a listener of an application load balancer', got: listener,
      fix: 'Give one, e.g. loadBalancer.addListener(…) or ApplicationListener.fromLookup(…).',
    });
  }
}

function testListenerOf(
  scope: Construct, { trafficShift }: ExposureBindOptions, { testListener }: ListenerExposureOptions,
): IApplicationListener | undefined {
  if (testListener !== undefined) {
    checkSharedListener(scope, 'exposure.testListener', testListener);
  } else if (trafficShift?.testPort !== undefined) {
    reject(scope, {
      property: 'exposure.testListener', must: 'be given, because the deployment has a test listener and this load balancer is not the service\'s own',
      got: undefined, fix: 'Write Exposure.onListener(listener, route, { testListener }), or leave the test port out.',
    });
  }
  return testListener;
}
