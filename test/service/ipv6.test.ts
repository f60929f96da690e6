import { Stack } from 'aws-cdk-lib';
import { IpProtocol, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, ICluster } from 'aws-cdk-lib/aws-ecs';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { FargateService, OneOffFargateTask, ScheduledFargateTask } from '../../src';
import { newStack, Template } from '../helpers/stack';

const containers = { web: { image: ContainerImage.fromRegistry('nginx') } };
const RUNNERS: [string, (stack: Stack, cluster: ICluster) => unknown][] = [
  ['service', (stack, cluster) => new FargateService(stack, 'Runner', { cluster, containers })],
  ['one-off task', (stack, cluster) => new OneOffFargateTask(stack, 'Runner', { cluster, containers })],
  ['scheduled task', (stack, cluster) => new ScheduledFargateTask(stack, 'Runner', { cluster, containers, schedule: ScheduleExpression.cron({ hour: '3' }) })],
];

function egressOf(ipProtocol: IpProtocol, run: (typeof RUNNERS)[number][1]): string[] {
  const stack = newStack();
  run(stack, new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc', { ipProtocol, restrictDefaultSecurityGroup: false }) }));
  const groups = Object.entries(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroup')).filter(([id]) => id.startsWith('Runner'));
  return groups.flatMap(([, { Properties }]) => Properties.SecurityGroupEgress.map(
    (rule: { CidrIp?: string; CidrIpv6?: string }) => rule.CidrIp ?? rule.CidrIpv6));
}

test.each(RUNNERS)('a %s in a dual-stack VPC can reach IPv4 and IPv6 addresses', (_, run) => {
  expect(egressOf(IpProtocol.DUAL_STACK, run)).toEqual(['0.0.0.0/0', '::/0']);
});

test.each(RUNNERS)('a %s in an IPv4 VPC has no rule for IPv6', (_, run) => {
  expect(egressOf(IpProtocol.IPV4_ONLY, run)).toEqual(['0.0.0.0/0']);
});

test('your own security group is not changed', () => {
  const stack = newStack();
  const vpc = new Vpc(stack, 'Vpc', { ipProtocol: IpProtocol.DUAL_STACK });
  const group = new SecurityGroup(stack, 'Group', { vpc, allowAllOutbound: false });
  new FargateService(stack, 'Service', { cluster: new Cluster(stack, 'Cluster', { vpc }), containers, securityGroups: [group] });
  expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroup'))).not.toContain('::/0');
});
