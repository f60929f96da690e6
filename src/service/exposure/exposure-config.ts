import { IVpc } from 'aws-cdk-lib/aws-ec2';
import { BaseService, Protocol } from 'aws-cdk-lib/aws-ecs';
import { ApplicationTargetGroup, ILoadBalancerV2, NetworkTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { TrafficShift } from '../deployment/traffic-shift';

/** A container that listens. */
export interface ContainerPort {
  /** The name of the container. */
  readonly containerName: string;

  /** The port that its process listens on. */
  readonly port: number;

  /** What it speaks. */
  readonly protocol: Protocol;

  /** The name of the port in the task definition. */
  readonly portName: string;

  /**
   * Whether it is the `port` of the container, and none of its `additionalPorts`.
   *
   * @default false
   */
  readonly isMain?: boolean;
}

/** What an exposure makes reachable. */
export interface ExposureBindOptions {
  /** The service whose tasks are reached. */
  readonly service: BaseService;

  /** The network of the service. */
  readonly vpc: IVpc;

  /** The containers that listen. */
  readonly ports: ContainerPort[];

  /**
   * Set where a deployment moves clients from the old version to the new one.
   *
   * @default - each task is reached as soon as it is healthy
   */
  readonly trafficShift?: TrafficShift;
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
   * The load balancers in front of the service. The first one is `service.loadBalancer`.
   *
   * @default - none
   */
  readonly loadBalancers?: ILoadBalancerV2[];

  /**
   * The target groups through which an application load balancer reaches the tasks.
   *
   * @default - none
   */
  readonly applicationTargetGroups?: ApplicationTargetGroup[];

  /**
   * The target groups through which a network load balancer reaches the tasks.
   *
   * @default - none
   */
  readonly networkTargetGroups?: NetworkTargetGroup[];
}

/** How one kind of exposure does what `Exposure.bind` promises. */
export type ExposureBinder = (scope: Construct, options: ExposureBindOptions) => ExposureConfig;
