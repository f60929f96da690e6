import { Duration, Fn, Size, Stack } from 'aws-cdk-lib';
import { InstanceType, Port, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, CpuArchitecture, LogDrivers } from 'aws-cdk-lib/aws-ecs';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  ContainerLogging, ContainerRestartPolicy, FailureLogs, FargateSize, ImageRepository, OneOffEc2Task, OneOffFargateTask, OneOffFargateTaskProps,
  TaskVolume,
} from '../../src';
import { APP, Match, Template, newCluster, newPublicCluster, newStack } from '../helpers/stack';
import { messageOf, told } from '../helpers/wrong-input';

const image = ContainerImage.fromRegistry('migrations');
const containers = { migrate: { image, command: ['npm', 'run', 'migrate'] } };
const RUN = 'Custom::ContainerOneOffTask';

function made(props: Partial<OneOffFargateTaskProps> = {}, stack = newStack()) {
  const cluster = newCluster(stack);
  return { stack, cluster, migrate: new OneOffFargateTask(stack, 'Migrate', { cluster, containers, ...props }) };
}

function runOf(stack: Stack) {
  const [run, ...more] = Object.values(Template.fromStack(stack).findResources(RUN));
  expect(more).toEqual([]);
  return run;
}

/** The logical ids of a type. */
const idsOf = (template: Template, type: string, like = /./) => Object.keys(template.findResources(type)).filter(id => like.test(id));

describe('a one-off task', () => {
  test('runs on Fargate with its command, in private subnets and its own security group without inbound rules', () => {
    const { stack } = made();
    const template = Template.fromStack(stack);

    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      RequiresCompatibilities: ['FARGATE'], Cpu: '256', Memory: '512', ContainerDefinitions: [Match.objectLike({ Name: 'migrate', Command: ['npm', 'run', 'migrate'] })],
    });
    const [group] = idsOf(template, 'AWS::EC2::SecurityGroup', /^Migrate/);
    const [log] = idsOf(template, 'AWS::Logs::LogGroup', /^MigrateLogs/);
    expect(runOf(stack).Properties).toMatchObject({
      SchemaVersion: '1', LaunchType: 'FARGATE', AssignPublicIp: 'DISABLED', TimeoutSeconds: '1800', LogLines: '20', ServiceTimeout: '3600',
      Cluster: { 'Fn::GetAtt': [expect.stringMatching(/^Cluster/), 'Arn'] },
      TaskDefinition: { Ref: idsOf(template, 'AWS::ECS::TaskDefinition')[0] },
      SecurityGroups: [{ 'Fn::GetAtt': [group, 'GroupId'] }],
      Subnets: ['subnet-private1', 'subnet-private2'],
      LogGroup: { Ref: log },
      Containers: [{ Name: 'migrate', Essential: 'true', StreamPrefix: expect.any(String) }],
    });
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    template.hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Retain', Properties: { RetentionInDays: 30 } });
  });

  test('uses the log configuration of its task definition', () => {
    const { stack } = made();
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::ECS::TaskDefinition'));
    const { Options } = Properties.ContainerDefinitions[0].LogConfiguration;
    const { LogGroup, Containers: [{ StreamPrefix }] } = runOf(stack).Properties;
    expect([LogGroup, StreamPrefix]).toEqual([Options['awslogs-group'], Options['awslogs-stream-prefix']]);
  });

  test('has a public IP address in public subnets, because it could not pull its image otherwise', () => {
    const stack = newStack();
    new OneOffFargateTask(stack, 'Migrate', { cluster: newPublicCluster(stack), containers, vpcSubnets: { subnetType: SubnetType.PUBLIC } });
    expect(runOf(stack).Properties.AssignPublicIp).toBe('ENABLED');
  });

  test('uses the size, architecture, timeout, security groups and log that you give', () => {
    const stack = newStack();
    const cluster = newCluster(stack);
    const group = new SecurityGroup(stack, 'Group', { vpc: cluster.vpc });
    new OneOffFargateTask(stack, 'Migrate', {
      cluster, containers, size: FargateSize.of(512, 2048), cpuArchitecture: CpuArchitecture.ARM64,
      ephemeralStorage: Size.gibibytes(30), timeout: Duration.seconds(90), securityGroups: [group],
      failureLogs: FailureLogs.lastLines(5),
      logRetention: 7, logEncryptionKey: new Key(stack, 'Key'),
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::ECS::TaskDefinition', { Cpu: '512', Memory: '2048', RuntimePlatform: { CpuArchitecture: 'ARM64' }, EphemeralStorage: { SizeInGiB: 30 } });
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 7, KmsKeyId: Match.anyValue() });
    template.hasResourceProperties(RUN, { TimeoutSeconds: '90', LogLines: '5', SecurityGroups: [stack.resolve(group.securityGroupId)] });
    template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
  });

  test('runs again only if its image or command changes, because the function gets the revision of the task definition', () => {
    const definitionOf = (command: string[]) => {
      const template = Template.fromStack(made({ containers: { migrate: { image, command } } }).stack);
      const [{ Properties: { TaskDefinition } }] = Object.values(template.findResources(RUN));
      return template.findResources('AWS::ECS::TaskDefinition')[TaskDefinition.Ref];
    };
    expect(definitionOf(['a'])).toEqual(definitionOf(['a']));
    expect(definitionOf(['b'])).not.toEqual(definitionOf(['a']));
  });

  test('shows no log lines if you turn that off', () => {
    const { stack } = made({ failureLogs: FailureLogs.none() });
    expect(runOf(stack).Properties).toMatchObject({ LogLines: '0' });
    expect(runOf(stack).Properties).not.toHaveProperty('LogGroup');
  });

  test('includes containers that are added to its task definition, and knows if their log cannot be read', () => {
    const { stack, migrate } = made();
    const logging = LogDrivers.awsLogs({ streamPrefix: 'x' });
    migrate.taskDefinition.addContainer('Proxy', { image, containerName: 'proxy', essential: false, logging });
    expect(runOf(stack).Properties.Containers).toEqual([{ Name: 'migrate', Essential: 'true', StreamPrefix: 'migrate' }, { Name: 'proxy', Essential: 'false' }]);
  });

  test('ignores the exit code of its log router', () => {
    const { stack } = made({ containers: { migrate: { image, logging: ContainerLogging.to(LogDrivers.firelens({ options: { Name: 'stdout' } })) } } });
    expect(runOf(stack).Properties.Containers).toEqual([{ Name: 'migrate', Essential: 'true' }, { Name: 'log-router', Essential: 'false', StreamPrefix: 'log-router' }]);
  });

  test('can mount a file system, and waits for its access rules', () => {
    const stack = newStack();
    const cluster = newCluster(stack);
    const fileSystem = new FileSystem(stack, 'Files', { vpc: cluster.vpc });
    new OneOffFargateTask(stack, 'Migrate', { cluster, containers: { migrate: { image, volumes: { '/data': TaskVolume.efs('data', fileSystem) } } } });
    expect(runOf(stack).DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^FilesEfsMountTarget1/)]));
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 2049 });
  });

  test('can get permissions and access to a database', () => {
    const { stack, cluster, migrate } = made();
    new Bucket(stack, 'Bucket').grantRead(migrate);
    const database = new SecurityGroup(stack, 'Database', { vpc: cluster.vpc });
    database.connections.allowFrom(migrate, Port.tcp(5432));
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Policy', { Roles: [{ Ref: Match.stringLikeRegexp('^MigrateTaskDefinitionTaskRole') }] });
    const SourceSecurityGroupId = { 'Fn::GetAtt': [Match.stringLikeRegexp('^MigrateSecurityGroup'), 'GroupId'] };
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 5432, SourceSecurityGroupId });
  });

  test('accepts an image that the same app builds', () => {
    const stack = newStack();
    const built = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
    new OneOffFargateTask(stack, 'Migrate', { cluster: newCluster(stack), containers: { migrate: { image: built } } });
    Template.fromStack(stack).resourceCountIs(RUN, 1);
  });

  test('can run on instances, without a public IP address', () => {
    const stack = newStack();
    const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') });
    cluster.addCapacity('Instances', { instanceType: new InstanceType('t3.small') });
    new OneOffEc2Task(stack, 'Migrate', { cluster, containers });
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::TaskDefinition', { RequiresCompatibilities: ['EC2'], NetworkMode: 'awsvpc' });
    expect(runOf(stack).Properties.LaunchType).toBe('EC2');
    expect(runOf(stack).Properties).not.toHaveProperty('AssignPublicIp');
  });

  test('has the same template each time, whatever else is in the app', () => {
    const template = () => JSON.stringify(Template.fromStack(made().stack).toJSON());
    expect(template()).toBe(template());
  });
});

describe('an impossible configuration is reported at synthesis:', () => {
  test.each<[string, Partial<OneOffFargateTaskProps>, string]>([
    ['timeout', { timeout: Duration.seconds(59) }, 'be from 60 to 3000 whole seconds'],
    ['timeout', { timeout: Duration.minutes(51) }, 'be from 60 to 3000 whole seconds'],
    ['timeout', { timeout: Duration.millis(60_500) }, 'be from 60 to 3000 whole seconds'],
    ['containers', { containers: {} }, 'have at least one container'],
    ['containers', { containers: { migrate: { image, essential: false } } }, 'have an essential container'],
    ['containers.migrate.restartPolicy', { containers: { migrate: { image, restartPolicy: ContainerRestartPolicy.onExit() } } }, 'ignore exit code 0'],
    ['volumes', { containers: { migrate: { image, volumes: { '/data': TaskVolume.managedEbs('data', { size: Size.gibibytes(1) }) } } } }, 'outside of a service'],
    ['securityGroups', { securityGroups: [] }, 'have at least 1 item'],
    ['failureLogs.lines', { failureLogs: FailureLogs.lastLines(0) }, 'a whole number from 1 to 100'],
    ['failureLogs.lines', { failureLogs: FailureLogs.lastLines(101) }, 'a whole number from 1 to 100'],
    ['size', { size: FargateSize.of(256, 4096) }, 'be a size that Fargate offers'],
  ])('%s %#', (property, props, must) => {
    const message = messageOf(() => made(props));
    expect(message).toMatch(told(property));
    expect(message).toContain(must);
  });

  test('six security groups, because ECS allows five', () => {
    const stack = newStack();
    const cluster = newCluster(stack);
    const groups = (count: number) => Array.from({ length: count }, (_, at) => SecurityGroup.fromSecurityGroupId(stack, `Group${count}-${at}`, `sg-${at}`));
    expect(messageOf(() => new OneOffFargateTask(stack, 'Six', { cluster, containers, securityGroups: groups(6) }))).toMatch(told('securityGroups'));
    expect(messageOf(() => new OneOffFargateTask(stack, 'Five', { cluster, containers, securityGroups: groups(5) }))).toBe('accepted');
  });

  test('a VPC of more than sixteen private subnets without a selection, because ECS would reject it during the deployment', () => {
    const stack = newStack();
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: Array.from({ length: 17 }, (_, at) => `subnet-${at}`), privateSubnetRouteTableIds: Array(17).fill('rtb-1'),
    });
    const cluster = Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'main', vpc });
    expect(messageOf(() => new OneOffFargateTask(stack, 'Migrate', { cluster, containers }))).toMatch(told('vpcSubnets'));
    const { privateSubnets: subnets } = vpc;
    expect(messageOf(() => new OneOffFargateTask(stack, 'Chosen', { cluster, containers, vpcSubnets: { subnets: subnets.slice(1) } }))).toBe('accepted');
  });

  test('a VPC without internet egress, as for a service', () => {
    const stack = newStack();
    expect(messageOf(() => new OneOffFargateTask(stack, 'Migrate', { cluster: newPublicCluster(stack), containers }))).toMatch(told('vpcSubnets'));
  });
});

test.each([{ ignoredExitCodes: [0] }, { ignoredExitCodes: [3, 0] }])('but a container with a restart policy for failures only is accepted: %j', options => {
  expect(messageOf(() => made({ containers: { migrate: { image, restartPolicy: ContainerRestartPolicy.onExit(options) } } }))).toBe('accepted');
});

test.each([Duration.minutes(1), Duration.minutes(50), Duration.seconds(61)])('but times within the limits are accepted: %s', timeout => {
  expect(messageOf(() => made({ timeout }))).toBe('accepted');
});

test('a cluster and security groups that are tokens are accepted', () => {
  const stack = newStack();
  const { vpc } = newCluster(stack);
  const clusterName = Fn.importValue('name');
  const cluster = Cluster.fromClusterAttributes(stack, 'Imported', { clusterName, vpc });
  new OneOffFargateTask(stack, 'Migrate', { cluster, containers, securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Group', clusterName)] });
  Template.fromStack(stack).resourceCountIs(RUN, 1);
});
