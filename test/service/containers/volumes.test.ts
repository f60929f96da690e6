import { App, Size, Stack } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import { EbsDeviceVolumeType, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, FileSystemType } from 'aws-cdk-lib/aws-ecs';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { FargateService, TaskVolume } from '../../../src';
import { NGINX, serviceWith, taskOf } from '../../helpers/containers';
import { flatten, Match, newStack, Template } from '../../helpers/stack';

function newFileSystem(stack: Stack): FileSystem {
  return new FileSystem(stack, 'FileSystem', { vpc: new Vpc(stack, 'FileVpc') });
}

/** What the task role is allowed to do with a file system, and through which access point. */
function actionsOf(template: Template): { action: string; through: string }[] {
  return Object.values(template.findResources('AWS::IAM::Policy')).flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Action }) => String(Action).startsWith('elasticfilesystem:'))
    .map(({ Action, Condition, Resource }) => {
      expect(flatten(Resource)).toMatch(/FileSystem\w+\.Arn/);
      expect(Condition.Bool).toEqual({ 'elasticfilesystem:AccessedViaMountTarget': 'true' });
      return { action: Action, through: flatten(Condition.StringEquals['elasticfilesystem:AccessPointArn']) };
    });
}

describe('an ephemeral volume', () => {
  test('is shared by all containers of a task that mount it, and some can mount it read-only', () => {
    const shared = TaskVolume.ephemeral('shared');
    const { containers, task } = taskOf(serviceWith({ a: { volumes: { '/out': shared } }, b: { volumes: { '/in': shared.readOnly() } } }).stack);
    expect(task.Volumes).toEqual([{ Name: 'shared' }]);
    expect(containers.a.MountPoints).toEqual([{ ContainerPath: '/out', ReadOnly: false, SourceVolume: 'shared' }]);
    expect(containers.b.MountPoints).toEqual([{ ContainerPath: '/in', ReadOnly: true, SourceVolume: 'shared' }]);
  });
});

describe('an EFS volume', () => {
  test('is encrypted in transit and mounted with the task role, in its own directory and with its own user', () => {
    const stack = newStack();
    const { task, template } = taskOf(serviceWith({ web: { volumes: { '/data': TaskVolume.efs('data', newFileSystem(stack)) } } }, {}, { stack }).stack);
    const [volume] = task.Volumes;
    expect(volume).toMatchObject({ Name: 'data', EFSVolumeConfiguration: { TransitEncryption: 'ENABLED', AuthorizationConfig: { IAM: 'ENABLED' } } });
    expect(flatten(volume.EFSVolumeConfiguration.AuthorizationConfig.AccessPointId)).toMatch(/^\$\{ServiceVolumesdataAccessPoint\w+\}$/);
    // Security Hub EFS.3 and EFS.4
    template.hasResourceProperties('AWS::EFS::AccessPoint', {
      PosixUser: { Uid: '1000', Gid: '1000' },
      RootDirectory: { Path: '/data', CreationInfo: { OwnerUid: '1000', OwnerGid: '1000', Permissions: '750' } },
    });
  });

  test('allows the tasks only what they mount it for, and only through their access point', () => {
    const write = newStack();
    const { template } = taskOf(serviceWith({ web: { volumes: { '/data': TaskVolume.efs('data', newFileSystem(write)) } } }, {}, { stack: write }).stack);
    expect(actionsOf(template).map(({ action }) => action)).toEqual(['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite']);
    actionsOf(template).forEach(({ through }) => expect(through).toMatch(/access-point\/\$\{ServiceVolumesdataAccessPoint\w+\}$/));

    const read = newStack();
    const data = TaskVolume.efs('data', newFileSystem(read)).readOnly();
    const { service, stack } = serviceWith({ web: { volumes: { '/data': data } } }, {}, { stack: read });
    expect(actionsOf(taskOf(stack).template)).toEqual([expect.objectContaining({ action: 'elasticfilesystem:ClientMount' })]);
    expect(service.addContainer('side', { image: NGINX, volumes: { '/data': data } }).mountPoints).toHaveLength(1);
  });

  test('allows writing after a container that writes is added', () => {
    const stack = newStack();
    const fileSystem = newFileSystem(stack);
    const data = TaskVolume.efs('data', fileSystem);
    const { service } = serviceWith({ web: { volumes: { '/data': data.readOnly() } } }, {}, { stack });
    service.addContainer('writer', { image: NGINX, volumes: { '/data': data, '/more': TaskVolume.efs('more', fileSystem) } });
    const { template, task } = taskOf(stack);
    expect(task.Volumes.map(({ Name }: { Name: string }) => Name)).toEqual(['data', 'more']);
    expect(actionsOf(template)).toHaveLength(4);
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1); // one rule for both
  });

  test('uses the directory that you name, or your own access point', () => {
    const stack = newStack();
    const fileSystem = newFileSystem(stack);
    const accessPoint = fileSystem.addAccessPoint('Mine', { path: '/mine' });
    const { template } = taskOf(serviceWith({
      a: { volumes: { '/a': TaskVolume.efs('a', fileSystem, { directory: '/shared/assets' }), '/b': TaskVolume.efs('b', fileSystem, { accessPoint }) } },
    }, {}, { stack }).stack);
    const paths = Object.values(template.findResources('AWS::EFS::AccessPoint')).map(({ Properties }) => Properties.RootDirectory.Path);
    expect(paths.sort()).toEqual(['/mine', '/shared/assets']);
  });

  test('can be reached before the first task starts, and causes no warnings', () => {
    const stack = newStack();
    serviceWith({ web: { volumes: { '/data': TaskVolume.efs('data', newFileSystem(stack)) } } }, {}, { stack });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 2049, ToPort: 2049, IpProtocol: 'tcp',
      GroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^FileSystem'), 'GroupId'] },
      SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ServiceSecurityGroup'), 'GroupId'] },
    });
    template.hasResource('AWS::ECS::Service', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^FileSystemEfsMountTarget')]) });
    expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
  });

  test('can be reached from a security group without outbound rules', () => {
    const stack = newStack();
    const cluster = new Cluster(stack, 'Closed', { vpc: new Vpc(stack, 'ClosedVpc') });
    const securityGroups = [new SecurityGroup(stack, 'Group', { vpc: cluster.vpc, allowAllOutbound: false })];
    serviceWith({ web: { volumes: { '/data': TaskVolume.efs('data', newFileSystem(stack)) } } }, { cluster, securityGroups }, { stack });
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupEgress', { FromPort: 2049, ToPort: 2049 });
  });

  test('can be in a stack that deploys earlier', () => {
    const app = new App();
    const files = new Stack(app, 'Files');
    const vpc = new Vpc(files, 'Vpc');
    const fileSystem = new FileSystem(files, 'FileSystem', { vpc });
    const web = new Stack(app, 'Web');
    new FargateService(web, 'Service', {
      cluster: new Cluster(web, 'Cluster', { vpc }), containers: { web: { image: NGINX, volumes: { '/data': TaskVolume.efs('data', fileSystem) } } },
    });
    app.synth(); // throws if the stacks depend on each other
    Template.fromStack(web).resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
  });

  test('can be imported', () => {
    const stack = newStack();
    const fileSystem = FileSystem.fromFileSystemAttributes(stack, 'FileSystem', {
      fileSystemId: 'fs-12345678', securityGroup: SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-12345678'),
    });
    const { template, task } = taskOf(serviceWith({ web: { volumes: { '/data': TaskVolume.efs('data', fileSystem) } } }, {}, { stack }).stack);
    expect(task.Volumes[0].EFSVolumeConfiguration.FilesystemId).toBe('fs-12345678');
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-12345678' });
  });
});

describe('a managed EBS volume', () => {
  test('is created by ECS for each task, encrypted, with the tags of the service', () => {
    const { stack } = serviceWith({ db: { volumes: { '/db': TaskVolume.managedEbs('db', { size: Size.gibibytes(20) }) } } });
    const { template, task, containers } = taskOf(stack);
    expect(task.Volumes).toEqual([{ Name: 'db', ConfiguredAtLaunch: true }]);
    expect(containers.db.MountPoints).toEqual([{ ContainerPath: '/db', ReadOnly: false, SourceVolume: 'db' }]);
    template.hasResourceProperties('AWS::ECS::Service', {
      VolumeConfigurations: [{
        Name: 'db',
        ManagedEBSVolume: {
          Encrypted: true, SizeInGiB: 20, VolumeType: 'gp3', TagSpecifications: [{ ResourceType: 'volume', PropagateTags: 'SERVICE' }],
          RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ServiceVolumesdb'), 'Arn'] },
        },
      }],
    });
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [Match.objectLike({ Principal: { Service: 'ecs.amazonaws.com' } })] },
      ManagedPolicyArns: [{ 'Fn::Join': ['', Match.arrayWith([':iam::aws:policy/service-role/AmazonECSInfrastructureRolePolicyForVolumes'])] }],
    });
  });

  test('has the size, the performance and the snapshot that you give', () => {
    const { stack } = serviceWith({
      db: {
        volumes: {
          '/db': TaskVolume.managedEbs('db', {
            snapshotId: 'snap-0123', volumeType: EbsDeviceVolumeType.IO2, iops: 5000, fileSystemType: FileSystemType.EXT4,
          }),
        },
      },
    });
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::Service', {
      VolumeConfigurations: [{ ManagedEBSVolume: { SnapshotId: 'snap-0123', VolumeType: 'io2', Iops: 5000, FilesystemType: 'ext4', SizeInGiB: Match.absent() } }],
    });
  });

  test('is encrypted with your key, which ECS is allowed to use before the first task starts', () => {
    const stack = newStack();
    const encryptionKey = new Key(stack, 'Key');
    serviceWith({ db: { volumes: { '/db': TaskVolume.managedEbs('db', { size: Size.gibibytes(1), encryptionKey }) } } }, {}, { stack });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Action: Match.arrayWith(['kms:DescribeKey', 'kms:GenerateDataKeyWithoutPlaintext']) }),
          Match.objectLike({ Action: 'kms:CreateGrant', Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } } }),
        ],
      },
      PolicyName: Match.stringLikeRegexp('^ServiceVolumesdbVolume'),
    });
    template.hasResource('AWS::ECS::Service', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^ServiceVolumesdbVolumeEBSRoleDefaultPolicy')]) });
  });

  test('is encrypted with the key of an alias that the app creates', () => {
    const stack = newStack();
    const encryptionKey = new Alias(stack, 'Alias', { aliasName: 'alias/data', targetKey: new Key(stack, 'Key') });
    serviceWith({ db: { volumes: { '/db': TaskVolume.managedEbs('db', { size: Size.gibibytes(1), encryptionKey }) } } }, {}, { stack });

    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'kms:CreateGrant', Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } })]) },
    });
  });

  test('can belong to a container that is added later, and is limited to one', () => {
    const { service, stack } = serviceWith({ web: {} });
    service.addContainer('db', { image: NGINX, volumes: { '/db': TaskVolume.managedEbs('db', { size: Size.gibibytes(1) }) } });
    expect(() => service.addContainer('db2', { image: NGINX, volumes: { '/db': TaskVolume.managedEbs('db2', { size: Size.gibibytes(1) }) } }))
      .toThrow('\'containers\' must mount at most one EBS volume, the maximum of a task, got ["db","db2"].');
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::Service', { VolumeConfigurations: [Match.objectLike({ Name: 'db' })] });
  });
});
