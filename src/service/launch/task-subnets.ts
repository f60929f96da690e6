import { IVpc, SelectedSubnets, SubnetSelection, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { isPendingSelection } from '../../private/lookups';
import { selectSubnets } from '../../private/select-subnets';
import { reject } from '../../private/validation';

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
const MOST_SUBNETS = 16;

/** Where the tasks run: what the user says, in private subnets with internet egress unless another kind is named. */
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
