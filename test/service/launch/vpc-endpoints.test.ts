import { App, Stack } from 'aws-cdk-lib';
import {
  GatewayVpcEndpointAwsService, InterfaceVpcEndpoint, InterfaceVpcEndpointAwsService, IVpc, SecurityGroup, SubnetType, Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { FargateService, OneOffFargateTask, ScheduledFargateTask } from '../../../src';
import { newStack, Template } from '../../helpers/stack';

const containers = { worker: { image: ContainerImage.fromRegistry('nginx') } };
const vpcSubnets = { subnetType: SubnetType.PRIVATE_ISOLATED };

function isolatedVpc(stack: Stack, id = 'Vpc'): Vpc {
  return new Vpc(stack, id, { maxAzs: 2, natGateways: 0, subnetConfiguration: [{ name: 'Isolated', subnetType: SubnetType.PRIVATE_ISOLATED }] });
}

const RUNNERS: [name: string, type: string, run: (stack: Stack, vpc: IVpc) => unknown][] = [
  ['service', 'AWS::ECS::Service', (stack, vpc) => new FargateService(stack, 'Service', { cluster: new Cluster(stack, 'Cluster', { vpc }), containers, vpcSubnets })],
  ['one-off task', 'Custom::ContainerOneOffTask',
    (stack, vpc) => new OneOffFargateTask(stack, 'Task', { cluster: new Cluster(stack, 'Cluster', { vpc }), containers, vpcSubnets })],
  ['scheduled task', 'AWS::Scheduler::Schedule', (stack, vpc) => new ScheduledFargateTask(stack, 'Task', {
    cluster: new Cluster(stack, 'Cluster', { vpc }), containers, vpcSubnets, schedule: ScheduleExpression.cron({ hour: '3' }),
  })],
];

/** The types of the resources in DependsOn of a resource. */
function waitsFor(stack: Stack, type: string): string[] {
  const { Resources } = Template.fromStack(stack).toJSON();
  const [runner] = Object.values<{ Type: string; DependsOn?: string[] }>(Resources).filter(({ Type }) => Type === type);
  return (runner.DependsOn ?? []).map(id => Resources[id].Type);
}

describe.each(RUNNERS)('A %s in isolated subnets', (_, type, run) => {
  test('waits for the interface and gateway endpoints of its VPC, even if they are added later', () => {
    const stack = newStack();
    const vpc = isolatedVpc(stack);
    vpc.addInterfaceEndpoint('Registry', { service: InterfaceVpcEndpointAwsService.ECR_DOCKER });
    run(stack, vpc);
    vpc.addInterfaceEndpoint('Logs', { service: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS });
    vpc.addGatewayEndpoint('Layers', { service: GatewayVpcEndpointAwsService.S3 });
    expect(waitsFor(stack, type).filter(each => each === 'AWS::EC2::VPCEndpoint')).toHaveLength(3);
  });

  test('waits for endpoints that are created next to an imported VPC', () => {
    const stack = newStack();
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], isolatedSubnetIds: ['subnet-1'], vpcCidrBlock: '10.0.0.0/16' });
    new InterfaceVpcEndpoint(stack, 'Registry', { vpc, service: InterfaceVpcEndpointAwsService.ECR_DOCKER });
    run(stack, vpc);
    expect(waitsFor(stack, type)).toContain('AWS::EC2::VPCEndpoint');
  });

  test('does not wait for endpoints of another VPC', () => {
    const stack = newStack();
    isolatedVpc(stack, 'Other').addInterfaceEndpoint('Registry', { service: InterfaceVpcEndpointAwsService.ECR_DOCKER });
    run(stack, isolatedVpc(stack));
    expect(waitsFor(stack, type)).not.toContain('AWS::EC2::VPCEndpoint');
  });

  test('is deployed after the stack with the VPC and its endpoints', () => {
    const app = new App();
    const [network, stack] = ['Network', 'Stack'].map(id => new Stack(app, id));
    const vpc = isolatedVpc(network);
    vpc.addInterfaceEndpoint('Registry', { service: InterfaceVpcEndpointAwsService.ECR_DOCKER });
    run(stack, vpc);
    expect(waitsFor(stack, type)).not.toContain('AWS::EC2::VPCEndpoint');
    expect(stack.dependencies).toContain(network);
  });
});

test('a service waits for the rule that lets its tasks reach an endpoint', () => {
  const stack = newStack();
  const vpc = isolatedVpc(stack);
  const securityGroup = new SecurityGroup(stack, 'Endpoint', { vpc });
  const endpoint = vpc.addInterfaceEndpoint('Registry', { service: InterfaceVpcEndpointAwsService.ECR_DOCKER, open: false, securityGroups: [securityGroup] });
  const service = new FargateService(stack, 'Service', { cluster: new Cluster(stack, 'Cluster', { vpc }), containers, vpcSubnets });
  endpoint.connections.allowDefaultPortFrom(service);
  expect(waitsFor(stack, 'AWS::ECS::Service')).toContain('AWS::EC2::SecurityGroupIngress');
});

test('a service waits for endpoints in other subnets too, because an endpoint changes the DNS answers of the whole VPC', () => {
  const stack = newStack();
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
  vpc.addInterfaceEndpoint('Registry', { service: InterfaceVpcEndpointAwsService.ECR_DOCKER });
  new FargateService(stack, 'Service', { cluster: new Cluster(stack, 'Cluster', { vpc }), containers });
  expect(waitsFor(stack, 'AWS::ECS::Service')).toContain('AWS::EC2::VPCEndpoint');
});
