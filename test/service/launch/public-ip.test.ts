import { Duration, Stack } from 'aws-cdk-lib';
import { SubnetSelection, Subnet, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage, ICluster } from 'aws-cdk-lib/aws-ecs';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { FargateService, OneOffFargateTask, ScheduledFargateTask } from '../../../src';
import { newCluster, newClusterAndVpc, newPublicCluster, newStack, Template } from '../../helpers/stack';
import { messageOf, told, wrong } from '../../helpers/wrong-input';

interface NetworkProps {
  readonly cluster: ICluster;
  readonly vpcSubnets?: SubnetSelection;
  readonly assignPublicIp?: boolean;
}

/** The subnets of the tasks in the template: two lists of subnets, and ENABLED or DISABLED. */
interface Placed {
  readonly Subnets: { readonly Ref: string }[] | string[];
  readonly AssignPublicIp: string;
}

const containers = { web: { image: ContainerImage.fromRegistry('nginx') } };
const propertiesOf = (stack: Stack, type: string) => Object.values(Template.fromStack(stack).findResources(type))[0].Properties;

const KINDS: [string, (stack: Stack, props: NetworkProps) => unknown, (stack: Stack) => Placed][] = [
  ['FargateService', (stack, props) => new FargateService(stack, 'It', { containers, ...props }),
    stack => propertiesOf(stack, 'AWS::ECS::Service').NetworkConfiguration.AwsvpcConfiguration],
  ['OneOffFargateTask', (stack, props) => new OneOffFargateTask(stack, 'It', { containers, ...props }), stack => propertiesOf(stack, 'Custom::ContainerOneOffTask')],
  ['ScheduledFargateTask', (stack, props) => new ScheduledFargateTask(stack, 'It', { containers, schedule: ScheduleExpression.rate(Duration.days(1)), ...props }),
    stack => propertiesOf(stack, 'AWS::Scheduler::Schedule').Target.EcsParameters.NetworkConfiguration.AwsvpcConfiguration],
];

describe.each(KINDS)('tasks of a %s', (_, make, placedOf) => {
  const placed = (props: Omit<NetworkProps, 'cluster'>, clusterOf = newCluster, stack = newStack()) => {
    make(stack, { cluster: clusterOf(stack), ...props });
    return placedOf(stack);
  };
  const PUBLIC = { subnetType: SubnetType.PUBLIC };

  test('have a public IP address in public subnets only', () => {
    expect(placed({}).AssignPublicIp).toBe('DISABLED');
    expect(placed({ vpcSubnets: PUBLIC }).AssignPublicIp).toBe('ENABLED');
  });

  test('have one in public subnets that are imported by id, if you ask for it', () => {
    const inSubnet = (assignPublicIp?: boolean) => {
      const stack = newStack();
      return placed({ vpcSubnets: { subnets: [Subnet.fromSubnetId(stack, 'Public', 'subnet-1')] }, assignPublicIp }, newCluster, stack);
    };
    expect(inSubnet(true)).toMatchObject({ Subnets: ['subnet-1'], AssignPublicIp: 'ENABLED' });
    expect(inSubnet()).toMatchObject({ Subnets: ['subnet-1'], AssignPublicIp: 'DISABLED' });
  });

  test('have none in public subnets if you turn it off, for VPCs with all endpoints', () => {
    expect(placed({ vpcSubnets: PUBLIC, assignPublicIp: false }).AssignPublicIp).toBe('DISABLED');
  });

  test('are in public subnets if you ask for a public IP address and select no subnets', () => {
    for (const clusterOf of [newClusterAndVpc, newPublicCluster]) {
      const { Subnets, AssignPublicIp } = placed({ assignPublicIp: true }, clusterOf);
      expect(AssignPublicIp).toBe('ENABLED');
      expect(Subnets).toEqual([{ Ref: expect.stringMatching(/^VpcPublicSubnet1/) }, { Ref: expect.stringMatching(/^VpcPublicSubnet2/) }]);
    }
  });

  test('still need private subnets if you turn the public IP address off', () => {
    const stack = newStack();
    expect(messageOf(() => make(stack, { cluster: newPublicCluster(stack), assignPublicIp: false })))
      .toBe("Stack/It: 'vpcSubnets' must be given, because the VPC has no private subnets with internet egress, got undefined. "
        + 'Use public subnets (vpcSubnets: { subnetType: SubnetType.PUBLIC }), add a NAT gateway, or use isolated subnets with VPC endpoints for ECR, S3 and Logs.');
  });

  test.each([null, 'ENABLED', 1])('are rejected with assignPublicIp: %j', value => {
    const stack = newStack();
    expect(messageOf(() => make(stack, { cluster: newCluster(stack), assignPublicIp: wrong(value) }))).toMatch(told('assignPublicIp'));
  });
});
