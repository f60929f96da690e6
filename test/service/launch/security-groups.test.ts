import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { CfnSecurityGroupVpcAssociation, ISecurityGroup, IVpc, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { FargateService, OneOffFargateTask } from '../../../src';
import { newStack, Template } from '../../helpers/stack';
import { messageOf, told, wrong } from '../../helpers/wrong-input';

const containers = { web: { image: ContainerImage.fromRegistry('nginx') } };
const groupOf = (stack: Stack, vpc: IVpc) => new SecurityGroup(stack, 'Group', { vpc });

function imported(stack: Stack, id: string, vpcId: string): IVpc {
  return Vpc.fromVpcAttributes(stack, id, { vpcId, availabilityZones: ['a', 'b'], privateSubnetIds: [`${id}-1`, `${id}-2`] });
}

/** The result for a service in a VPC whose tasks have this security group. */
function serve(stack: Stack, vpc: IVpc, group: ISecurityGroup, Kind: typeof FargateService | typeof OneOffFargateTask = FargateService): string {
  const cluster = new Cluster(stack, 'Cluster', { vpc });
  return messageOf(() => new Kind(stack, 'Service', { cluster, containers, securityGroups: [group] }));
}

test.each([['Web', 'Stack/Web/Service/SecurityGroup'], ['Größe', 'Tasks of an ECS service'], ["Bob's", 'Tasks of an ECS service'], ['W'.repeat(240), 'Tasks of an ECS service']])(
  'the new security group of a service with the ID %s has a description that EC2 accepts', (id, description) => {
    const stack = newStack();
    new FargateService(stack, id, { cluster: new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') }), containers });

    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroup', { GroupDescription: description });
  });

test('properties can be getters of a class', () => {
  const stack = newStack();
  const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') });
  class Props {
    public get cluster() { return cluster; }
    public get containers() { return containers; }
  }
  new FargateService(stack, 'Service', new Props());
  new OneOffFargateTask(stack, 'Task', new Props());

  Template.fromStack(stack).resourceCountIs('AWS::ECS::TaskDefinition', 2);
});

describe('a security group of another VPC is rejected if both VPCs are known:', () => {
  test.each([['a service', FargateService], ['a one-off task', OneOffFargateTask]] as const)('%s with two VPCs created by the app', (_, Kind) => {
    const stack = newStack();
    const message = serve(stack, new Vpc(stack, 'Vpc'), groupOf(stack, new Vpc(stack, 'Other')), Kind);
    expect(message).toMatch(told('securityGroups'));
    expect(message).toContain('must be of the VPC of the cluster, got "Stack/Group"');
  });

  test('with the ids of both VPCs', () => {
    const stack = newStack();
    expect(serve(stack, imported(stack, 'Vpc', 'vpc-1'), groupOf(stack, imported(stack, 'Other', 'vpc-2')))).toMatch(told('securityGroups'));
  });
});

describe('a security group is accepted', () => {
  test('of the VPC of the cluster, created in another stack or imported twice', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const vpc = new Vpc(new Stack(app, 'Network'), 'Vpc');
    expect(serve(stack, vpc, groupOf(stack, vpc))).toBe('accepted');
    const other = newStack();
    expect(serve(other, imported(other, 'Vpc', 'vpc-1'), groupOf(other, imported(other, 'Again', 'vpc-1')))).toBe('accepted');
  });

  test('that is imported, or whose VPC is a token or not looked up yet', () => {
    const stack = newStack();
    expect(serve(stack, new Vpc(stack, 'Vpc'), SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1'))).toBe('accepted');
    const later = newStack();
    expect(serve(later, new Vpc(later, 'Vpc'), groupOf(later, imported(later, 'Other', new CfnParameter(later, 'Id').valueAsString)))).toBe('accepted');
    const lookup = newStack({ env: { account: '111111111111', region: 'eu-west-1' } });
    expect(serve(lookup, Vpc.fromLookup(lookup, 'Vpc', { vpcName: 'shop' }), groupOf(lookup, imported(lookup, 'Other', 'vpc-2')))).toBe('accepted');
    expect(serve(newStack(), imported(newStack(), 'Vpc', 'vpc-1'), wrong({ securityGroupId: 'sg-1' }))).toBe('accepted');
  });

  test('of another VPC with which it is associated', () => {
    const stack = newStack();
    const vpc = new Vpc(stack, 'Vpc');
    const group = groupOf(stack, new Vpc(stack, 'Other'));
    new CfnSecurityGroupVpcAssociation(stack, 'Association', { groupId: group.securityGroupId, vpcId: vpc.vpcId });
    expect(serve(stack, vpc, group)).toBe('accepted');
  });
});
