import { Reference, Tokenization } from 'aws-cdk-lib';
import {
  CfnSecurityGroup, CfnSecurityGroupVpcAssociation, CfnVPC, ISecurityGroup, IVpc, SelectedSubnets, SubnetSelection, SubnetType,
} from 'aws-cdk-lib/aws-ec2';
import { ICluster } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { isKnown, isPendingSelection } from '../../private/lookups';
import { selectSubnets } from '../../private/select-subnets';
import { hasMethods, isObject } from '../../private/shape';
import { reject } from '../../private/validation';

/** The network of the tasks. */
export interface TaskNetwork {
  readonly subnets: SelectedSubnets;
  /** For Fargate only. */
  readonly assignPublicIp?: boolean;
}

/** The network properties of tasks on Fargate. */
export interface FargateNetworkProps {
  readonly vpcSubnets?: SubnetSelection;
  readonly assignPublicIp?: boolean;
}

/** The network on Fargate. By default, tasks in public subnets get a public address, which they need to pull their image. */
export function fargateNetwork(scope: IConstruct, vpc: IVpc, { vpcSubnets, assignPublicIp }: FargateNetworkProps): TaskNetwork {
  // A token would be rendered as ENABLED.
  if (assignPublicIp !== undefined && typeof assignPublicIp !== 'boolean') {
    const fix = 'Write assignPublicIp: true, or leave it out to have it chosen by the subnets.';
    reject(scope, { property: 'assignPublicIp', must: 'be true or false', got: assignPublicIp, fix });
  }
  // As in aws-cdk: public addresses without subnets mean public subnets.
  const subnets = taskSubnets(scope, vpc, vpcSubnets ?? (assignPublicIp ? { subnetType: SubnetType.PUBLIC } : undefined));
  return { subnets, assignPublicIp: assignPublicIp ?? subnets.hasPublic };
}

/** The network on instances, where tasks never get a public address. */
export function instancesNetwork(scope: IConstruct, vpc: IVpc, vpcSubnets: SubnetSelection | undefined): TaskNetwork {
  return { subnets: taskSubnets(scope, vpc, vpcSubnets) };
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
const MOST_GROUPS = 5;

/** The network properties of all tasks. */
export interface TaskNetworkProps {
  readonly cluster: ICluster;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
}

/** Rejects what AWS rejects, and an empty list of groups, for which AWS would use the default group of the VPC. */
export function checkTaskNetwork(scope: IConstruct, { cluster, vpcSubnets, securityGroups }: TaskNetworkProps): void {
  if (vpcSubnets !== undefined && !isObject(vpcSubnets)) {
    const fix = 'Select by type, e.g. { subnetType: SubnetType.PUBLIC }, or leave it out.';
    reject(scope, { property: 'vpcSubnets', must: 'be an object', got: vpcSubnets, fix });
  }
  if (securityGroups !== undefined) {
    checkGroups(scope, securityGroups);
    securityGroups.forEach(group => checkVpc(scope, group, cluster.vpc.vpcId));
  }
}

function checkGroups(scope: IConstruct, groups: unknown): void {
  const property = 'securityGroups';
  const fix = 'Leave it out for one of its own.';
  if (!Array.isArray(groups)) reject(scope, { property, must: 'be a list', got: groups, fix });
  if (groups.length === 0 || groups.length > MOST_GROUPS) {
    reject(scope, { property, must: `have one to ${MOST_GROUPS} security groups`, got: groups.length, fix });
  }
  const wrong: unknown = groups.find(group => !isObject(group) || group.securityGroupId === undefined);
  if (wrong !== undefined || groups.includes(undefined)) {
    reject(scope, { property, must: 'be security groups', got: wrong, fix });
  }
}

/** The VPC of an imported group is unknown. */
function checkVpc(scope: IConstruct, group: ISecurityGroup, vpcId: string): void {
  const own: unknown = group.node?.defaultChild;
  if (own instanceof CfnSecurityGroup && areDifferent(own.vpcId, vpcId) && !isAssociated(group, vpcId)) {
    reject(scope, {
      property: 'securityGroups', must: 'be of the VPC of the cluster', got: group.node.path,
      fix: 'Make it with { vpc: cluster.vpc }, or make its ec2.CfnSecurityGroupVpcAssociation before.',
    });
  }
}

/** Whether two VPCs are known to be different: this app creates both, or has both IDs. */
function areDifferent(one: string | undefined, other: string): boolean {
  const [first, second] = [one, other].map(vpcId => isKnown(vpcId) ? vpcId : madeHere(vpcId));
  return first !== undefined && typeof first === typeof second && first !== second;
}

function madeHere(vpcId: string | undefined): IConstruct | undefined {
  const token = Tokenization.reverse(vpcId, { failConcat: false });
  return Reference.isReference(token) && token.target instanceof CfnVPC ? token.target : undefined;
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/security-group-assoc.html */
function isAssociated({ node: { root }, securityGroupId }: ISecurityGroup, vpcId: string): boolean {
  return root.node.findAll().some(each => each instanceof CfnSecurityGroupVpcAssociation && each.groupId === securityGroupId && each.vpcId === vpcId);
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
const MOST_SUBNETS = 16;

/** The subnets of the tasks: the selection of the user, or private subnets with internet egress. */
export function taskSubnets(scope: IConstruct, vpc: IVpc, selection: SubnetSelection = {}): SelectedSubnets {
  const says = selection.subnetType ?? selection.subnetGroupName ?? selection.subnets;
  if (says === undefined && vpc.privateSubnets.length === 0) {
    reject(scope, {
      property: 'vpcSubnets', must: 'be given, because the VPC has no private subnets with internet egress', got: undefined,
      fix: 'Run in public subnets, with vpcSubnets: { subnetType: SubnetType.PUBLIC }, or give the VPC a NAT gateway.',
    });
  }
  const selected = selectSubnets(scope, 'vpcSubnets', vpc, says === undefined ? { ...selection, subnetType: SubnetType.PRIVATE_WITH_EGRESS } : selection);
  if (!isPendingSelection(vpc, selected)) {
    checkNumber(scope, selection, selected.subnets.length);
  }
  return selected;
}

function checkNumber(scope: IConstruct, selection: SubnetSelection, selected: number): void {
  if (selected === 0) {
    reject(scope, {
      property: 'vpcSubnets', must: 'select at least one subnet', got: Object.keys(selection),
      fix: 'Select by a type, group or zone that the VPC has.',
    });
  }
  if (selected > MOST_SUBNETS) {
    reject(scope, {
      property: 'vpcSubnets', must: `select at most ${MOST_SUBNETS} subnets`, got: selected, fix: 'Select fewer, e.g. by availabilityZones.',
    });
  }
}

/** Rejects anything but a cluster with a VPC. */
export function checkCluster(scope: IConstruct, cluster: ICluster): void {
  if (!hasMethods(vpcOf(scope, cluster), 'selectSubnets')) {
    reject(scope, { property: 'cluster', must: 'be an ECS cluster', got: cluster, fix: 'Make one, e.g. new ecs.Cluster(this, \'Cluster\', { vpc }).' });
  }
}

/** A cluster that is imported by ARN throws when its VPC is read. */
function vpcOf(scope: IConstruct, cluster: ICluster): unknown {
  try {
    return cluster?.vpc;
  } catch {
    return reject(scope, {
      property: 'cluster', must: 'have a VPC', got: cluster, fix: 'Import it with ecs.Cluster.fromClusterAttributes(this, \'Cluster\', { clusterName, vpc }).',
    });
  }
}
