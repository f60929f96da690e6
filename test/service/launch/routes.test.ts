import { App, Stack } from 'aws-cdk-lib';
import { InstanceType, IVpc, NatProvider, NatTrafficDirection, Port, SecurityGroup, Subnet, SubnetSelection, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, ManagedInstancesCapacityProvider } from 'aws-cdk-lib/aws-ecs';
import { ContainerService, Ec2Service, FargateService, ManagedInstancesCapacity, ManagedInstancesService } from '../../../src';
import { newStack, Template } from '../../helpers/stack';

const SERVICE = 'AWS::ECS::Service';
const containers = { worker: { image: ContainerImage.fromRegistry('nginx') } };

interface Where {
  readonly cluster: Cluster;
  readonly vpcSubnets?: SubnetSelection;
}

const LAUNCHES: [string, (stack: Stack, where: Where) => ContainerService][] = [
  ['Fargate', (stack, where) => new FargateService(stack, 'Service', { ...where, containers })],
  ['instances of your own', (stack, where) => {
    where.cluster.addCapacity('Instances', { instanceType: new InstanceType('t3.small'), vpcSubnets: where.vpcSubnets });
    return new Ec2Service(stack, 'Service', { ...where, containers });
  }],
  ['managed instances', (stack, where) => {
    const { vpc } = where.cluster;
    const provider = new ManagedInstancesCapacityProvider(stack, 'Provider', {
      subnets: vpc.publicSubnets, securityGroups: [new SecurityGroup(stack, 'Instances', { vpc })],
    });
    return new ManagedInstancesService(stack, 'Service', { ...where, containers, capacity: ManagedInstancesCapacity.providers({ provider }) });
  }],
];

/** The types of the resources that the service waits for. */
function waitsFor(stack: Stack): string[] {
  const { Resources } = Template.fromStack(stack).toJSON();
  const [service] = Object.values<{ Type: string; DependsOn?: string[] }>(Resources).filter(({ Type }) => Type === SERVICE);
  return (service.DependsOn ?? []).map(id => Resources[id].Type);
}

function workerOf(vpc: IVpc, stack: Stack, vpcSubnets?: SubnetSelection): FargateService {
  return new FargateService(stack, 'Service', { cluster: new Cluster(stack, 'Cluster', { vpc }), containers, vpcSubnets });
}

describe.each(LAUNCHES)('on %s, a task starts only after its route to the registry exists:', (_, serve) => {
  test('in private subnets, after the routes to the NAT gateways', () => {
    const stack = newStack();
    serve(stack, { cluster: new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 }) }) });
    expect(waitsFor(stack).filter(type => type === 'AWS::EC2::Route')).toHaveLength(2);
  });

  test('in public subnets, after the routes to the internet gateway', () => {
    const stack = newStack();
    const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 }) });
    serve(stack, { cluster, vpcSubnets: { subnetType: SubnetType.PUBLIC } });
    expect(waitsFor(stack).filter(type => type === 'AWS::EC2::Route')).toHaveLength(2);
  });
});

test('with a VPC of another stack, that stack deploys first', () => {
  const app = new App();
  const network = new Stack(app, 'Network');
  const stack = new Stack(app, 'Stack');
  workerOf(new Vpc(network, 'Vpc'), stack);
  expect(waitsFor(stack)).not.toContain('AWS::EC2::Route');
  expect(stack.dependencies).toContain(network);
});

test('with an imported VPC, nothing has to be waited for', () => {
  const stack = newStack();
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a', 'b'], privateSubnetIds: ['subnet-1', 'subnet-2'] });
  workerOf(vpc, stack, { subnets: [vpc.privateSubnets[0], Subnet.fromSubnetId(stack, 'Subnet', 'subnet-3')] });
  expect(waitsFor(stack)).not.toContain('AWS::EC2::Route');
});

describe('with a NAT instance', () => {
  // The NAT instance of CDK uses a property that CDK deprecates.
  const { JSII_DEPRECATED } = process.env;
  beforeAll(() => { process.env.JSII_DEPRECATED = 'quiet'; });
  afterAll(() => { process.env.JSII_DEPRECATED = JSII_DEPRECATED; });

  test('tasks wait for the route through it, and it can open its security group to the tasks without a circular dependency', () => {
    const stack = newStack();
    const natGatewayProvider = NatProvider.instanceV2({ instanceType: new InstanceType('t3.nano'), defaultAllowedTraffic: NatTrafficDirection.OUTBOUND_ONLY });
    const service = workerOf(new Vpc(stack, 'Vpc', { natGatewayProvider }), stack);
    natGatewayProvider.connections.allowFrom(service, Port.HTTPS);
    expect(waitsFor(stack)).toContain('AWS::EC2::Route');
  });
});
