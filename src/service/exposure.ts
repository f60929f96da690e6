import { IExposure } from './exposure-contract';
import { HttpExposure, HttpExposureOptions } from './http-exposure';

/** The ways in which a service can be reached. */
export class Exposure {
  /**
   * Everybody on the internet, over HTTP, through a load balancer of its own in the public subnets.
   *
   * @param options what differs from the usual
   */
  public static publicHttp(options: HttpExposureOptions = {}): IExposure {
    return new HttpExposure('internet', options);
  }

  /**
   * Whoever is in the VPC (or connected to it), over HTTP, through an internal load balancer of its own.
   *
   * @param options what differs from the usual
   */
  public static internalHttp(options: HttpExposureOptions = {}): IExposure {
    return new HttpExposure('vpc', options);
  }

  /** Nobody: a worker that fetches its own work. */
  public static none(): IExposure {
    return { bind: () => ({}) };
  }

  private constructor() {}
}
