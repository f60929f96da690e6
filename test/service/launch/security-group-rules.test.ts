import { App, Stack } from 'aws-cdk-lib';
import { Port, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, ICluster } from 'aws-cdk-lib/aws-ecs';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import { DatabaseInstance, DatabaseInstanceEngine } from 'aws-cdk-lib/aws-rds';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Exposure, FargateService, OneOffFargateTask, ScheduledFargateTask, TaskVolume } from '../../../src';
import { newCluster, newStack, Template } from '../../helpers/stack';

const INGRESS = 'AWS::EC2::SecurityGroupIngress';
const image = ContainerImage.fromRegistry('nginx');
const containers = { web: { image, port: 80 } };

type Runner = FargateService | OneOffFargateTask | ScheduledFargateTask;

const RUNNERS: [name: string, type: string, run: (stack: Stack, cluster: ICluster, volumes?: { [path: string]: TaskVolume }) => Runner][] = [
  ['service', 'AWS::ECS::Service', (stack, cluster, volumes) => new FargateService(stack, 'Runner', { cluster, containers: { web: { image, volumes } } })],
  ['one-off task', 'Custom::ContainerOneOffTask',
    (stack, cluster, volumes) => new OneOffFargateTask(stack, 'Runner', { cluster, containers: { web: { image, volumes } } })],
  ['scheduled task', 'AWS::Scheduler::Schedule', (stack, cluster, volumes) => new ScheduledFargateTask(stack, 'Runner', {
    cluster, containers: { web: { image, volumes } }, schedule: ScheduleExpression.cron({ hour: '3' }),
  })],
];

/** The rules of security groups in a template, and those that a resource waits for. */
function rulesOf(stack: Stack, type: string): { readonly all: string[]; readonly awaited: string[] } {
  const template = Template.fromStack(stack);
  const all = Object.keys(template.findResources(INGRESS));
  const [{ DependsOn = [] }] = Object.values(template.findResources(type));
  return { all, awaited: all.filter(id => DependsOn.includes(id)) };
}

describe.each(RUNNERS)('A %s waits for', (_, type, run) => {
  test('the rule that lets its tasks mount a file system', () => {
    const stack = newStack();
    const cluster = newCluster(stack);
    run(stack, cluster, { '/data': TaskVolume.efs('data', new FileSystem(stack, 'Files', { vpc: cluster.vpc })) });
    const { all, awaited } = rulesOf(stack, type);
    expect(all).toHaveLength(1);
    expect(awaited).toEqual(all);
  });

  test('the rule that it adds to a database of another stack', () => {
    const app = new App();
    const [data, stack] = ['Data', 'Stack'].map(id => new Stack(app, id));
    const vpc = new Vpc(data, 'Vpc', { maxAzs: 2, natGateways: 1 });
    const database = new DatabaseInstance(data, 'Database', { engine: DatabaseInstanceEngine.POSTGRES, vpc });
    run(stack, new Cluster(stack, 'Cluster', { vpc })).connections.allowToDefaultPort(database);
    const { all, awaited } = rulesOf(stack, type);
    expect(all).toHaveLength(1);
    expect(awaited).toEqual(all);
  });
});

test('a service waits for the rule that lets the load balancer check its health', () => {
  const stack = newStack();
  new FargateService(stack, 'Service', { cluster: newCluster(stack), containers, exposure: Exposure.publicHttp() });
  const { all, awaited } = rulesOf(stack, 'AWS::ECS::Service');
  expect(all).toHaveLength(1);
  expect(awaited).toEqual(all);
});

test('two services that call each other are not a circular dependency', () => {
  const stack = newStack();
  const cluster = newCluster(stack);
  const [one, two] = ['One', 'Two'].map(id => new FargateService(stack, id, { cluster, containers }));
  one.connections.allowFrom(two, Port.tcp(80));
  two.connections.allowFrom(one, Port.tcp(80));
  Template.fromStack(stack).resourceCountIs(INGRESS, 2);
});
