import { App, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Exposure, FargateService, OneOffFargateTask } from '../../src';
import { Match, Template, newCluster, newClusterAndVpc, newStack } from '../helpers/stack';
import { messageOf } from '../helpers/wrong-input';

const image = ContainerImage.fromRegistry('migrations');
const containers = { migrate: { image, command: ['npm', 'run', 'migrate'] } };
const RUN = 'Custom::ContainerOneOffTask';

function made(stack = newStack(), cluster = newCluster(stack)) {
  return { stack, cluster, migrate: new OneOffFargateTask(stack, 'Migrate', { cluster, containers }) };
}

function runOf(stack: Stack) {
  const [run, ...more] = Object.values(Template.fromStack(stack).findResources(RUN));
  expect(more).toEqual([]);
  return run;
}

/** The logical ids of a type. */
const idsOf = (template: Template, type: string, like = /./) => Object.keys(template.findResources(type)).filter(id => like.test(id));

test('the task runs after the permissions of its roles and its function, and after the routes of its subnets', () => {
  const stack = newStack();
  const { migrate } = made(stack, newClusterAndVpc(stack));
  new Bucket(stack, 'Bucket').grantRead(migrate);
  const { DependsOn } = runOf(stack);
  for (const id of [
    /^MigrateHandlerRoleDefaultPolicy/, /^MigrateTaskDefinitionTaskRoleDefaultPolicy/, /^MigrateTaskDefinitionExecutionRoleDefaultPolicy/,
    /PrivateSubnet1DefaultRoute/, /PrivateSubnet2DefaultRoute/,
  ]) expect(DependsOn).toContainEqual(expect.stringMatching(id));
});

test('the service waits for the task, and the other resources of the service do not', () => {
  const { stack, cluster, migrate } = made();
  const service = new FargateService(stack, 'Service', { cluster, containers: { web: { image, port: 80 } }, exposure: Exposure.publicHttp() });
  migrate.executeBefore(service);
  const template = Template.fromStack(stack);
  const [run] = idsOf(template, RUN);
  const resources = Object.values<{ readonly Type: string; readonly DependsOn?: string[] }>(template.toJSON().Resources);
  expect(resources.filter(({ DependsOn = [] }) => DependsOn.includes(run)).map(({ Type }) => Type)).toEqual(['AWS::ECS::Service']);
});

test('one task can run before several services, and twice before one; several tasks can run before one service', () => {
  const { stack, cluster, migrate } = made();
  const [one, two] = ['One', 'Two'].map(id => new FargateService(stack, id, { cluster, containers: { web: { image } } }));
  const seed = new OneOffFargateTask(stack, 'Seed', { cluster, containers });
  [one, two, one].forEach(service => migrate.executeBefore(service));
  seed.executeBefore(one);
  const template = Template.fromStack(stack);
  const [first, second] = [idsOf(template, RUN, /^Migrate/)[0], idsOf(template, RUN, /^Seed/)[0]];
  template.hasResource('AWS::ECS::Service', { DependsOn: Match.arrayWith([first, second]) });
  const dependencies = Object.values(template.findResources('AWS::ECS::Service')).map(({ DependsOn }) => DependsOn.filter((id: string) => id === first));
  expect(dependencies).toEqual([[first], [first]]);
});

test('the task waits for the resources of executeAfter, even if they allow its security group', () => {
  const { stack, cluster, migrate } = made();
  const database = new SecurityGroup(stack, 'Database', { vpc: cluster.vpc });
  database.connections.allowFrom(migrate, Port.tcp(5432));
  migrate.executeAfter(database);
  const template = Template.fromStack(stack);
  expect(runOf(stack).DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^Database/), idsOf(template, 'AWS::EC2::SecurityGroupIngress')[0]]));
});

test('database, task and service form no cycle, even if the database allows both', () => {
  const { stack, cluster, migrate } = made();
  const database = new SecurityGroup(stack, 'Database', { vpc: cluster.vpc });
  const service = new FargateService(stack, 'Service', { cluster, containers: { web: { image, port: 80 } }, exposure: Exposure.publicHttp() });
  [migrate, service].forEach(each => database.connections.allowFrom(each, Port.tcp(5432)));
  migrate.executeAfter(database);
  migrate.executeBefore(service);
  expect(messageOf(() => Template.fromStack(stack))).toBe('accepted');
});

test('a service of another stack is deployed with its stack after the task', () => {
  const app = new App();
  const stacks = ['Data', 'Web'].map(id => new Stack(app, id));
  const { migrate, cluster } = made(stacks[0]);
  migrate.executeBefore(new FargateService(stacks[1], 'Service', { cluster, containers: { web: { image } } }));
  app.synth();
  expect(stacks[1].dependencies.map(({ node }) => node.path)).toEqual(['Data']);
});

test('a service of a nested stack is deployed with its nested stack after the task', () => {
  const { stack, cluster, migrate } = made();
  migrate.executeBefore(new FargateService(new NestedStack(stack, 'Nested'), 'Service', { cluster, containers: { web: { image } } }));
  const template = Template.fromStack(stack);
  template.hasResource('AWS::CloudFormation::Stack', { DependsOn: Match.arrayWith(idsOf(template, RUN)) });
});

test('a service of another stage is rejected, because the order could not be guaranteed', () => {
  const app = new App();
  const [data, web] = ['Data', 'Web'].map(id => new Stack(new Stage(app, id), 'Stack'));
  const { migrate } = made(data);
  const service = new FargateService(web, 'Service', { cluster: newCluster(web), containers: { web: { image } } });
  expect(messageOf(() => migrate.executeBefore(service))).toBe(
    'Data/Stack/Migrate: \'service\' must be in the same stage, because each stage is deployed on its own, got "Web/Stack/Service". Create the task in the stage of the service.',
  );
});
