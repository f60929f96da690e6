import { IVpc } from 'aws-cdk-lib/aws-ec2';
import { BaseService } from 'aws-cdk-lib/aws-ecs';
import { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';

/** What an exposure makes reachable. */
export interface ExposureBindOptions {
  /** The service whose tasks are reached. */
  readonly service: BaseService;

  /** The network of the service. */
  readonly vpc: IVpc;

  /** Every container that listens, with its port. */
  readonly ports: { [containerName: string]: number };
}

/** How the service is reached. */
export interface ExposureConfig {
  /**
   * Where clients connect, e.g. a URL.
   *
   * @default - nowhere
   */
  readonly endpoint?: string;

  /**
   * The load balancer in front of the service.
   *
   * @default - none
   */
  readonly loadBalancer?: IApplicationLoadBalancer;
}

/** How a service is reached. `Exposure` has the ready-made ones. */
export interface IExposure {
  /**
   * Create what makes the service reachable.
   *
   * Called by the service, once for each scope.
   *
   * @param scope a fresh scope that belongs to this exposure alone
   * @param options what to make reachable
   */
  bind(scope: Construct, options: ExposureBindOptions): ExposureConfig;
}
