import { IVpc } from 'aws-cdk-lib/aws-ec2';
import { BaseService, Protocol } from 'aws-cdk-lib/aws-ecs';
import { ApplicationTargetGroup, ILoadBalancerV2, NetworkTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';

/** A port of a container. */
export interface ContainerPort {
  /** The name of the container. */
  readonly containerName: string;

  /** The port that the container listens on. */
  readonly port: number;

  /** The transport protocol. */
  readonly protocol: Protocol;

  /** The name of the port in the task definition. */
  readonly portName: string;

  /**
   * Whether it is the `port` of the container, not one of its `additionalPorts`.
   *
   * @default false
   */
  readonly isMain?: boolean;
}

/** Options of `Exposure.bind`: the service to expose. */
export interface ExposureBindOptions {
  /** The ECS service. */
  readonly service: BaseService;

  /** The VPC of the service. */
  readonly vpc: IVpc;

  /** The ports of the containers. */
  readonly ports: ContainerPort[];

  /**
   * The traffic shift, if deployments shift traffic from the old version to the new one.
   *
   * @default - each task receives traffic as soon as it is healthy
   */
  readonly trafficShift?: TrafficShift;

  /**
   * Whether the service has a rolling deployment, but keeps the second target group, so that it can change to or from a deployment that shifts
   * traffic.
   *
   * @default false
   */
  readonly keepAlternateTargetGroup?: boolean;
}

/** The result of `Exposure.bind`. */
export interface ExposureConfig {
  /**
   * The address that clients connect to, e.g. a URL.
   *
   * @default - no endpoint
   */
  readonly endpoint?: string;

  /**
   * The load balancers of the service. The first one is `service.loadBalancer`.
   *
   * @default - none
   */
  readonly loadBalancers?: ILoadBalancerV2[];

  /**
   * The target groups of application load balancers.
   *
   * @default - none
   */
  readonly applicationTargetGroups?: ApplicationTargetGroup[];

  /**
   * The target groups of network load balancers.
   *
   * @default - none
   */
  readonly networkTargetGroups?: NetworkTargetGroup[];
}

/** Implements `Exposure.bind` for one kind of exposure. */
export type ExposureBinder = (scope: Construct, options: ExposureBindOptions) => ExposureConfig;

/**
 * A deployment that runs both versions of a service side by side and shifts traffic from one to the other. An exposure with a load balancer needs a
 * second target group for it.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html
 */
export interface TrafficShift {
  /**
   * The port of a test listener that reaches the new version before production traffic does.
   *
   * @default - no test listener
   */
  readonly testPort?: number;
}
