import { ISecurityGroup, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { checkList, checkObject, isObject } from '../../private/check-types';
import { reject } from '../../private/validation';

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
const MOST_GROUPS = 5;

/** Where tasks are in the network, and who may connect to them there. */
export interface TaskNetworkProps {
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
}

/** What AWS would refuse of the network of tasks; and no groups at all, for which it would take the default one of the VPC. */
export function checkTaskNetwork(scope: IConstruct, { vpcSubnets, securityGroups }: TaskNetworkProps): void {
  if (vpcSubnets !== undefined) {
    checkObject(scope, 'vpcSubnets', vpcSubnets, 'Select by type, e.g. { subnetType: SubnetType.PUBLIC }, or leave it out.');
  }
  if (securityGroups !== undefined) {
    checkGroups(scope, securityGroups);
  }
}

function checkGroups(scope: IConstruct, groups: unknown): void {
  const property = 'securityGroups';
  const cure = 'Leave it out for one of its own.';
  checkList(scope, property, groups, cure);
  if (groups.length === 0 || groups.length > MOST_GROUPS) {
    reject(scope, { property, must: `have one to ${MOST_GROUPS} security groups`, got: groups.length, cure });
  }
  const wrong = groups.find(group => !isObject(group) || group.securityGroupId === undefined);
  if (wrong !== undefined || groups.includes(undefined)) {
    reject(scope, { property, must: 'be security groups', got: wrong, cure });
  }
}
