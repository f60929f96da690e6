import { Reference, Tokenization } from 'aws-cdk-lib';
import { CfnSecurityGroup, CfnSecurityGroupVpcAssociation, CfnVPC, ISecurityGroup, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { ICluster } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkList, checkObject, isObject } from '../../private/check-types';
import { isKnown } from '../../private/lookups';
import { reject } from '../../private/validation';

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
const MOST_GROUPS = 5;

/** Where tasks are in the network, and who may connect to them there. */
export interface TaskNetworkProps {
  readonly cluster: ICluster;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
}

/** What AWS would refuse of the network of tasks; and no groups at all, for which it would take the default one of the VPC. */
export function checkTaskNetwork(scope: IConstruct, { cluster, vpcSubnets, securityGroups }: TaskNetworkProps): void {
  if (vpcSubnets !== undefined) {
    checkObject(scope, 'vpcSubnets', vpcSubnets, 'Select by type, e.g. { subnetType: SubnetType.PUBLIC }, or leave it out.');
  }
  if (securityGroups !== undefined) {
    checkGroups(scope, securityGroups);
    securityGroups.forEach(group => checkVpc(scope, group, cluster.vpc.vpcId));
  }
}

function checkGroups(scope: IConstruct, groups: unknown): void {
  const property = 'securityGroups';
  const fix = 'Leave it out for one of its own.';
  checkList(scope, property, groups, fix);
  if (groups.length === 0 || groups.length > MOST_GROUPS) {
    reject(scope, { property, must: `have one to ${MOST_GROUPS} security groups`, got: groups.length, fix });
  }
  const wrong = groups.find(group => !isObject(group) || group.securityGroupId === undefined);
  if (wrong !== undefined || groups.includes(undefined)) {
    reject(scope, { property, must: 'be security groups', got: wrong, fix });
  }
}

/** Of an imported group nobody knows the VPC. */
function checkVpc(scope: IConstruct, group: ISecurityGroup, vpcId: string): void {
  const own: unknown = group.node?.defaultChild;
  if (own instanceof CfnSecurityGroup && areDifferent(own.vpcId, vpcId) && !isAssociated(group, vpcId)) {
    reject(scope, {
      property: 'securityGroups', must: 'be of the VPC of the cluster', got: group.node.path,
      fix: 'Make it with { vpc: cluster.vpc }, or make its ec2.CfnSecurityGroupVpcAssociation before.',
    });
  }
}

/** Whether it is known of two VPCs that they are not the same: this app makes both, or has the ids of both. */
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
