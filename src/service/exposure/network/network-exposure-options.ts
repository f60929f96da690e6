import { IConnectable, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { NetworkPort } from './network-port';
import { AccessLogs } from '../load-balancer/load-balancer-access-logs';

/** Whether connections stay in the availability zone in which they arrive. */
export enum CrossZoneRouting {
  /** They go to any task. Traffic between zones is charged for. */
  ANY_ZONE = 'any-zone',

  /** They go to tasks of the same zone. With few tasks some get more work than others. */
  SAME_ZONE = 'same-zone',
}

/** How a service is reached through a network load balancer that exists. */
export interface NetworkPortsOptions {
  /**
   * The ports that clients connect to, 1 to 5.
   *
   * @default - TCP on the number that the one container listens on
   */
  readonly ports?: NetworkPort[];

  /**
   * Who may connect to them.
   *
   * @default - whoever the security groups of the load balancer let in already
   */
  readonly openTo?: IConnectable[];

  /**
   * Who may connect to the test listener of a deployment.
   *
   * @default - as `openTo`
   */
  readonly testOpenTo?: IConnectable[];
}

/** How a service is reached through a network load balancer of its own. */
export interface NetworkExposureOptions {
  /**
   * The ports that clients connect to, 1 to 5.
   *
   * @default - TCP on the number that the one container listens on
   */
  readonly ports?: NetworkPort[];

  /**
   * Who may connect to them. An empty list means nobody yet.
   *
   * @default - everybody, where the load balancer is public; else the VPC
   */
  readonly openTo?: IConnectable[];

  /**
   * Who may connect to the test listener of a deployment, by which the next version is reached.
   *
   * @default - as `openTo` where that is given; else the VPC, also where the load balancer is public
   */
  readonly testOpenTo?: IConnectable[];

  /**
   * Whether connections stay in the availability zone in which they arrive.
   *
   * @default CrossZoneRouting.ANY_ZONE
   */
  readonly crossZone?: CrossZoneRouting;

  /**
   * The subnets of the load balancer, one in each availability zone at most.
   *
   * @default - a public subnet of each zone, where the load balancer is public; else a private one
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Where connections are logged. Only those over TLS are, so there has to be a port with TLS, and the region of the stack has to be known.
   *
   * @default - nowhere
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html
   */
  readonly accessLogs?: AccessLogs;

  /**
   * Whether AWS refuses to delete the load balancer until this is switched off.
   *
   * @default false
   */
  readonly deletionProtection?: boolean;
}

/** How a service is reached from the internet through a network load balancer of its own. */
export interface PublicNetworkExposureOptions extends NetworkExposureOptions {
  /**
   * The allocation ids of Elastic IP addresses, one for each subnet, so that the addresses stay the same for ever.
   *
   * @default - AWS chooses addresses, which stay as long as the load balancer
   */
  readonly elasticIps?: string[];
}
