import { Token } from 'aws-cdk-lib';
import { IConnectable, IVpc, SelectedSubnets, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { INetworkLoadBalancer, Protocol } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct, IConstruct } from 'constructs';
import { NetworkPort } from './network-port';
import { checkSameEnvironment } from '../../../private/environments';
import { hasPendingZones, isPendingSelection } from '../../../private/lookups';
import { SUBNETS } from '../../../private/select-subnets';
import { hasMethods, isObject, Rules, Shape } from '../../../private/shape';
import { reject } from '../../../private/validation';
import { AccessLogs } from '../load-balancer/access-logs';
import { ACCESS_LOGS, checkOnePerZone } from '../load-balancer/load-balancer';
import { OPEN_TO } from '../open-to';

/** Whether connections stay in the availability zone in which they arrive. */
export enum CrossZoneRouting {
  /** Connections go to tasks in all zones. Traffic between zones is charged. */
  ANY_ZONE = 'any-zone',

  /** Connections go to tasks in the same zone. With few tasks, the load is uneven. */
  SAME_ZONE = 'same-zone',
}

/** Options of listeners on an existing network load balancer. */
export interface OnNetworkLoadBalancerOptions {
  /**
   * The ports that clients connect to, 1 to 5.
   *
   * @default - one TCP port with the number of the only container port
   */
  readonly ports?: NetworkPort[];

  /**
   * Additional clients that may connect.
   *
   * @default - the clients that the security groups of the load balancer already allow
   */
  readonly openTo?: IConnectable[];

  /**
   * Additional clients that may connect to the test listener of a deployment.
   *
   * @default - the clients of `openTo`
   */
  readonly testOpenTo?: IConnectable[];
}

/** Options of a network exposure with its own load balancer. */
export interface NetworkExposureOptions {
  /**
   * The ports that clients connect to, 1 to 5.
   *
   * @default - one TCP port with the number of the only container port
   */
  readonly ports?: NetworkPort[];

  /**
   * The clients that may connect. An empty list allows nobody.
   *
   * @default - everybody for a public load balancer, otherwise the VPC
   */
  readonly openTo?: IConnectable[];

  /**
   * The clients that may connect to the test listener of a deployment.
   *
   * @default - the clients of `openTo`; without it the VPC, also for a public load balancer
   */
  readonly testOpenTo?: IConnectable[];

  /**
   * Whether connections stay in the availability zone in which they arrive.
   *
   * @default CrossZoneRouting.ANY_ZONE
   */
  readonly crossZone?: CrossZoneRouting;

  /**
   * The subnets of the load balancer, at most one per availability zone.
   *
   * @default - one public subnet per zone for a public load balancer, otherwise one private subnet per zone
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The access logs of the load balancer. They contain TLS connections only, so they require a TLS port and a stack with a known region.
   *
   * @default - no access logs
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html
   */
  readonly accessLogs?: AccessLogs;

  /**
   * Whether AWS refuses to delete the load balancer. Turn it off and deploy before you remove the service.
   *
   * @default false
   */
  readonly deletionProtection?: boolean;
}

/** Options of `Exposure.internalNetwork`. */
export interface InternalNetworkOptions extends NetworkExposureOptions {}

/** Options of a public network exposure with its own load balancer. */
export interface PublicNetworkOptions extends NetworkExposureOptions {
  /**
   * The allocation IDs of Elastic IP addresses, one per subnet. Use them to keep the IP addresses when the load balancer is replaced.
   *
   * @default - IP addresses of AWS, which stay as long as the load balancer
   */
  readonly elasticIps?: string[];
}

const PORTS: Rules<OnNetworkLoadBalancerOptions> = {
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/register-multiple-targetgroups.html
  ports: {
    kind: 'list', min: 1, max: 5, fix: 'Give 1 to 5 ports such as NetworkPort.tcp(5432), the limit of ECS, or leave it out.', of: {
      kind: 'instance', methods: ['_check', '_settings'], must: 'be a NetworkPort', fix: 'Call a factory such as NetworkPort.tcp(5432).',
    },
  },
  openTo: OPEN_TO,
  testOpenTo: OPEN_TO,
};
const OWN: Rules<NetworkExposureOptions> = {
  ...PORTS,
  crossZone: {
    kind: 'enum', values: Object.values(CrossZoneRouting), must: 'be a CrossZoneRouting',
    fix: 'Use CrossZoneRouting.ANY_ZONE or SAME_ZONE, or leave it out.',
  },
  vpcSubnets: { kind: 'struct', shape: SUBNETS },
  accessLogs: ACCESS_LOGS,
  deletionProtection: { kind: 'boolean' },
};

const OF_PORT = 'Write it in the options of a port, e.g. ports: [NetworkPort.tcp(5432, { … })].';
const PORTS_REPLACEMENTS = {
  port: 'Write ports: [NetworkPort.tcp(5432)].',
  listenerPort: 'Write ports: [NetworkPort.tcp(5432)].',
  protocol: 'Write ports: [NetworkPort.udp(53)].',
  certificates: 'Write ports: [NetworkPort.tls(443, certificate)].',
  containerName: OF_PORT,
  containerPort: OF_PORT,
  healthCheck: OF_PORT,
  deregistrationDelay: OF_PORT,
  idleTimeout: OF_PORT,
  sslPolicy: OF_PORT,
  preserveClientIp: 'Write ports: [NetworkPort.tcp(5432, { clientAddress: ClientAddress.PRESERVED })].',
};
const OWN_REPLACEMENTS = {
  ...PORTS_REPLACEMENTS,
  internetFacing: 'Use Exposure.publicNetwork or Exposure.internalNetwork.',
  publicLoadBalancer: 'Use Exposure.publicNetwork or Exposure.internalNetwork.',
  loadBalancer: 'Use Exposure.onNetworkLoadBalancer(loadBalancer).',
  crossZoneEnabled: 'Write crossZone: CrossZoneRouting.SAME_ZONE.',
  subnetMappings: 'Write vpcSubnets, and elasticIps for fixed addresses.',
  stickiness: 'Only HTTP exposures have it.',
  webAclArn: 'Only HTTP exposures have a web ACL.',
};
const OF_LOAD_BALANCER = 'Set it on the load balancer.';

export const ON_NETWORK_LOAD_BALANCER = new Shape<OnNetworkLoadBalancerOptions>(
  'Write options in braces, or nothing: Exposure.onNetworkLoadBalancer(loadBalancer).', PORTS, {
    ...PORTS_REPLACEMENTS,
    crossZone: OF_LOAD_BALANCER,
    vpcSubnets: OF_LOAD_BALANCER,
    accessLogs: OF_LOAD_BALANCER,
    deletionProtection: OF_LOAD_BALANCER,
    elasticIps: OF_LOAD_BALANCER,
  });

export const INTERNAL_NETWORK = new Shape<NetworkExposureOptions>('Write options in braces, or nothing: Exposure.internalNetwork().', OWN, {
  ...OWN_REPLACEMENTS,
  elasticIps: 'Only Exposure.publicNetwork has Elastic IP addresses.',
});

export const PUBLIC_NETWORK = new Shape<PublicNetworkOptions>('Write options in braces, or nothing: Exposure.publicNetwork().', {
  ...OWN,
  elasticIps: {
    kind: 'list', fix: 'Give the allocation IDs of Elastic IP addresses.', of: {
      kind: 'text', pattern: /^eipalloc-[0-9a-f]+$/, must: 'be the allocation ID of an Elastic IP address',
      fix: 'Use the attrAllocationId of an ec2.CfnEIP, or an ID such as "eipalloc-0123456789abcdef0".',
    },
  },
}, OWN_REPLACEMENTS);

/** Checks each port, and the rules between ports. */
export function checkPorts(scope: IConstruct, ports: NetworkPort[]): void {
  const taken = new Set<number>();
  ports.forEach((each, index) => {
    const property = `exposure.ports[${index}]`;
    each._check(scope, property);
    const { port } = each._settings();
    if (!Token.isUnresolved(port) && taken.has(port)) {
      reject(scope, {
        property, must: 'differ from the other ports', got: port, fix: `For TCP and UDP on one port, use NetworkPort.tcpUdp(${port}).`,
      });
    }
    taken.add(port);
  });
}

/** Rejects access logs without a TLS port. */
export function checkAccessLogs(scope: Construct, { accessLogs, ports }: NetworkExposureOptions): void {
  accessLogs?._check(scope, 'network');
  if (accessLogs !== undefined && !ports?.some(each => each._settings().protocol === Protocol.TLS)) {
    reject(scope, {
      property: 'exposure.accessLogs', must: 'be left out without a TLS port, because only TLS connections are logged', got: 'no port with TLS',
      fix: 'Add a port with NetworkPort.tls(443, certificate), or use VPC flow logs.',
    });
  }
}

/** Checks that there is at least one subnet, at most one per zone, and one Elastic IP address per subnet. */
export function checkSubnets(scope: IConstruct, vpc: IVpc, selected: SelectedSubnets, elasticIps: string[] | undefined): void {
  if (Token.isUnresolved(elasticIps)) {
    reject(scope, {
      property: 'exposure.elasticIps', must: 'be a list whose length is known at synthesis', got: 'a token',
      fix: 'Split it into its elements with Fn.select(0, list), Fn.select(1, list), ….',
    });
  }
  if (isPendingSelection(vpc, selected)) {
    return;
  }
  const { subnets } = selected;
  if (subnets.length === 0) {
    reject(scope, {
      property: 'exposure.vpcSubnets', must: 'select at least one subnet', got: [],
      fix: 'Give the VPC subnets of this kind, or use Exposure.internalNetwork().',
    });
  }
  checkOnePerZone(scope, 'exposure.vpcSubnets', subnets);
  if (elasticIps !== undefined && !hasPendingZones(vpc) && elasticIps.length !== subnets.length) {
    reject(scope, {
      property: 'exposure.elasticIps', must: `have one address for each of the ${subnets.length} subnets`, got: elasticIps,
      fix: 'Give as many allocation IDs, or select fewer subnets with \'vpcSubnets\'.',
    });
  }
}

/**
 * Rejects a network load balancer without security groups, because tasks could not restrict access to it. They can only be set when it is created.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
 */
export function checkNetworkLoadBalancer(scope: IConstruct, loadBalancer: INetworkLoadBalancer): void {
  if (!hasMethods(loadBalancer, 'addListener') || !isObject(loadBalancer.connections) || isApplication(loadBalancer)) {
    reject(scope, {
      property: 'exposure.loadBalancer', must: 'be a network load balancer', got: loadBalancer,
      fix: 'Give a NetworkLoadBalancer, or import one with NetworkLoadBalancer.fromNetworkLoadBalancerAttributes(…).',
    });
  }
  checkSameEnvironment(scope, 'exposure.loadBalancer', loadBalancer);
  if (loadBalancer.connections.securityGroups.length === 0) {
    reject(scope, {
      property: 'exposure.loadBalancer', must: 'have security groups, so that tasks can allow only the load balancer', got: [],
      fix: 'Create it with securityGroups, or import it with loadBalancerSecurityGroups.',
    });
  }
}

/** Whether it is an application load balancer. The interfaces of both types are similar. */
function isApplication(loadBalancer: object): boolean {
  return 'isApplicationLoadBalancer' in loadBalancer && loadBalancer.isApplicationLoadBalancer === true;
}
