import { App, Stack } from 'aws-cdk-lib';
import { Subnet, SubnetSelection, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { exposed } from './scene';
import { Exposure } from '../../../../src';
import { newStack, Template } from '../../../helpers/stack';
import { messageOf, told, wrong } from '../../../helpers/wrong-input';

const { PUBLIC, PRIVATE_WITH_EGRESS } = SubnetType;

/** The subnets of the load balancer in a VPC that has two groups of each kind, by their names. */
function subnetsOf(exposure: Exposure, stack = newStack()): string[] {
  const vpc = new Vpc(stack, 'Vpc', {
    maxAzs: 2, natGateways: 1,
    subnetConfiguration: [
      { name: 'Edge', subnetType: PUBLIC }, { name: 'Other', subnetType: PUBLIC },
      { name: 'App', subnetType: PRIVATE_WITH_EGRESS }, { name: 'Data', subnetType: PRIVATE_WITH_EGRESS },
    ],
  });
  exposed(exposure, { cluster: new Cluster(stack, 'Cluster', { vpc }) }, stack);
  const [{ Properties: { Subnets, SubnetMappings } }] = Object.values(Template.fromStack(stack).findResources('AWS::ElasticLoadBalancingV2::LoadBalancer'));
  const ids: (string | { readonly Ref: string })[] = Subnets ?? SubnetMappings.map(({ SubnetId }: { SubnetId: string }) => SubnetId);
  return ids.map(id => typeof id === 'string' ? id : id.Ref.replace(/^Vpc(\D+)Subnet(\d).*$/, '$1 $2'));
}

describe('a new network load balancer', () => {
  test.each<[string, Exposure, string[]]>([
    ['an internal one', Exposure.internalNetwork(), ['App 1', 'App 2']],
    ['a public one', Exposure.publicNetwork(), ['Edge 1', 'Edge 2']],
    ['one with addresses', Exposure.publicNetwork({ elasticIps: ['eipalloc-1', 'eipalloc-2'] }), ['Edge 1', 'Edge 2']],
  ])('has one subnet of each zone, because ELB allows no more: %s', (_, exposure, subnets) => {
    expect(subnetsOf(exposure)).toEqual(subnets);
  });

  test('has the subnets that you select', () => {
    expect(subnetsOf(Exposure.internalNetwork({ vpcSubnets: { subnetGroupName: 'Data' } }))).toEqual(['Data 1', 'Data 2']);
    expect(subnetsOf(Exposure.internalNetwork({ vpcSubnets: { subnetType: PRIVATE_WITH_EGRESS, onePerAz: true } }))).toEqual(['App 1', 'App 2']);
  });

  test('can have subnets that are imported by id', () => {
    const stack = newStack();
    const subnets = ['subnet-1', 'subnet-2'].map(id => Subnet.fromSubnetId(stack, id, id));
    expect(subnetsOf(Exposure.internalNetwork({ vpcSubnets: { subnets } }), stack)).toEqual(['subnet-1', 'subnet-2']);
  });

  test.each([undefined, { account: '111111111111', region: 'eu-west-1' }])('is rejected with two subnets of one zone, in a stack for %j', env => {
    expect(messageOf(() => subnetsOf(Exposure.internalNetwork({ vpcSubnets: { subnetType: PRIVATE_WITH_EGRESS } }), new Stack(new App(), 'Stack', { env })))).toBe(
      'Stack/Service/Exposure/Internal: \'exposure.vpcSubnets\' must select one subnet per availability zone, the limit of a load balancer, '
      + 'got ["Stack/Vpc/AppSubnet1","Stack/Vpc/AppSubnet2","Stack/Vpc/DataSubnet1","Stack/Vpc/DataSubnet2"]. '
      + 'Add onePerAz: true, or select one group, e.g. { subnetGroupName: \'App\' }.',
    );
  });

  const MAKES: [string, (vpcSubnets: SubnetSelection) => Exposure][] = [
    ['network', vpcSubnets => Exposure.internalNetwork({ vpcSubnets })], ['HTTP', vpcSubnets => Exposure.internalHttp({ vpcSubnets })],
  ];

  test.each(MAKES)('reports a subnet group that the VPC does not have, like one for %s', (_, make) => {
    expect(messageOf(() => subnetsOf(make({ subnetGroupName: 'Lb' })))).toMatch(/^Stack\/Service\/Exposure(\/Internal)?: 'exposure.vpcSubnets' must be in the VPC of the cluster, got "Lb"\. .+ CDK says: /);
  });

  test.each(MAKES.flatMap(([kind, make]) => ([['subnetType', 'public'], ['subnets', 'subnet-1'], ['subnets', [null]], ['subnets', ['subnet-1']]] as const)
    .map(([property, value]) => [kind, property, value, make] as const)))('and of what JavaScript lets through: %s, %s %j', (_kind, property, value, make) => {
    expect(messageOf(() => subnetsOf(make(wrong({ [property]: value }))))).toMatch(told(`exposure.vpcSubnets.${property}${Array.isArray(value) ? '[0]' : ''}`));
  });
});
