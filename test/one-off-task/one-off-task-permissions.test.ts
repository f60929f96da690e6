import { NestedStack } from 'aws-cdk-lib';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { FailureLogs, OneOffFargateTask, OneOffFargateTaskProps } from '../../src';
import { RunScene } from '../helpers/run-scene';
import { Template, flatten, newCluster, newStack } from '../helpers/stack';

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
  readonly Effect: string;
}

const containers = { migrate: { image: ContainerImage.fromRegistry('migrations') } };

function statementsOf(template: Template): readonly Statement[] {
  const [role] = Object.keys(template.findResources('AWS::IAM::Role')).filter(id => /^MigrateHandlerRole/.test(id));
  return Object.values(template.findResources('AWS::IAM::Policy'))
    .filter(policy => JSON.stringify(policy.Properties.Roles).includes(`"${role}"`))
    .flatMap(({ Properties }): readonly Statement[] => Properties.PolicyDocument.Statement);
}

// With newer versions of aws-cdk-lib, a log group also grants access to itself, in addition to its streams.
const LOG_GROUP = 'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${MigrateLogs}';

/** The permissions of the role of the function, as conditions, actions and resources, without the hashes of logical ids. */
function permissions(props: Partial<OneOffFargateTaskProps> = {}): Record<string, unknown> {
  const stack = newStack();
  new OneOffFargateTask(stack, 'Migrate', { cluster: newCluster(stack), containers, ...props });
  return Object.fromEntries(statementsOf(Template.fromStack(stack)).map(({ Action, Resource, Condition }) => {
    const on = [Resource].flat().map(each => flatten(each).replace(/[0-9A-F]{8}(?=[.}:])/g, '')).filter(each => each !== LOG_GROUP);
    return [[Action].flat().join(' '), { on: on.length === 1 ? on[0] : on, ...(Condition !== undefined && { when: JSON.parse(JSON.stringify(Condition).replace(/[0-9A-F]{8}/g, '')) }) }];
  }));
}

const onCluster = { ArnEquals: { 'ecs:cluster': { 'Fn::GetAtt': ['Cluster', 'Arn'] } } };

test('the function can run this task definition on this cluster with its two roles, watch and stop tasks there, read its log, and nothing else', () => {
  expect(permissions()).toEqual({
    'logs:CreateLogStream logs:PutLogEvents': { on: '${ContainerDeliveryLogs.Arn}' },
    'ecs:RunTask': { on: 'arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task-definition/StackMigrateTaskDefinition:*', when: onCluster },
    'iam:PassRole': {
      on: ['${MigrateTaskDefinitionTaskRole.Arn}', '${MigrateTaskDefinitionExecutionRole.Arn}'], when: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    },
    'ecs:DescribeTasks ecs:StopTask': { on: 'arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task/${Cluster}/*', when: onCluster },
    'ecs:ListTasks': { on: '*', when: onCluster },
    'cloudformation:DescribeStacks': { on: '${AWS::StackId}' },
    'logs:GetLogEvents': { on: '${MigrateLogs.Arn}' },
    'lambda:InvokeFunction': { on: '${MigrateHandlerFunction.Arn}' },
  });
});

test('a new revision does not change the permissions, so no permission has to take effect before the task starts', () => {
  expect(permissions({ containers: { migrate: { image: ContainerImage.fromRegistry('migrations:2'), command: ['up'] } } })).toEqual(permissions());
});

test('the function cannot read the log if no log is shown', () => {
  expect(Object.keys(permissions({ failureLogs: FailureLogs.none() })).join()).not.toContain('logs:GetLogEvents');
});

test('two one-off tasks have separate functions, which cannot run the task of the other', () => {
  const stack = newStack();
  const cluster = newCluster(stack);
  ['Migrate', 'Seed'].forEach(id => new OneOffFargateTask(stack, id, { cluster, containers }));
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::Lambda::Function', 2);
  expect(JSON.stringify(statementsOf(template))).not.toContain('Seed');
});

test('in a nested stack, the function can also describe the parent stack, which can be the one that rolls back', () => {
  const stack = newStack();
  const cluster = newCluster(stack);
  const nested = new NestedStack(stack, 'Nested');
  new OneOffFargateTask(nested, 'Migrate', { cluster, containers });
  const asked = statementsOf(Template.fromStack(nested)).filter(({ Action }) => Action === 'cloudformation:DescribeStacks');
  expect(asked).toHaveLength(1);
  expect(asked[0].Resource).toHaveLength(2);
});

test('the function is allowed every call that it makes, and uses every permission that it has', async () => {
  const scene = await RunScene.open();
  scene.cloud.lives = [{ isEndless: true }];
  scene.writes('migrate', ['late']);
  expect(await scene.deploy({ TimeoutSeconds: '60' })).toMatchObject({ Status: 'FAILED' });
  await scene.cloud.stop();

  const made = [...new Set(scene.cloud.calls.map(({ action }) => action))];
  const allowed = Object.keys(permissions()).flatMap(actions => actions.split(' '))
    // Used by the runtime, by ECS on behalf of the function, and to continue.
    .filter(action => !['logs:CreateLogStream', 'logs:PutLogEvents', 'iam:PassRole', 'lambda:InvokeFunction'].includes(action));
  expect(made.sort()).toEqual(allowed.sort());
});
