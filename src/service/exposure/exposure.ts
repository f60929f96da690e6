import { Token } from 'aws-cdk-lib';
import { IApplicationListener, IApplicationLoadBalancer, INetworkLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct, IConstruct } from 'constructs';
import { cloudMapExposure, CloudMapOptions } from './discovery/cloud-map';
import { serviceConnect, serviceConnectClient } from './discovery/service-connect';
import { ServiceConnectClientOptions, ServiceConnectOptions } from './discovery/service-connect-options';
import { ExposureBinder, ExposureBindOptions, ExposureConfig } from './exposure-config';
import { InternalHttpOptions, InternalHttpsOptions, PublicHttpOptions, PublicHttpsOptions } from './http/http-exposure-options';
import { listenerExposure, OnListenerOptions } from './http/listener-exposure';
import { loadBalancerExposure, OnLoadBalancerOptions } from './http/load-balancer-exposure';
import { httpExposure, httpsExposure } from './http/own-load-balancer';
import { ServerIdentity } from './http/server-identity';
import { checkTargetGroups } from './load-balancer/load-balancer';
import { networkExposure, networkListenersExposure } from './network/network-exposure';
import { InternalNetworkOptions, OnNetworkLoadBalancerOptions, PublicNetworkOptions } from './network/network-exposure-options';
import { HttpRoute } from './rules/http-route';
import { checkValue } from '../../private/shape';
import { reject } from '../../private/validation';

// This folder depends on no other folder of the service. Deployments, containers, launch types, scaling and monitoring depend on it.

/**
 * How clients reach a service.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html
 */
export abstract class Exposure {
  /**
   * HTTP from the internet, with a new application load balancer in the public subnets.
   *
   * @param options port, clients, health check and more
   */
  public static publicHttp(options: PublicHttpOptions = {}): Exposure {
    return new BoundExposure(httpExposure('internet', options));
  }

  /**
   * HTTP from inside the VPC, with a new internal application load balancer.
   *
   * Requires `openTo` if the VPC is imported without its CIDR block.
   *
   * @param options port, clients, health check and more
   */
  public static internalHttp(options: InternalHttpOptions = {}): Exposure {
    return new BoundExposure(httpExposure('vpc', options));
  }

  /**
   * HTTPS from the internet, with a new application load balancer in the public subnets. HTTP is redirected to HTTPS.
   *
   * @param identity the certificate and the name of the server
   * @param options port, clients, health check and more
   */
  public static publicHttps(identity: ServerIdentity, options: PublicHttpsOptions = {}): Exposure {
    return new BoundExposure(httpsExposure('internet', identity, options));
  }

  /**
   * HTTPS from inside the VPC, with a new internal application load balancer.
   *
   * @param identity the certificate and the name of the server
   * @param options port, clients, health check and more
   */
  public static internalHttps(identity: ServerIdentity, options: InternalHttpsOptions = {}): Exposure {
    return new BoundExposure(httpsExposure('vpc', identity, options));
  }

  /**
   * A rule on an existing listener of an application load balancer that several services share. The load balancer keeps the clients that it already
   * allows; `openTo` adds more.
   *
   * Throws if two services have the same route or the same priority on one listener. Rules that are created outside of this app are unknown.
   *
   * @param listener a listener of this app, or an imported one
   * @param route the requests for this service
   * @param options priority, clients, health check and more
   */
  public static onListener(listener: IApplicationListener, route: HttpRoute, options: OnListenerOptions = {}): Exposure {
    return new BoundExposure(listenerExposure(listener, route, options));
  }

  /**
   * A new listener on an existing application load balancer. The load balancer keeps the clients that it already allows on that port; `openTo` adds
   * more.
   *
   * @param loadBalancer a load balancer of this app, or an imported one, without a listener on that port
   * @param options port, certificate, clients, health check and more
   */
  public static onLoadBalancer(loadBalancer: IApplicationLoadBalancer, options: OnLoadBalancerOptions = {}): Exposure {
    return new BoundExposure(loadBalancerExposure(loadBalancer, options));
  }

  /**
   * TCP, TLS or UDP from the internet, with a new network load balancer in the public subnets.
   *
   * The endpoint is `host:port` with the first port.
   *
   * @param options ports, clients and more
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/introduction.html
   */
  public static publicNetwork(options: PublicNetworkOptions = {}): Exposure {
    return new BoundExposure(networkExposure('internet', options));
  }

  /**
   * TCP, TLS or UDP from inside the VPC, with a new internal network load balancer.
   *
   * The endpoint is `host:port` with the first port. Requires `openTo` if the VPC is imported without its CIDR block.
   *
   * @param options ports, clients and more
   */
  public static internalNetwork(options: InternalNetworkOptions = {}): Exposure {
    return new BoundExposure(networkExposure('vpc', options));
  }

  /**
   * New listeners on an existing network load balancer. A listener forwards to one service, because network load balancers have no rules. The load
   * balancer keeps the clients that it already allows on these ports; `openTo` adds more.
   *
   * Throws if the load balancer has no security groups, and if a port is in use.
   *
   * @param loadBalancer a load balancer with security groups
   * @param options ports and clients
   */
  public static onNetworkLoadBalancer(loadBalancer: INetworkLoadBalancer, options: OnNetworkLoadBalancerOptions = {}): Exposure {
    return new BoundExposure(networkListenersExposure(loadBalancer, options));
  }

  /**
   * A name in Service Connect: other services connect through a proxy in each task. The service itself can also call others.
   *
   * Nobody may connect until you set `openTo` or call `service.connections.allowFrom(…)`. Tasks only know the services that existed when they started,
   * so let a client depend on the services that it calls: `client.node.addDependency(service)`.
   *
   * A task without a `size` gets 256 CPU units and 64 MiB more for the proxy, as AWS recommends. Set a `size` with 512 CPU units for more than 500 requests
   * per second and task, and with 128 MiB for a namespace with more than 100 services or 2000 tasks.
   *
   * @param options name, port, protocol, clients and more
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect.html
   */
  public static serviceConnect(options: ServiceConnectOptions = {}): Exposure {
    return new BoundExposure(serviceConnect(options), 'with a proxy');
  }

  /**
   * No clients, but the service can call others through Service Connect.
   *
   * @param options namespace and proxy log
   */
  public static serviceConnectClient(options: ServiceConnectClientOptions = {}): Exposure {
    return new BoundExposure(serviceConnectClient(options), 'with a proxy');
  }

  /**
   * A DNS name in Cloud Map for the IP addresses of the tasks. Clients connect directly. Allow them with `openTo` or
   * `service.connections.allowFrom(…)`.
   *
   * The endpoint is `name.namespace:port`. With SRV records, which contain the port, it is `name.namespace`.
   *
   * @param options `name` is required
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-discovery.html
   */
  public static cloudMap(options: CloudMapOptions): Exposure {
    return new BoundExposure(cloudMapExposure(options));
  }

  /** No clients, e.g. for a worker that reads from a queue. */
  public static none(): Exposure {
    return new BoundExposure(() => ({}));
  }

  /**
   * Add a second exposure. The endpoint is the one of the first exposure that has one. The resources of the first exposure stay unchanged.
   *
   * To remove the first exposure later, replace it with `Exposure.none()`: without `also`, the resources of the second exposure would be replaced.
   *
   * @param id the construct ID of the second exposure, which must not change
   * @param other the second exposure
   */
  public also(id: string, other: Exposure): Exposure {
    return new BoundExposure(combinedExposure(this, id, other), this._addsProxy() || other?._addsProxy?.() ? 'with a proxy' : 'alone');
  }

  /**
   * Create the resources that make the service reachable.
   *
   * The service calls it once for each scope.
   *
   * @param scope a new scope that belongs to this exposure alone
   * @param options the service, its VPC and its ports
   */
  public abstract bind(scope: Construct, options: ExposureBindOptions): ExposureConfig;

  /**
   * Whether ECS adds a proxy to each task, which uses CPU and memory of the task.
   *
   * @internal
   */
  public _addsProxy(): boolean {
    return false;
  }
}

class BoundExposure extends Exposure {
  constructor(private readonly binder: ExposureBinder, private readonly reached: 'alone' | 'with a proxy' = 'alone') {
    super();
  }

  public override _addsProxy(): boolean {
    return this.reached === 'with a proxy';
  }

  public bind(scope: Construct, options: ExposureBindOptions): ExposureConfig {
    return this.binder(scope, options);
  }
}

/** The scope of all exposures except the first, so that IDs stay the same when exposures are added or removed. */
const OTHERS = 'Others';

/** Two exposures of one service. The first one has the endpoint. */
function combinedExposure(first: Exposure, id: string, other: Exposure): ExposureBinder {
  return (scope, options) => {
    checkValue(scope, 'exposure', other, {
      kind: 'instance', methods: ['bind'], must: 'be combined with an Exposure', required: true,
      fix: 'Call a factory, e.g. .also(\'Mesh\', Exposure.serviceConnect()).',
    });
    checkId(scope, id);
    const exposed = first.bind(scope, options) ?? {}; // in JavaScript, an exposure may return nothing
    const others = (scope.node.tryFindChild(OTHERS) ?? new Construct(scope, OTHERS)) as Construct;
    if (others.node.tryFindChild(id) !== undefined) {
      reject(scope, { property: 'exposure', must: 'have a different ID for each call of also()', got: id, fix: 'Choose another ID.' });
    }
    const merged = merge(exposed, other.bind(new Construct(others, id), options) ?? {});
    checkTargetGroups(scope, options.service);
    return merged;
  };
}

function checkId(scope: IConstruct, id: string): void {
  if (typeof id !== 'string' || Token.isUnresolved(id) || !/^[A-Za-z0-9_-]{1,100}$/.test(id)) {
    reject(scope, {
      property: 'exposure', must: 'have an ID of letters, digits, "-" and "_" in also()', got: Token.isUnresolved(id) ? 'a token' : id,
      fix: 'Choose a stable ID such as "Mesh": also(\'Mesh\', Exposure.serviceConnect()).',
    });
  }
}

/** Merges two results: concatenates lists, and otherwise uses the first value. */
function merge(first: ExposureConfig, second: ExposureConfig): ExposureConfig {
  const merged: Record<string, unknown> = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const own = merged[key];
    merged[key] = Array.isArray(own) && Array.isArray(value) ? [...own, ...value] : own ?? value;
  }
  return merged;
}
