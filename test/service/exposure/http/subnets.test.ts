import { Fn, Stack } from 'aws-cdk-lib';
import { IVpc, Subnet, SubnetSelection, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Exposure, FargateService } from '../../../../src';
import { newRegionalStack, propertiesOf } from '../../../helpers/http-exposure';

/** A typical VPC: the database has its own subnets. */
function vpcIn(stack: Stack, maxAzs = 2): Vpc {
  return new Vpc(stack, 'Vpc', {
    maxAzs, natGateways: 1,
    subnetConfiguration: [
      { name: 'Web', subnetType: SubnetType.PUBLIC }, { name: 'Edge', subnetType: SubnetType.PUBLIC },
      { name: 'App', subnetType: SubnetType.PRIVATE_WITH_EGRESS }, { name: 'Data', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    ],
  });
}

function subnetsOf(exposure: Exposure, stack = newRegionalStack(), vpc: IVpc = vpcIn(stack)): string[] {
  new FargateService(stack, 'Service', {
    cluster: new Cluster(stack, 'Cluster', { vpc }), containers: { web: { image: ContainerImage.fromRegistry('nginx'), port: 80 } }, exposure,
  });
  const [{ Subnets }] = propertiesOf(stack, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
  return Subnets.map((subnet: { Ref: string } | string) => typeof subnet === 'string' ? subnet : /^Vpc\w+?Subnet\d/.exec(subnet.Ref)?.[0]);
}

describe('a new load balancer', () => {
  test('is in one subnet of each zone, however many subnet groups the VPC has', () => {
    expect(subnetsOf(Exposure.internalHttp())).toEqual(['VpcAppSubnet1', 'VpcAppSubnet2']);
    expect(subnetsOf(Exposure.publicHttp())).toEqual(['VpcWebSubnet1', 'VpcWebSubnet2']);
  });

  test('is in the subnets of an imported VPC whose subnets are only known at deployment', () => {
    const list = (name: string) => Fn.split(',', Fn.importValue(name));
    const stack = newRegionalStack();
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1', availabilityZones: Fn.getAzs(), privateSubnetIds: list('private'), publicSubnetIds: list('public'), vpcCidrBlock: '10.0.0.0/16',
    });
    new FargateService(stack, 'Service', {
      cluster: new Cluster(stack, 'Cluster', { vpc }), containers: { web: { image: ContainerImage.fromRegistry('nginx'), port: 80 } }, exposure: Exposure.publicHttp(),
    });

    expect(propertiesOf(stack, 'AWS::ElasticLoadBalancingV2::LoadBalancer')[0].Subnets).toEqual({ 'Fn::Split': [',', { 'Fn::ImportValue': 'public' }] });
  });

  test('is in the subnets that you select', () => {
    const vpcSubnets = { subnetGroupName: 'Data' };
    expect(subnetsOf(Exposure.internalHttp({ vpcSubnets }))).toEqual(['VpcDataSubnet1', 'VpcDataSubnet2']);
    expect(subnetsOf(Exposure.publicHttp({ vpcSubnets: { subnetGroupName: 'Edge' } }))).toEqual(['VpcEdgeSubnet1', 'VpcEdgeSubnet2']);
    expect(subnetsOf(Exposure.internalHttp({ vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS, onePerAz: true } }))).toHaveLength(2);
  });

  test('is in imported subnets, even if their zones are unknown', () => {
    const stack = newRegionalStack();
    const subnets = ['subnet-1', 'subnet-2'].map(id => Subnet.fromSubnetId(stack, id, id));
    expect(subnetsOf(Exposure.internalHttp({ vpcSubnets: { subnets } }), stack)).toEqual(['subnet-1', 'subnet-2']);
  });

  test('in a VPC that is not looked up yet is checked after the lookup', () => {
    const stack = newRegionalStack();
    expect(subnetsOf(Exposure.publicHttp(), stack, Vpc.fromLookup(stack, 'Found', { vpcId: 'vpc-1' }))).toHaveLength(2);
  });

  test.each<[string, SubnetSelection, string]>([
    ['two in one zone', { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      "'exposure.vpcSubnets' must select one subnet per availability zone, the limit of a load balancer, got "
      + '["Stack/Vpc/AppSubnet1","Stack/Vpc/AppSubnet2","Stack/Vpc/DataSubnet1","Stack/Vpc/DataSubnet2"]. '
      + "Add onePerAz: true, or select one group, e.g. { subnetGroupName: 'App' }."],
    ['one zone only', { subnetGroupName: 'App', availabilityZones: ['dummy1a'] },
      "'exposure.vpcSubnets' must find subnets in two availability zones, which a load balancer needs, got [\"dummy1a\"]."],
  ])('is not in %s', (_, vpcSubnets, message) => {
    expect(() => subnetsOf(Exposure.internalHttp({ vpcSubnets }))).toThrow(`Stack/Service/Exposure/Internal: ${message}`);
  });
});
