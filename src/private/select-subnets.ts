import { CfnSubnet, ISubnet, IVpc, SelectedSubnets, SubnetSelection, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { Shape } from './shape';
import { undefinedIfThrows } from './undefined-if-throws';
import { reject } from './validation';

const SUBNETS_FIX = 'Give subnets, e.g. [ec2.Subnet.fromSubnetId(this, \'Subnet\', \'subnet-12345678\')].';

export const SUBNETS = new Shape<SubnetSelection>('Select by group or type, e.g. { subnetGroupName: \'App\' }, or leave it out.', {
  subnetType: { kind: 'enum', values: Object.values(SubnetType), must: 'be a SubnetType', fix: 'Use one such as SubnetType.PUBLIC.' },
  availabilityZones: { kind: 'list', of: { kind: 'text', fix: 'Use the name of a zone.' }, fix: 'Give a list of zones.' },
  subnetGroupName: { kind: 'text', fix: 'Use the name of a subnet group, e.g. "App".' },
  onePerAz: { kind: 'boolean' },
  subnetFilters: {
    kind: 'list', fix: 'Give a list such as [ec2.SubnetFilter.onePerAz()].',
    of: { kind: 'instance', methods: ['selectSubnets'], must: 'be a SubnetFilter', fix: 'Call a factory such as ec2.SubnetFilter.onePerAz().' },
  },
  subnets: { kind: 'list', of: { kind: 'instance', properties: ['subnetId'], must: 'be a subnet', fix: SUBNETS_FIX }, fix: SUBNETS_FIX },
});

/** Selects subnets in the VPC of the cluster. CDK throws for an unknown type or group, without naming the property. */
export function selectSubnets(scope: IConstruct, property: string, vpc: IVpc, selection: SubnetSelection): SelectedSubnets {
  SUBNETS.check(scope, property, selection);
  try {
    return vpc.selectSubnets(selection);
  } catch (error) {
    return reject(scope, {
      property, must: 'be in the VPC of the cluster', got: selection.subnetGroupName ?? selection.subnetType ?? Object.keys(selection),
      fix: `Select by a type or group that it has. CDK says: ${(error as Error).message}`,
    });
  }
}

/** The Availability Zone of a subnet; undefined if the subnet is imported by its ID only, because then the getter throws. */
export function zoneOf(subnet: ISubnet): string | undefined {
  return undefinedIfThrows(() => subnet.availabilityZone);
}

/** Whether one of the subnets is known to have IPv6 addresses. Imported subnets are unknown. */
export function haveIpv6(subnets: ISubnet[]): boolean {
  return subnets.map(({ node: { defaultChild } }) => defaultChild)
    .some(subnet => subnet instanceof CfnSubnet && (subnet.ipv6CidrBlock ?? subnet.ipv6Native) !== undefined);
}
