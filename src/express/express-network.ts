import { ISecurityGroup, ISubnet, IVpc, SecurityGroup, SubnetSelection, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ICluster } from 'aws-cdk-lib/aws-ecs';
import { Construct, IConstruct, IDependable } from 'constructs';
import { EstablishedNetwork } from '../private/established-network';
import { isPendingSelection } from '../private/lookups';
import { haveIpv6, selectSubnets, zoneOf } from '../private/select-subnets';
import { reject } from '../private/validation';
import { ProviderAssociations } from '../service/capacity/provider-shares';
import { checkTaskNetwork } from '../service/launch/task-network';

/** The network properties of an Express service. */
export interface ExpressNetworkProps {
  readonly cluster?: ICluster;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
}

/** The network of the tasks and of the load balancer. */
export interface ExpressNetwork {
  /** The subnets. Empty if Express Mode selects the subnets of the default VPC. */
  readonly subnets: ISubnet[];
  readonly securityGroups: ISecurityGroup[];
  /** The routes, VPC endpoints and capacity providers that the first task needs. */
  readonly established: IDependable[];
}

/** The network that the user selects. Without a cluster, Express Mode uses the default cluster and the default VPC. */
export function expressNetwork(scope: Construct, { cluster, vpcSubnets, securityGroups }: ExpressNetworkProps): ExpressNetwork {
  if (cluster === undefined) {
    return { subnets: subnetsWithoutVpc(scope, vpcSubnets), securityGroups: securityGroups ?? [], established: securityGroups ?? [] };
  }
  checkTaskNetwork(scope, { cluster, securityGroups });
  const { vpc } = cluster;
  const selected = selectSubnets(scope, 'vpcSubnets', vpc, publicByDefault(scope, vpc, vpcSubnets));
  const { subnets } = selected;
  if (!isPendingSelection(vpc, selected)) checkZones(scope, subnets);
  const groups = securityGroups ?? [new SecurityGroup(scope, 'SecurityGroup', {
    vpc, description: 'Express service: connections from its tasks', allowAllIpv6Outbound: haveIpv6(subnets),
  })];
  // Express Mode places tasks with the capacity provider FARGATE.
  if (Cluster.isCluster(cluster)) cluster.enableFargateCapacityProviders();
  const established = [new EstablishedNetwork(scope, vpc, selected), new ProviderAssociations(cluster), ...groups];
  return { subnets, securityGroups: groups, established };
}

function subnetsWithoutVpc(scope: IConstruct, { subnets = [], ...others }: SubnetSelection = {}): ISubnet[] {
  const [name] = Object.entries(others).flatMap(([key, value]) => value === undefined ? [] : [key]);
  if (name !== undefined) {
    reject(scope, {
      property: `vpcSubnets.${name}`, must: 'be used with a cluster, whose VPC has the subnets', got: Reflect.get(others, name),
      fix: 'Pass cluster, e.g. Cluster.fromClusterAttributes(this, \'Cluster\', { clusterName: \'default\', vpc }).',
    });
  }
  return subnets;
}

/** Selects public subnets by default. In private subnets, the load balancer would be internal. */
function publicByDefault(scope: IConstruct, vpc: IVpc, selection: SubnetSelection = {}): SubnetSelection {
  if ((selection.subnetType ?? selection.subnetGroupName ?? selection.subnets) !== undefined) return selection;
  if (vpc.publicSubnets.length === 0) {
    reject(scope, {
      property: 'vpcSubnets', must: 'be given, because the VPC has no public subnets', got: undefined,
      fix: 'Select private subnets for an internal load balancer: vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS }.',
    });
  }
  return { ...selection, subnetType: SubnetType.PUBLIC };
}

/** Checks that the load balancer has two Availability Zones. Subnets that are imported by ID have unknown zones. */
function checkZones(scope: IConstruct, subnets: ISubnet[]): void {
  const zones = subnets.map(zoneOf);
  const distinct = new Set(zones);
  if (subnets.length < 2 || (distinct.size < 2 && !distinct.has(undefined))) {
    reject(scope, {
      property: 'vpcSubnets', must: 'select subnets in at least two Availability Zones, because the load balancer needs them',
      got: zones.map(zone => zone ?? 'an unknown zone'), fix: 'Select subnets of all zones, or use a VPC with two zones.',
    });
  }
}
