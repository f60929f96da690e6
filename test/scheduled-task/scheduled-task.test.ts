import { Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, FargatePlatformVersion } from 'aws-cdk-lib/aws-ecs';
import { Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ScheduleExpression, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { FargateCapacity, ImageRepository, ScheduledEc2Task, ScheduledFargateTask, ScheduledFargateTaskProps } from '../../src';
import { APP, BY_DIGEST, flatten, imageOfTask, Match, newCluster, newClusterAndVpc, newPublicCluster, newStack, Template } from '../helpers/stack';

const containers = { report: { image: ContainerImage.fromRegistry('report'), command: ['npm', 'run', 'report'] } };
const schedule = ScheduleExpression.cron({ hour: '3', minute: '0', timeZone: TimeZone.EUROPE_BERLIN });

function made(props: Partial<ScheduledFargateTaskProps> = {}, stack = newStack()) {
  const task = new ScheduledFargateTask(stack, 'Report', { cluster: props.cluster ?? newCluster(stack), containers, schedule, ...props });
  return { stack, task };
}

function scheduleOf(stack: Stack) {
  const [found, ...more] = Object.values(Template.fromStack(stack).findResources('AWS::Scheduler::Schedule'));
  expect(more).toEqual([]);
  return found;
}

describe('a scheduled task', () => {
  test('starts on Fargate at the time in its time zone, in private subnets and a security group without inbound rules', () => {
    const { stack } = made();
    const template = Template.fromStack(stack);

    expect(scheduleOf(stack).Properties).toMatchObject({
      ScheduleExpression: 'cron(0 3 * * ? *)', ScheduleExpressionTimezone: 'Europe/Berlin', State: 'ENABLED', FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { 'Fn::GetAtt': [expect.stringMatching(/^Cluster/), 'Arn'] },
        RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 },
        EcsParameters: {
          LaunchType: 'FARGATE', TaskCount: 1, PropagateTags: 'TASK_DEFINITION', EnableECSManagedTags: true,
          NetworkConfiguration: {
            AwsvpcConfiguration: {
              AssignPublicIp: 'DISABLED',
              Subnets: ['subnet-private1', 'subnet-private2'],
              SecurityGroups: [{ 'Fn::GetAtt': [expect.stringMatching(/^ReportSecurityGroup/), 'GroupId'] }],
            },
          },
        },
      },
    });
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      RequiresCompatibilities: ['FARGATE'], Cpu: '256', Memory: '512', ContainerDefinitions: [Match.objectLike({ Name: 'report', Command: ['npm', 'run', 'report'] })],
    });
    template.hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Retain', Properties: { RetentionInDays: 30 } });
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    template.resourceCountIs('AWS::ECS::Service', 0);
  });

  test('runs an image of a repository by its digest', () => {
    const stack = newStack();
    made({ containers: { report: { image: new ImageRepository(stack, 'Repository').buildAndPushImage(APP) } } }, stack);
    expect(imageOfTask(Template.fromStack(stack))).toMatch(BY_DIGEST);
  });

  test('has a public IP address in public subnets, because it could not pull its image otherwise', () => {
    const stack = newStack();
    made({ cluster: newPublicCluster(stack), vpcSubnets: { subnetType: SubnetType.PUBLIC } }, stack);
    expect(scheduleOf(stack).Properties.Target.EcsParameters.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp).toBe('ENABLED');
  });

  test('can run on Spot, and its capacity provider exists before the schedule', () => {
    const stack = newStack();
    const cluster = newCluster(stack) as Cluster;
    made({ cluster, capacity: FargateCapacity.spot() }, stack);
    const { Properties: { Target: { EcsParameters } }, DependsOn } = scheduleOf(stack);

    expect(EcsParameters.CapacityProviderStrategy).toEqual([expect.objectContaining({ CapacityProvider: 'FARGATE_SPOT' })]);
    expect(EcsParameters).not.toHaveProperty('LaunchType');
    expect(DependsOn).toEqual(expect.arrayContaining(Object.keys(Template.fromStack(stack).findResources('AWS::ECS::ClusterCapacityProviderAssociations'))));
  });

  test('can run on the instances of a cluster, without a public IP option, which ECS would reject', () => {
    const stack = newStack();
    const cluster = newCluster(stack);
    Object.defineProperty(cluster, 'hasEc2Capacity', { value: true });
    new ScheduledEc2Task(stack, 'Report', { cluster, containers, schedule });
    const { EcsParameters } = scheduleOf(stack).Properties.Target;

    expect(EcsParameters.LaunchType).toBe('EC2');
    expect(EcsParameters.NetworkConfiguration.AwsvpcConfiguration).not.toHaveProperty('AssignPublicIp');
  });

  test('uses the window, period, state, retries, queue, security groups and log that you give', () => {
    const stack = newStack();
    const cluster = newCluster(stack);
    const group = new SecurityGroup(stack, 'Group', { vpc: cluster.vpc });
    made({
      cluster, schedule: ScheduleExpression.rate(Duration.hours(2)), timeWindow: TimeWindow.flexible(Duration.minutes(15)), enabled: false,
      start: new Date('2030-01-01T00:00:00Z'), end: new Date('2031-01-01T00:00:00Z'), retryAttempts: 3, maxEventAge: Duration.hours(1),
      deadLetterQueue: new Queue(stack, 'Missed'), securityGroups: [group], logRetention: 7,
    }, stack);

    expect(scheduleOf(stack).Properties).toMatchObject({
      ScheduleExpression: 'rate(2 hours)', State: 'DISABLED', FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
      StartDate: '2030-01-01T00:00:00.000Z', EndDate: '2031-01-01T00:00:00.000Z',
      Target: {
        RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 3600 },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^Missed/), 'Arn'] } },
        EcsParameters: { NetworkConfiguration: { AwsvpcConfiguration: { SecurityGroups: [{ 'Fn::GetAtt': [expect.stringMatching(/^Group/), 'GroupId'] }] } } },
      },
    });
    Template.fromStack(stack).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
  });

  test('uses the family, roles, log group and platform version that you give', () => {
    const stack = newStack();
    const logGroup = LogGroup.fromLogGroupName(stack, 'Logs', '/team/report');
    const [taskRole, executionRole] = ['code', 'start'].map(name => Role.fromRoleArn(stack, name, `arn:aws:iam::123456789012:role/${name}`));
    made({ family: 'report', taskRole, executionRole, logGroup, platformVersion: FargatePlatformVersion.VERSION1_4 }, stack);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::ECS::TaskDefinition', { Family: 'report', TaskRoleArn: taskRole.roleArn, ExecutionRoleArn: executionRole.roleArn });
    template.resourceCountIs('AWS::Logs::LogGroup', 0);
    expect(scheduleOf(stack).Properties.Target.EcsParameters.PlatformVersion).toBe('1.4.0');
  });

  test('can get permissions and connections for its code', () => {
    const { stack, task } = made();
    new Bucket(stack, 'Reports').grantWrite(task);
    expect(task.connections.securityGroups).toHaveLength(1);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['s3:PutObject']) })]) } });
  });

  test('starts only after its permissions and routes exist', () => {
    const stack = newStack();
    made({ cluster: newClusterAndVpc(stack) }, stack);
    const { DependsOn } = scheduleOf(stack);
    for (const like of [/^ReportRoleDefaultPolicy/, /^ReportTaskDefinitionExecutionRoleDefaultPolicy/, /^VpcPrivateSubnet1DefaultRoute/]) {
      expect(DependsOn).toContainEqual(expect.stringMatching(like));
    }
  });
});

describe('the role of the scheduler', () => {
  test('can start this task definition on this cluster with its two roles, and nothing else', () => {
    const { stack } = made({ deadLetterQueue: undefined });
    const policies = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy')).filter(([id]) => /^ReportRole/.test(id));
    const statements = policies.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
    const onCluster = { ArnEquals: { 'ecs:cluster': { 'Fn::GetAtt': [expect.stringMatching(/^Cluster/), 'Arn'] } } };

    expect(statements).toEqual([
      { Effect: 'Allow', Action: 'ecs:RunTask', Resource: expect.anything(), Condition: onCluster },
      { Effect: 'Allow', Action: 'iam:PassRole', Resource: [expect.anything(), expect.anything()], Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } } },
      { Effect: 'Allow', Action: 'ecs:TagResource', Resource: expect.anything(), Condition: { StringEquals: { 'ecs:CreateAction': 'RunTask' } } },
    ]);
    // All revisions: the schedule starts the old revision until it is updated, which is after its role.
    expect(flatten(statements[0].Resource)).toMatch(/:task-definition\/StackReportTaskDefinition\w*:\*$/);
    expect(flatten(statements[2].Resource)).toMatch(/:task\/\$\{Cluster\w+\}\/\*$/);
  });

  test('can be assumed only by the scheduler of this account', () => {
    const { stack } = made();
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [{
          Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'scheduler.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' }, 'aws:SourceArn': Match.anyValue() } },
        }],
        Version: '2012-10-17',
      },
    });
  });

  test('can send failed runs to the queue, even if it is encrypted with a key', () => {
    const stack = newStack();
    made({ deadLetterQueue: new Queue(stack, 'Missed', { encryption: QueueEncryption.KMS }) }, stack);
    const policies = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy')).filter(([id]) => /^ReportRole/.test(id));
    const statements: { Action: string[]; Resource: unknown }[] = policies.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
    const actionsOn = (like: RegExp) => statements.filter(({ Resource }) => like.test(JSON.stringify(Resource))).flatMap(({ Action }) => Action);

    expect(actionsOn(/"Missed[0-9A-F]{8}"/)).toContain('sqs:SendMessage');
    expect(actionsOn(/"MissedKey[0-9A-F]{8}"/)).toEqual(expect.arrayContaining(['kms:Decrypt', 'kms:GenerateDataKey*']));
  });

  test('is not shared by two tasks of one cluster', () => {
    const stack = newStack();
    const cluster = newCluster(stack);
    for (const id of ['One', 'Two']) new ScheduledFargateTask(stack, id, { cluster, containers, schedule });
    const roles = Object.values(Template.fromStack(stack).findResources('AWS::Scheduler::Schedule')).map(each => JSON.stringify(each.Properties.Target.RoleArn));
    expect(new Set(roles).size).toBe(2);
  });
});
