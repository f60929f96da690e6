import { IApplicationListener, IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { ExposureBinder, ExposureBindOptions, ExposureConfig } from './exposure-config';
import { httpExposure } from './http-exposure';
import { HttpExposureOptions, HttpsExposureOptions } from './http-exposure-options';
import { HttpRoute } from './http-route';
import { httpsExposure } from './https-exposure';
import { ServerIdentity } from './https-server-identity';
import { listenerExposure, ListenerExposureOptions } from './listener-exposure';
import { loadBalancerExposure, LoadBalancerExposureOptions } from './load-balancer-exposure';

/** How a service is reached. */
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
   * The requests of one route, through a listener that exists and that several services share. Who may connect to it is up to its load balancer.
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
   * Whoever has an address of the VPC, through a listener of its own on a load balancer that exists. To let others in, give `openTo`.
   *
   * @param loadBalancer an application load balancer, of this app or imported, which has no listener on that port yet
   * @param options what differs from the usual
   */
  public static onLoadBalancer(loadBalancer: IApplicationLoadBalancer, options: LoadBalancerExposureOptions = {}): Exposure {
    return new BoundExposure(loadBalancerExposure(loadBalancer, options));
  }

  /** Nobody: a worker that fetches its own work. */
  public static none(): Exposure {
    return new BoundExposure(() => ({}));
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
}

class BoundExposure extends Exposure {
  constructor(private readonly binder: ExposureBinder) {
    super();
  }

  public bind(scope: Construct, options: ExposureBindOptions): ExposureConfig {
    return this.binder(scope, options);
  }
}
