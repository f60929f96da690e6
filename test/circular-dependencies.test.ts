import { App, Aws, CfnCondition, CfnResource, Fn, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage, ICluster } from 'aws-cdk-lib/aws-ecs';
import { Credentials, DatabaseInstance, DatabaseInstanceEngine } from 'aws-cdk-lib/aws-rds';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { FargateService, OneOffFargateTask, ScheduledFargateTask } from '../src';
import { newCluster, newStack, Template } from './helpers/stack';
import { messageOf, wrong } from './helpers/wrong-input';

type Runner = FargateService | OneOffFargateTask | ScheduledFargateTask;

const containers = { web: { image: ContainerImage.fromRegistry('nginx') } };
const RUNNERS: [name: string, type: string, run: (scope: Construct, cluster: ICluster) => Runner][] = [
  ['service', 'AWS::ECS::Service', (scope, cluster) => new FargateService(scope, 'Web', { cluster, containers })],
  ['one-off task', 'Custom::ContainerOneOffTask', (scope, cluster) => new OneOffFargateTask(scope, 'Web', { cluster, containers })],
  ['scheduled task', 'AWS::Scheduler::Schedule',
    (scope, cluster) => new ScheduledFargateTask(scope, 'Web', { cluster, containers, schedule: ScheduleExpression.cron({ hour: '3' }) })],
];

function databaseIn(stack: Stack, { vpc }: ICluster): DatabaseInstance {
  return new DatabaseInstance(stack, 'Database', { engine: DatabaseInstanceEngine.POSTGRES, vpc, credentials: Credentials.fromGeneratedSecret('admin') });
}

describe.each(RUNNERS)('A %s with a database that allows its connections', (_, type, run) => {
  test('waits for the database and the rule with executeAfter', () => {
    const stack = newStack();
    const cluster = newCluster(stack);
    const database = databaseIn(stack, cluster);
    const runner = run(stack, cluster);
    runner.executeAfter(database);
    database.connections.allowDefaultPortFrom(runner);
    const template = Template.fromStack(stack);
    const [{ DependsOn }] = Object.values(template.findResources(type));
    expect(DependsOn).toEqual(expect.arrayContaining([
      ...Object.keys(template.findResources('AWS::RDS::DBInstance')), ...Object.keys(template.findResources('AWS::EC2::SecurityGroupIngress')),
    ]));
  });

  test('fails synthesis with node.addDependency, and the message names each resource on the way', () => {
    const stack = newStack();
    const cluster = newCluster(stack);
    const database = databaseIn(stack, cluster);
    const runner = run(stack, cluster);
    runner.node.addDependency(database);
    database.connections.allowDefaultPortFrom(runner);
    const message = messageOf(() => Template.fromStack(stack));
    expect(message.split('\n').map(line => line.replace(/from \w+:/, 'from …:'))).toEqual([
      'Stack: \'dependencies\' must not be circular, got Stack/Database/SecurityGroup/from …:{IndirectPort}',
      expect.stringMatching(/^  which depends on Stack\/Web\/.*SecurityGroup\/Resource$/),
      '  which depends on Stack/Database/SecurityGroup/from …:{IndirectPort}',
      'Remove one of these references. For a service or task, write executeAfter(dependency) instead of node.addDependency(dependency).',
    ]);
  });

  test('rejects a value that is not a construct', () => {
    const stack = newStack();
    const runner = run(stack, newCluster(stack));
    expect(messageOf(() => runner.executeAfter(stack, wrong('Database'))))
      .toBe('Stack/Web: \'dependencies[1]\' must be a construct or another IDependable, got "Database". Pass the construct to deploy first, e.g. a database.');
  });
});

interface Place {
  readonly name: string;
  readonly make: (app: App) => Stack;
}

const PLACES: Place[] = [
  { name: 'a stack', make: app => new Stack(app, 'Stack') },
  { name: 'a nested stack', make: app => new NestedStack(new Stack(app, 'Stack'), 'Nested') },
  { name: 'a stack of a stage', make: app => new Stack(new Stage(app, 'Stage'), 'Stack') },
  { name: 'a stack in another construct', make: app => new Stack(new Construct(app, 'Team'), 'Stack') },
];

/** Two resources that depend on each other. */
function circleIn(stack: Stack, connect: (one: CfnResource, two: CfnResource) => void): void {
  const [one, two] = ['One', 'Two'].map(id => new CfnResource(stack, id, { type: 'AWS::SNS::Topic' }));
  connect(one, two);
}

const CIRCLES: [string, (one: CfnResource, two: CfnResource) => void][] = [
  ['references', (one, two) => {
    one.addPropertyOverride('DisplayName', two.ref);
    two.addPropertyOverride('DisplayName', one.ref);
  }],
  ['a dependency and a reference to an attribute', (one, two) => {
    one.addDependency(two);
    two.addPropertyOverride('DisplayName', one.getAtt('TopicName'));
  }],
  ['a dependency and a substitution', (one, two) => {
    one.addDependency(two);
    two.addPropertyOverride('DisplayName', { 'Fn::Sub': `topic \${${Stack.of(one).getLogicalId(one)}.TopicName}` });
  }],
  ['a dependency and a variable of a substitution', (one, two) => {
    one.addOverride('DependsOn', Stack.of(two).getLogicalId(two));
    two.addPropertyOverride('DisplayName', { 'Fn::Sub': ['topic ${Name}', { Name: { 'Fn::GetAtt': `${Stack.of(one).getLogicalId(one)}.TopicName` } }] });
  }],
  ['itself', one => one.addPropertyOverride('DisplayName', one.ref)],
];

describe.each(PLACES)('In $name', ({ make }) => {
  test.each(CIRCLES)('a circular dependency of %s fails synthesis', (_, connect) => {
    const app = new App();
    const stack = make(app);
    new FargateService(stack, 'Web', { cluster: newCluster(stack), containers });
    circleIn(stack, connect);
    expect(messageOf(() => app.synth())).toContain('must not be circular');
  });

  test('a stack without a circular dependency is synthesized', () => {
    const app = new App();
    const stack = make(app);
    const cluster = newCluster(stack);
    ['Web', 'Api'].forEach(id => new FargateService(stack, id, { cluster, containers }));
    circleIn(stack, (one, two) => one.addResourceDependency(two));
    expect(() => app.synth()).not.toThrow();
  });
});

const idOf = (resource: CfnResource) => Stack.of(resource).getLogicalId(resource);

test.each<[string, (one: CfnResource, two: CfnResource) => void]>([
  ['with a property named DependsOn', (one, two) => {
    one.addDependency(two);
    two.addPropertyOverride('DependsOn', [idOf(one)]);
  }],
  ['with a variable that has the name of a resource', (one, two) => {
    one.addDependency(two);
    two.addPropertyOverride('DisplayName', { 'Fn::Sub': [`\${${idOf(one)}}`, { [idOf(one)]: 'topic' }] });
  }],
  ['with a literal that looks like a variable', (one, two) => {
    one.addDependency(two);
    two.addPropertyOverride('DisplayName', { 'Fn::Sub': `\${!${idOf(one)}}` });
  }],
  ['with metadata that name the resource itself', one => one.addMetadata('Name', { 'Fn::GetAtt': [idOf(one), 'TopicName'] })],
  ['whose references are in different outcomes of a condition', (one, two) => {
    const { logicalId } = new CfnCondition(Stack.of(one), 'First', { expression: Fn.conditionEquals(Aws.REGION, 'eu-west-1') });
    one.addPropertyOverride('DisplayName', { 'Fn::If': [logicalId, { Ref: idOf(two) }, 'topic'] });
    two.addPropertyOverride('DisplayName', { 'Fn::If': [logicalId, 'topic', { Ref: idOf(one) }] });
  }],
  ['if conditions create only one of them', (one, two) => {
    one.cfnOptions.condition = new CfnCondition(Stack.of(one), 'First', { expression: Fn.conditionEquals(Aws.REGION, 'eu-west-1') });
    two.cfnOptions.condition = new CfnCondition(Stack.of(one), 'Second', { expression: Fn.conditionNot(one.cfnOptions.condition) });
    one.addDependency(two);
    two.addOverride('DependsOn', idOf(one));
  }],
  ['from which AWS SAM creates several', (one, two) => {
    one.addOverride('Type', 'AWS::Serverless::Function');
    one.addPropertyOverride('DeploymentPreference', { Alarms: [two.ref] });
    two.addPropertyOverride('DisplayName', one.ref);
  }],
])('resources %s are not a circular dependency', (_, connect) => {
  const stack = newStack();
  new FargateService(stack, 'Web', { cluster: newCluster(stack), containers });
  circleIn(stack, connect);
  expect(messageOf(() => (stack.node.root as App).synth())).toBe('accepted');
});

test('a circular dependency in a stack that is created after the service of another stack is found too', () => {
  const app = new App();
  const first = new Stack(app, 'First');
  const cluster = newCluster(first);
  new FargateService(first, 'Web', { cluster, containers });
  const second = new Stack(app, 'Second');
  new FargateService(second, 'Web', { cluster, containers, securityGroups: [new SecurityGroup(second, 'Group', { vpc: cluster.vpc })] });
  circleIn(second, (one, two) => {
    one.addDependency(two);
    two.addPropertyOverride('DisplayName', one.ref);
  });
  expect(messageOf(() => app.synth())).toMatch(/^Second: 'dependencies' must not be circular/);
});

test('the message names the resources of the stack, also if a nested stack has resources with the same logical IDs', () => {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  new CfnResource(new NestedStack(stack, 'Nested'), 'One', { type: 'AWS::SNS::Topic' });
  new FargateService(stack, 'Web', { cluster: newCluster(stack), containers });
  circleIn(stack, (one, two) => {
    one.addResourceDependency(two);
    two.addPropertyOverride('DisplayName', one.ref);
  });
  expect(messageOf(() => app.synth())).toContain('got Stack/One\n  which depends on Stack/Two\n  which depends on Stack/One\n');
});
