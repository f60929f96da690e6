import { IApplicationListener, IApplicationLoadBalancer, INetworkLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { combinedExposure } from './combined-exposure';
import { cloudMapExposure, CloudMapExposureOptions } from './discovery/cloud-map-exposure';
import { serviceConnect, serviceConnectClient } from './discovery/service-connect';
import { ServiceConnectClientOptions, ServiceConnectOptions } from './discovery/service-connect-options';
import { ExposureBinder, ExposureBindOptions, ExposureConfig } from './exposure-config';
import { httpExposure } from './http/http-exposure';
import { HttpExposureOptions, HttpsExposureOptions } from './http/http-exposure-options';
import { httpsExposure } from './http/https-exposure';
import { ServerIdentity } from './http/https-server-identity';
import { listenerExposure, ListenerExposureOptions } from './http/listener-exposure';
import { loadBalancerExposure, LoadBalancerExposureOptions } from './http/load-balancer-exposure';
import { networkExposure, networkListenersExposure } from './network/network-exposure';
import { NetworkExposureOptions, NetworkPortsOptions, PublicNetworkExposureOptions } from './network/network-exposure-options';
import { HttpRoute } from './rules/http-route';

/**
 * How a service is reached.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html
 */
export abstract class Exposure {
  /**
   * Everybody on the internet, over HTTP, through a load balancer of its own in the public subnets.
   *
   * @param options what differs from the usual
   */
  public static publicHttp(options: HttpExposureOptions = {}): Exposure {
    return new BoundExposure(httpExposure('internet', options));
  }

  /**
   * Whoever has an address of the VPC, over HTTP, through an internal load balancer of its own.
   *
   * Where the VPC is imported without its CIDR block, `openTo` has to say who may connect.
   *
   * @param options what differs from the usual
   */
  public static internalHttp(options: HttpExposureOptions = {}): Exposure {
    return new BoundExposure(httpExposure('vpc', options));
  }

  /**
   * Everybody on the internet, over HTTPS, through a load balancer of its own in the public subnets. Who comes over HTTP is redirected.
   *
   * @param identity the name and the certificate of the server
   * @param options what differs from the usual
   */
  public static publicHttps(identity: ServerIdentity, options: HttpsExposureOptions = {}): Exposure {
    return new BoundExposure(httpsExposure('internet', identity, options));
  }

  /**
   * Whoever has an address of the VPC, over HTTPS, through an internal load balancer of its own.
   *
   * @param identity the name and the certificate of the server
   * @param options what differs from the usual
   */
  public static internalHttps(identity: ServerIdentity, options: HttpsExposureOptions = {}): Exposure {
    return new BoundExposure(httpsExposure('vpc', identity, options));
  }

  /**
   * The requests of one route, through a listener that exists and that several services share. Whoever its load balancer lets in already may
   * connect; `openTo` adds to them.
   *
   * Two services with the same route on one listener throw, and so do two whose rules have the same priority. Rules that are made outside of
   * this app are not known.
   *
   * @param listener a listener of an application load balancer, of this app or imported
   * @param route which requests are for this service
   * @param options what differs from the usual
   */
  public static onListener(listener: IApplicationListener, route: HttpRoute, options: ListenerExposureOptions = {}): Exposure {
    return new BoundExposure(listenerExposure(listener, route, options));
  }

  /**
   * Clients of a load balancer that exists, through a listener of its own. Whoever the load balancer lets in to that port already may connect;
   * `openTo` adds to them.
   *
   * @param loadBalancer an application load balancer, of this app or imported, which has no listener on that port yet
   * @param options what differs from the usual
   */
  public static onLoadBalancer(loadBalancer: IApplicationLoadBalancer, options: LoadBalancerExposureOptions = {}): Exposure {
    return new BoundExposure(loadBalancerExposure(loadBalancer, options));
  }

  /**
   * Everybody on the internet, over TCP, TLS or UDP, through a network load balancer of its own in the public subnets.
   *
   * The endpoint is `host:port`, of the first port.
   *
   * @param options what differs from the usual
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/introduction.html
   */
  public static publicNetwork(options: PublicNetworkExposureOptions = {}): Exposure {
    return new BoundExposure(networkExposure('internet', options));
  }

  /**
   * Whoever has an address of the VPC, over TCP, TLS or UDP, through an internal network load balancer of its own.
   *
   * The endpoint is `host:port`, of the first port. A VPC that is imported without its CIDR block needs `openTo`.
   *
   * @param options what differs from the usual
   */
  public static internalNetwork(options: NetworkExposureOptions = {}): Exposure {
    return new BoundExposure(networkExposure('vpc', options));
  }

  /**
   * Clients of a network load balancer that exists, on listeners of its own: a listener of such a load balancer has no rules, and leads to one
   * service only. Whoever the load balancer lets in to these ports already may connect; `openTo` adds to them.
   *
   * Throws when the load balancer has no security groups, and when a port is taken.
   *
   * @param loadBalancer the load balancer, with security groups
   * @param options what differs from the usual
   */
  public static onNetworkLoadBalancer(loadBalancer: INetworkLoadBalancer, options: NetworkPortsOptions = {}): Exposure {
    return new BoundExposure(networkListenersExposure(loadBalancer, options));
  }

  /**
   * Other services, by name, through the proxies of Service Connect. The service can call others too.
   *
   * Nobody may connect until `openTo` or `service.connections.allowFrom(…)` says so. Tasks know the services that were there when they
   * started, so let a client depend on those that it calls: `client.node.addDependency(service)`.
   *
   * A task of which no `size` is given gets 256 CPU units and 64 MiB more for the proxy, as AWS advises. More than 500 requests a second for each
   * task want 512 CPU units, and a namespace of more than 100 services or 2000 tasks wants 128 MiB: give a `size` then.
   *
   * @param options what differs from the usual
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect.html
   */
  public static serviceConnect(options: ServiceConnectOptions = {}): Exposure {
    return new BoundExposure(serviceConnect(options), 'with a proxy');
  }

  /**
   * Nobody, but the service calls others through Service Connect.
   *
   * @param options what differs from the usual
   */
  public static serviceConnectClient(options: ServiceConnectClientOptions = {}): Exposure {
    return new BoundExposure(serviceConnectClient(options), 'with a proxy');
  }

  /**
   * Whoever looks the name up in DNS, and is let in by `openTo` or `service.connections.allowFrom(…)`.
   *
   * The endpoint is `name.namespace:port`; with SRV records, which say the port, `name.namespace`.
   *
   * @param options the name, and what differs from the usual
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-discovery.html
   */
  public static cloudMap(options: CloudMapExposureOptions): Exposure {
    return new BoundExposure(cloudMapExposure(options));
  }

  /** Nobody: a worker that fetches its own work. */
  public static none(): Exposure {
    return new BoundExposure(() => ({}));
  }

  /**
   * Reach the service in a second way as well. The endpoint stays that of the first one which has one, and nothing that was made for this one
   * is made anew.
   *
   * @param id names what is made for the other one, and has to stay
   * @param other how the service is reached too
   */
  public also(id: string, other: Exposure): Exposure {
    return new BoundExposure(combinedExposure(this, id, other), this._addsProxy() || other?._addsProxy?.() ? 'with a proxy' : 'alone');
  }

  /**
   * Create what makes the service reachable.
   *
   * Called by the service, once for each scope.
   *
   * @param scope a fresh scope that belongs to this exposure alone
   * @param options what to make reachable
   */
  public abstract bind(scope: Construct, options: ExposureBindOptions): ExposureConfig;

  /**
   * Whether ECS adds a proxy to each task, which takes its part of the task's CPU and memory.
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
