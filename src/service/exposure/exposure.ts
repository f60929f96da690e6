import { Construct } from 'constructs';
import { ExposureBinder, ExposureBindOptions, ExposureConfig } from './exposure-config';
import { httpExposure, HttpExposureOptions } from './http-exposure';

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
   * A VPC that is imported without its CIDR block cannot be used.
   *
   * @param options what differs from the usual
   */
  public static internalHttp(options: HttpExposureOptions = {}): Exposure {
    return new BoundExposure(httpExposure('vpc', options));
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
