import { Reference, Token, Tokenization } from 'aws-cdk-lib';
import {
  CfnSecurityGroup, CfnSecurityGroupVpcAssociation, CfnVPC, ISecurityGroup, IVpc, SelectedSubnets, SubnetSelection, SubnetType,
} from 'aws-cdk-lib/aws-ec2';
import { ICluster } from 'aws-cdk-lib/aws-ecs';
import { IConstruct, IDependable } from 'constructs';
import { EstablishedNetwork } from '../../private/established-network';
import { isKnown, isPendingSelection } from '../../private/lookups';
import { selectSubnets, SUBNETS } from '../../private/select-subnets';
import { hasMethods, Rules } from '../../private/shape';
import { undefinedIfThrows } from '../../private/undefined-if-throws';
import { reject } from '../../private/validation';

/** The network properties of services and tasks. */
export interface TaskNetworkProps {
  readonly cluster: ICluster;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
}

const GROUPS_FIX = 'Pass up to five security groups, or leave it out for a new one.';

/** The rules of `TaskNetworkProps`. `checkCluster` and `checkTaskNetwork` check the VPC. */
export const NETWORK_RULES: Rules<TaskNetworkProps> = {
  cluster: {
    kind: 'instance', same: ['region', 'account'], properties: ['clusterName'], must: 'be an ECS cluster', fix: 'Create one, e.g. new ecs.Cluster(this, \'Cluster\', { vpc }).',
    required: true,
  },
  vpcSubnets: { kind: 'struct', shape: SUBNETS },
  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
  // For an empty list, ECS would use the default security group of the VPC.
  securityGroups: {
    kind: 'list', min: 1, max: 5, fix: GROUPS_FIX,
    of: { kind: 'instance', same: ['region'], properties: ['securityGroupId'], must: 'be a security group', fix: GROUPS_FIX },
  },
};

const MAX_SUBNETS = 16;

/** The subnets of the tasks. */
export interface TaskNetwork {
  readonly subnets: SelectedSubnets;
  /** The routes and VPC endpoints that tasks need to pull their images. */
  readonly established: IDependable;
  /** For Fargate only. ECS rejects it for other launch types. */
  readonly assignPublicIp?: boolean;
}

/** The network properties of Fargate. */
interface FargateNetworkProps {
  readonly vpcSubnets?: SubnetSelection;
  readonly assignPublicIp?: boolean;
}

/** The network of tasks on Fargate. In public subnets, tasks have public addresses by default, because they could not pull their images without. */
export function fargateNetwork(scope: IConstruct, vpc: IVpc, { vpcSubnets, assignPublicIp }: FargateNetworkProps): TaskNetwork {
  if (Token.isUnresolved(assignPublicIp)) {
    reject(scope, {
      property: 'assignPublicIp', must: 'be known at synthesis', got: 'a token', fix: 'Write assignPublicIp: true, or leave it out.',
    });
  }
  // As in aws-cdk, `true` selects the public subnets.
  const subnets = taskSubnets(scope, vpc, vpcSubnets ?? (assignPublicIp ? { subnetType: SubnetType.PUBLIC } : undefined));
  return { subnets, established: new EstablishedNetwork(scope, vpc, subnets), assignPublicIp: assignPublicIp ?? subnets.hasPublic };
}

/** The network of tasks on instances, where tasks never have public addresses. */
export function instancesNetwork(scope: IConstruct, vpc: IVpc, vpcSubnets: SubnetSelection | undefined): TaskNetwork {
  const subnets = taskSubnets(scope, vpc, vpcSubnets);
  return { subnets, established: new EstablishedNetwork(scope, vpc, subnets) };
}

/** Selects private subnets with internet egress, unless the user selects others. */
function taskSubnets(scope: IConstruct, vpc: IVpc, selection: SubnetSelection = {}): SelectedSubnets {
  const isSelected = (selection.subnetType ?? selection.subnetGroupName ?? selection.subnets) !== undefined;
  if (!isSelected && vpc.privateSubnets.length === 0) {
    reject(scope, {
      property: 'vpcSubnets', must: 'be given, because the VPC has no private subnets with internet egress', got: undefined,
      fix: 'Use public subnets (vpcSubnets: { subnetType: SubnetType.PUBLIC }), add a NAT gateway, or use isolated subnets with VPC endpoints for ECR, S3 and Logs.',
    });
  }
  const selected = selectSubnets(scope, 'vpcSubnets', vpc, isSelected ? selection : { ...selection, subnetType: SubnetType.PRIVATE_WITH_EGRESS });
  if (!isPendingSelection(vpc, selected)) {
    checkCount(scope, selection, selected.subnets.length);
  }
  return selected;
}

function checkCount(scope: IConstruct, selection: SubnetSelection, count: number): void {
  if (count === 0) {
    reject(scope, {
      property: 'vpcSubnets', must: 'select at least one subnet', got: Object.keys(selection),
      fix: 'Use a subnet type, group or zone that exists in the VPC.',
    });
  }
  if (count > MAX_SUBNETS) {
    reject(scope, {
      property: 'vpcSubnets', must: `select at most ${MAX_SUBNETS} subnets`, got: count, fix: 'Select fewer, e.g. by availabilityZones.',
    });
  }
}

/** Rejects a cluster without a VPC. */
export function checkCluster(scope: IConstruct, cluster: ICluster): void {
  if (!hasMethods(vpcOf(cluster), 'selectSubnets')) {
    reject(scope, {
      property: 'cluster', must: 'have a VPC', got: cluster, fix: 'Import it with ecs.Cluster.fromClusterAttributes(this, \'Cluster\', { clusterName, vpc }).',
    });
  }
}

/** The VPC of a cluster; undefined for a cluster that is imported by ARN, because then the getter throws. */
function vpcOf(cluster: ICluster): unknown {
  return undefinedIfThrows(() => cluster.vpc);
}

/** Rejects security groups of another VPC. */
export function checkTaskNetwork(scope: IConstruct, { cluster, securityGroups }: TaskNetworkProps): void {
  securityGroups?.forEach(group => checkVpc(scope, group, cluster.vpc.vpcId));
}

/** Rejects a security group of another VPC. The VPC of an imported group is unknown. */
function checkVpc(scope: IConstruct, group: ISecurityGroup, vpcId: string): void {
  const own: unknown = group.node?.defaultChild;
  if (own instanceof CfnSecurityGroup && areDifferent(own.vpcId, vpcId) && !isAssociated(group, vpcId)) {
    reject(scope, {
      property: 'securityGroups', must: 'be of the VPC of the cluster', got: group.node.path,
      fix: 'Create it with { vpc: cluster.vpc }, or associate it first with ec2.CfnSecurityGroupVpcAssociation.',
    });
  }
}

/** Whether two VPCs are certainly different: the app creates both, or both IDs are known. */
function areDifferent(one: string | undefined, other: string): boolean {
  const [first, second] = [one, other].map(vpcId => isKnown(vpcId) ? vpcId : createdVpc(vpcId));
  return first !== undefined && typeof first === typeof second && first !== second;
}

function createdVpc(vpcId: string | undefined): IConstruct | undefined {
  const token = Tokenization.reverse(vpcId, { failConcat: false });
  return Reference.isReference(token) && token.target instanceof CfnVPC ? token.target : undefined;
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/security-group-assoc.html */
function isAssociated({ node: { root }, securityGroupId }: ISecurityGroup, vpcId: string): boolean {
  return root.node.findAll().some(each => each instanceof CfnSecurityGroupVpcAssociation && each.groupId === securityGroupId && each.vpcId === vpcId);
}
