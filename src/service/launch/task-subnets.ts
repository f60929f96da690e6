import { IVpc, SelectedSubnets, SubnetSelection, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { checkList, checkOneOf, isObject } from '../../private/check-types';
import { reject } from '../../private/validation';

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
const MOST_SUBNETS = 16;

/** Where the tasks run: what the user says, in private subnets with a way out unless another kind is named. */
export function taskSubnets(scope: IConstruct, vpc: IVpc, selection: SubnetSelection = {}): SelectedSubnets {
  checkSelection(scope, selection);
  const says = selection.subnetType ?? selection.subnetGroupName ?? selection.subnets;
  if (says === undefined && vpc.privateSubnets.length === 0) {
    reject(scope, {
      property: 'vpcSubnets', must: 'be given, because the VPC has no private subnets with a way out', got: undefined,
      cure: 'Run in public subnets, with vpcSubnets: { subnetType: SubnetType.PUBLIC }, or give the VPC a NAT gateway.',
    });
  }
  const selected = select(scope, vpc, says === undefined ? { ...selection, subnetType: SubnetType.PRIVATE_WITH_EGRESS } : selection);
  if (selected.subnets.length === 0) {
    reject(scope, {
      property: 'vpcSubnets', must: 'select at least one subnet', got: Object.keys(selection),
      cure: 'Select by a type, group or zone that the VPC has.',
    });
  }
  if (selected.subnets.length > MOST_SUBNETS) {
    reject(scope, {
      property: 'vpcSubnets', must: `select at most ${MOST_SUBNETS} subnets`, got: selected.subnets.length, cure: 'Select fewer, e.g. by availabilityZones.',
    });
  }
  return selected;
}

/** What CDK would not notice, or stop at with a TypeError. */
function checkSelection(scope: IConstruct, { subnetType, subnets }: SubnetSelection): void {
  checkOneOf(scope, subnetType, [undefined, ...Object.values(SubnetType)], {
    property: 'vpcSubnets.subnetType', must: 'be a SubnetType', cure: 'Use one such as SubnetType.PUBLIC.',
  });
  if (subnets !== undefined) {
    const cure = 'Give subnets, e.g. [ec2.Subnet.fromSubnetId(this, \'Subnet\', \'subnet-12345678\')].';
    checkList(scope, 'vpcSubnets.subnets', subnets, cure);
    subnets.forEach((subnet: unknown) => {
      if (!isObject(subnet) || subnet.subnetId === undefined) {
        reject(scope, { property: 'vpcSubnets.subnets', must: 'be subnets', got: subnet, cure });
      }
    });
  }
}

/** CDK stops at a type or group that is not there, without saying of what. */
function select(scope: IConstruct, vpc: IVpc, selection: SubnetSelection): SelectedSubnets {
  try {
    return vpc.selectSubnets(selection);
  } catch (error) {
    return reject(scope, {
      property: 'vpcSubnets', must: 'be in the VPC of the cluster', got: selection.subnetGroupName ?? selection.subnetType ?? Object.keys(selection),
      cure: `Select by a type or group that it has. CDK says: ${(error as Error).message}`,
    });
  }
}
