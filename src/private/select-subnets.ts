import { IVpc, SelectedSubnets, SubnetSelection, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { checkList, checkOneOf, isObject } from './check-types';
import { reject } from './validation';

/** What a user selects in the VPC of the cluster. CDK stops at a type or group that is not there, without saying of what. */
export function selectSubnets(scope: IConstruct, property: string, vpc: IVpc, selection: SubnetSelection): SelectedSubnets {
  checkSelection(scope, property, selection);
  try {
    return vpc.selectSubnets(selection);
  } catch (error) {
    return reject(scope, {
      property, must: 'be in the VPC of the cluster', got: selection.subnetGroupName ?? selection.subnetType ?? Object.keys(selection),
      fix: `Select by a type or group that it has. CDK says: ${(error as Error).message}`,
    });
  }
}

/** What CDK would not notice, or stop at with a TypeError. */
function checkSelection(scope: IConstruct, property: string, { subnetType, subnets }: SubnetSelection): void {
  checkOneOf(scope, subnetType, [undefined, ...Object.values(SubnetType)], {
    property: `${property}.subnetType`, must: 'be a SubnetType', fix: 'Use one such as SubnetType.PUBLIC.',
  });
  if (subnets !== undefined) {
    const fix = 'Give subnets, e.g. [ec2.Subnet.fromSubnetId(this, \'Subnet\', \'subnet-12345678\')].';
    checkList(scope, `${property}.subnets`, subnets, fix);
    subnets.forEach((subnet: unknown) => {
      if (!isObject(subnet) || subnet.subnetId === undefined) {
        reject(scope, { property: `${property}.subnets`, must: 'be subnets', got: subnet, fix });
      }
    });
  }
}
