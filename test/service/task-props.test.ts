import { CfnParameter, Stack, StackProps } from 'aws-cdk-lib';
import { ContainerImage, FargatePlatformVersion, PidMode } from 'aws-cdk-lib/aws-ecs';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { FargateService, ImageRepository, OneOffFargateTask } from '../../src';
import { NGINX, saidOf, serviceWith, taskOf } from '../helpers/containers';
import { APP, flatten, Match, newCluster, newStack, Template } from '../helpers/stack';
import { told, wrong } from '../helpers/wrong-input';

const SERVICE = 'AWS::ECS::Service';
const trust = { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') };

/** The actions that the policies of a role with this name allow. */
function rightsOf(stack: Stack, role: RegExp): string[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
    .filter(({ Properties: { Roles } }) => Roles.some((each: unknown) => role.test(flatten(each))))
    .flatMap(({ Properties: { PolicyDocument } }) => PolicyDocument.Statement.flatMap(({ Action }: { Action: string | string[] }) => Action)).sort();
}

const PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetAuthorizationToken', 'ecr:GetDownloadUrlForLayer'];
const LOG = ['logs:CreateLogStream', 'logs:PutLogEvents'];

/** A service in any stack that runs an image of this app. */
function pulling(stack: Stack, props: object): FargateService {
  const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
  return new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image } }, ...props });
}

describe('a name', () => {
  test('is the name of the service and the family of its task definition', () => {
    const { stack } = serviceWith({ web: {} }, { serviceName: 'web_1', family: 'Web-2' });
    Template.fromStack(stack).hasResourceProperties(SERVICE, { ServiceName: 'web_1' });
    expect(taskOf(stack).task.Family).toBe('Web-2');
    Template.fromStack(serviceWith({ web: {} }).stack).hasResourceProperties(SERVICE, { ServiceName: Match.absent() });
  });

  test('can be a token', () => {
    const stack = newStack();
    const name = new CfnParameter(stack, 'Name').valueAsString;
    serviceWith({ web: {} }, { serviceName: name, family: name }, { stack });
    Template.fromStack(stack).hasResourceProperties(SERVICE, { ServiceName: { Ref: 'Name' } });
    expect(taskOf(stack).task.Family).toEqual({ Ref: 'Name' });
  });

  test.each(['serviceName', 'family'])('that ECS rejects is reported as %s', property => {
    for (const value of ['my web', 'web.prod', 'a/b', '', 'x'.repeat(256), null, 1, {}]) {
      expect(saidOf({ web: {} }, { [property]: value })).toMatch(told(property));
    }
    expect(saidOf({ web: {} }, { [property]: 'x'.repeat(255) })).toBe('accepted');
  });
});

describe('a role of yours', () => {
  test('is the task role, and gets the permissions that are granted to the service', () => {
    const stack = newStack();
    const taskRole = new Role(stack, 'Mine', trust);
    const { service } = serviceWith({ web: {} }, { taskRole }, { stack });
    new Bucket(stack, 'Bucket').grantRead(service);
    expect(taskOf(stack).task.TaskRoleArn).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Mine/), 'Arn'] });
    expect(rightsOf(stack, /^\$\{Mine/)).toContain('s3:GetObject*');
  });

  test('can be the execution role, and gets the permissions to pull and to log before the service is created', () => {
    const stack = newStack();
    pulling(stack, { executionRole: new Role(stack, 'Mine', trust) });
    expect(rightsOf(stack, /^\$\{Mine/)).toEqual([...PULL, ...LOG].sort());
    const template = Template.fromStack(stack);
    template.hasResource(SERVICE, { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^MineDefaultPolicy')]) });
    template.hasResource('AWS::ECS::TaskDefinition', { DependsOn: [Match.stringLikeRegexp('^MineDefaultPolicy')] });
  });

  test.each<[string, StackProps]>([['any account', {}], ['its account', { env: { account: '123456789012', region: 'eu-west-1' } }]])('can be imported, for %s, and gets the same permissions', (_, props) => {
    const stack = newStack(props);
    const existing = (id: string) => Role.fromRoleArn(stack, id, `arn:aws:iam::123456789012:role/team/${id}`);
    const service = pulling(stack, { taskRole: existing('code'), executionRole: existing('start') });
    new Bucket(stack, 'Bucket').grantRead(service);
    expect(rightsOf(stack, /^start$/)).toEqual([...PULL, ...LOG].sort());
    expect(rightsOf(stack, /^code$/)).toContain('s3:GetObject*');
    expect(taskOf(stack).task).toMatchObject({ TaskRoleArn: 'arn:aws:iam::123456789012:role/team/code', ExecutionRoleArn: 'arn:aws:iam::123456789012:role/team/start' });
  });

  test('stays unchanged if it is imported as immutable', () => {
    const stack = newStack();
    pulling(stack, { executionRole: Role.fromRoleArn(stack, 'Mine', 'arn:aws:iam::123456789012:role/start', { mutable: false }) });
    expect(rightsOf(stack, /start/)).toEqual([]);
  });

  test.each([undefined, '/team/'])('can be of another stack, with the path %s, and gets its permissions in the stack of the service', path => {
    const stack = newStack();
    const platform = new Stack(stack.node.root as never, 'Platform');
    const mine = (id: string) => new Role(platform, id, { ...trust, path });
    const service = pulling(stack, { taskRole: mine('Code'), executionRole: mine('Start') });
    new Bucket(stack, 'Bucket').grantRead(service);
    expect(rightsOf(stack, /ImportValue/)).toEqual(expect.arrayContaining([...PULL, ...LOG, 's3:GetObject*']));
    const { ExecutionRoleArn } = taskOf(stack).task;
    expect(flatten(ExecutionRoleArn)).toBe(`arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/${path ? 'team/' : ''}\${Fn::ImportValue}`);
    Template.fromStack(platform).resourceCountIs('AWS::IAM::Policy', 0);
  });

  test.each(['taskRole', 'executionRole'])('must be a role: wrong %s', property => {
    for (const value of [null, 'arn:aws:iam::123456789012:role/x', 1, {}, { roleArn: 'x' }, Role, ManagedPolicy.fromAwsManagedPolicyName('x'), NGINX]) {
      expect(saidOf({ web: {} }, { [property]: value })).toMatch(told(property));
    }
  });

  test('can be used by a one-off task, whose function is allowed to pass it', () => {
    const stack = newStack();
    const [taskRole, executionRole] = [new Role(stack, 'Code', trust), new Role(stack, 'Start', trust)];
    const secret = Secret.fromSecretNameV2(stack, 'Secret', 'db');
    const migrate = new OneOffFargateTask(stack, 'Migrate', {
      cluster: newCluster(stack), containers: { migrate: { image: ContainerImage.fromRegistry('migrations') } }, family: 'migrations', taskRole, executionRole,
    });
    secret.grantRead(migrate);
    expect(taskOf(stack).task).toMatchObject({ Family: 'migrations', TaskRoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^Code/), 'Arn'] } });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({
          Action: 'iam:PassRole', Resource: [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^Code'), 'Arn'] }, { 'Fn::GetAtt': [Match.stringLikeRegexp('^Start'), 'Arn'] }],
        })]),
      },
    });
  });
});

describe('the platform version of Fargate', () => {
  test('is the one that you give, and otherwise the default of AWS', () => {
    Template.fromStack(serviceWith({ web: {} }, { platformVersion: FargatePlatformVersion.VERSION1_4 }).stack).hasResourceProperties(SERVICE, { PlatformVersion: '1.4.0' });
    Template.fromStack(serviceWith({ web: {} }).stack).hasResourceProperties(SERVICE, { PlatformVersion: Match.absent() });
    expect(saidOf({ web: {} }, { platformVersion: FargatePlatformVersion.LATEST })).toBe('accepted');
  });

  test('can be a token', () => {
    const stack = newStack();
    const platformVersion = new CfnParameter(stack, 'Version').valueAsString;
    serviceWith({ web: {} }, { platformVersion }, { stack });
    Template.fromStack(stack).hasResourceProperties(SERVICE, { PlatformVersion: { Ref: 'Version' } });
  });

  test.each([FargatePlatformVersion.VERSION1_3, FargatePlatformVersion.VERSION1_0, '2.0', null, 1.4])('must be one on which AWS still starts tasks, not %p', platformVersion => {
    const message = saidOf({ web: {} }, { platformVersion });
    expect(message).toMatch(told('platformVersion'));
    expect(message).toContain('LATEST or VERSION1_4');
  });
});

describe('the process namespace of a task', () => {
  test('is shared by its containers if you ask for it', () => {
    expect(taskOf(serviceWith({ web: {} }, { pidMode: PidMode.TASK }).stack).task).toMatchObject({ PidMode: 'task', RuntimePlatform: { OperatingSystemFamily: 'LINUX' } });
    expect(taskOf(serviceWith({ web: {} }, { pidMode: PidMode.TASK }, { launch: 'EC2' }).stack).task.PidMode).toBe('task');
    expect(taskOf(serviceWith({ web: {} }).stack).task.PidMode).toBeUndefined();
  });

  test('can be that of the instance on EC2, but not on Fargate', () => {
    expect(taskOf(serviceWith({ web: {} }, { pidMode: PidMode.HOST }, { launch: 'EC2' }).stack).task.PidMode).toBe('host');
    const message = saidOf({ web: {} }, { pidMode: PidMode.HOST });
    expect(message).toMatch(told('pidMode'));
    expect(message).toContain('must not be HOST on Fargate');
  });

  test('can be a token', () => {
    const stack = newStack();
    serviceWith({ web: {} }, { pidMode: new CfnParameter(stack, 'Mode').valueAsString }, { stack });
    expect(taskOf(stack).task.PidMode).toEqual({ Ref: 'Mode' });
  });

  test.each([null, 'container', 1, {}])('cannot be %p', pidMode => {
    expect(saidOf({ web: {} }, { pidMode })).toMatch(told('pidMode'));
  });
});

describe('your own log group', () => {
  test('is used by the containers, the service and its dashboard, and no other is created', () => {
    const stack = newStack();
    const logGroup = LogGroup.fromLogGroupName(stack, 'Mine', '/team/web');
    const { service } = serviceWith({ web: {}, side: {} }, { logGroup }, { stack });
    service.addDashboard();
    const { containers, template } = taskOf(stack);
    expect([containers.web, containers.side].map(({ LogConfiguration: { Options } }) => Options['awslogs-group'])).toEqual(['/team/web', '/team/web']);
    expect(service.logGroup).toBe(logGroup);
    template.resourceCountIs('AWS::Logs::LogGroup', 0);
    expect(JSON.stringify(template.findResources('AWS::CloudWatch::Dashboard'))).toContain('/team/web');
    expect(rightsOf(stack, /ExecutionRole/)).toEqual(LOG);
  });

  test('can be of the same app, imported, or a token', () => {
    const stack = newStack();
    serviceWith({ web: {} }, { logGroup: new LogGroup(stack, 'Mine', { retention: RetentionDays.ONE_DAY }) }, { stack });
    expect(flatten(taskOf(stack).containers.web.LogConfiguration.Options['awslogs-group'])).toMatch(/^\$\{Mine/);
    const other = newStack();
    const name = new CfnParameter(other, 'Name').valueAsString;
    expect(saidOf({ web: {} }, { logGroup: LogGroup.fromLogGroupName(other, 'Mine', name) }, { stack: other })).toBe('accepted');
  });

  test('is where a failed one-off task reads its last lines', () => {
    const stack = newStack();
    const logGroup = LogGroup.fromLogGroupName(stack, 'Mine', '/team/migrations');
    new OneOffFargateTask(stack, 'Migrate', { cluster: newCluster(stack), containers: { migrate: { image: NGINX } }, logGroup, platformVersion: FargatePlatformVersion.VERSION1_4 });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('Custom::ContainerOneOffTask', { LogGroup: '/team/migrations', PlatformVersion: '1.4.0', Containers: [Match.objectLike({ StreamPrefix: 'migrate' })] });
    const statements = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(({ Properties: { PolicyDocument } }) => PolicyDocument.Statement);
    // Newer versions of aws-cdk-lib also add the ARN of the group itself.
    const [{ Resource }] = statements.filter(({ Action }) => Action === 'logs:GetLogEvents');
    expect([Resource].flat().map(flatten)).toEqual(expect.arrayContaining([expect.stringMatching(/:log-group:\/team\/migrations:\*$/)]));
  });

  test.each<[string, object]>([['logRetention', { logRetention: RetentionDays.ONE_DAY }], ['logEncryptionKey', { logEncryptionKey: wrong('key') }]])('keeps its own %s', (property, props) => {
    const message = saidOf({ web: {} }, { logGroup: LogGroup.fromLogGroupName(newStack(), 'Mine', '/team/web'), ...props });
    expect(message).toMatch(told(property));
    expect(message).toContain('must be left out if \'logGroup\' is set');
  });

  test('keeps its own key, whose policy is not changed', () => {
    const stack = newStack();
    const key = new Key(stack, 'Key');
    expect(saidOf({ web: {} }, { logGroup: LogGroup.fromLogGroupName(stack, 'Mine', '/x'), logEncryptionKey: key }, { stack })).toMatch(told('logEncryptionKey'));
  });

  test.each([null, '/team/web', {}, LogGroup, { logGroupName: '/team/web' }])('cannot be %p', logGroup => {
    expect(saidOf({ web: {} }, { logGroup })).toMatch(told('logGroup'));
  });
});
