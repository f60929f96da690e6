import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Duration, Size } from 'aws-cdk-lib';
import { CfnTaskDefinition, EnvironmentFile, Secret as EcsSecret, UlimitName, VersionConsistency } from 'aws-cdk-lib/aws-ecs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ContainerDependency, ContainerRestartPolicy, ContainerSecurity, FargateService } from '../../../src';
import { NGINX, serviceWith, taskOf } from '../../helpers/containers';
import { flatten, Match, newCluster, newStack } from '../../helpers/stack';

/** The only container definition in the template. */
function rendered(options: object, more: Parameters<typeof serviceWith>[2] = {}) {
  return taskOf(serviceWith({ web: options }, {}, more).stack).containers.web;
}

describe('a container', () => {
  test('starts its process with the command and settings that you give', () => {
    expect(rendered({
      workingDirectory: '/srv', user: '1000:1000', initProcessEnabled: true, dockerLabels: { team: 'web' },
      ulimits: [{ name: UlimitName.NOFILE, softLimit: 1, hardLimit: 2 }],
    })).toMatchObject({
      WorkingDirectory: '/srv', User: '1000:1000', LinuxParameters: { InitProcessEnabled: true }, DockerLabels: { team: 'web' },
      Ulimits: [{ Name: 'nofile', SoftLimit: 1, HardLimit: 2 }],
    });
  });

  test('can have a terminal and kernel settings', () => {
    const systemControls = [{ namespace: 'net.core.somaxconn', value: '1024' }, { namespace: 'kernel.shmmax', value: '1' }];
    expect(rendered({ pseudoTerminal: true, systemControls })).toMatchObject({
      PseudoTerminal: true, SystemControls: [{ Namespace: 'net.core.somaxconn', Value: '1024' }, { Namespace: 'kernel.shmmax', Value: '1' }],
    });
    expect(rendered({})).not.toHaveProperty('PseudoTerminal');
  });

  test('keeps the kernel setting for low ports next to your kernel settings, unless you change it', () => {
    const opened = (value: string) => ({ Namespace: 'net.ipv4.ip_unprivileged_port_start', Value: value });
    const hardened = { port: 80, security: ContainerSecurity.hardened() };
    expect(rendered({ ...hardened, systemControls: [{ namespace: 'net.core.somaxconn', value: '1024' }] }).SystemControls)
      .toEqual([opened('0'), { Namespace: 'net.core.somaxconn', Value: '1024' }]);
    expect(rendered({ ...hardened, systemControls: [{ namespace: opened('80').Namespace, value: '80' }] }).SystemControls).toEqual([opened('80')]);
  });

  test('runs the image of its tag, or the digest that the tag had when the deployment began', () => {
    expect(rendered({ versionConsistency: VersionConsistency.DISABLED }).VersionConsistency).toBe('disabled');
    expect(rendered({ versionConsistency: VersionConsistency.ENABLED }).VersionConsistency).toBe('enabled');
    expect(rendered({}).VersionConsistency).toBeUndefined();
  });

  test('reserves memory, and has shared memory on EC2', () => {
    expect(rendered({ memoryReservationMiB: 64 })).toMatchObject({ MemoryReservation: 64 });
    expect(rendered({ memoryLimitMiB: 128, memoryReservationMiB: 64 })).toMatchObject({ Memory: 128, MemoryReservation: 64 });
    expect(rendered({ memoryLimitMiB: 128 }).MemoryReservation).toBeUndefined();
    expect(rendered({ memoryReservationMiB: 64, sharedMemorySize: Size.mebibytes(256) }, { launch: 'EC2' }))
      .toMatchObject({ MemoryReservation: 64, LinuxParameters: { SharedMemorySize: 256 } });
  });

  test('raises the memory of the task to the sum that its containers reserve', () => {
    expect(taskOf(serviceWith({ web: { memoryReservationMiB: 3000 }, side: { memoryLimitMiB: 1000 } }).stack).task).toMatchObject({ Cpu: '512', Memory: '4096' });
  });

  test('has ephemeral storage of the size that you give, on Fargate', () => {
    expect(taskOf(serviceWith({ web: {} }, { ephemeralStorage: Size.gibibytes(50) }).stack).task.EphemeralStorage).toEqual({ SizeInGiB: 50 });
    expect(taskOf(serviceWith({ web: {} }).stack).task.EphemeralStorage).toBeUndefined();
  });

  test('has the start and stop timeouts that you give', () => {
    expect(rendered({ startTimeout: Duration.minutes(1), stopTimeout: Duration.minutes(2) })).toMatchObject({ StartTimeout: 60, StopTimeout: 120 });
  });

  test('is restarted inside its task if you ask for it', () => {
    expect(rendered({ restartPolicy: ContainerRestartPolicy.onExit() }).RestartPolicy).toEqual({ Enabled: true });
    expect(rendered({ restartPolicy: ContainerRestartPolicy.onExit({ ignoredExitCodes: [0, 2], attemptPeriod: Duration.minutes(2) }) }).RestartPolicy)
      .toEqual({ Enabled: true, IgnoredExitCodes: [0, 2], RestartAttemptPeriod: 120 });
    expect(rendered({}).RestartPolicy).toBeUndefined();
  });

  test('has a health check with the usual defaults', () => {
    expect(rendered({ healthCheck: { command: ['CMD', 'true'] } }).HealthCheck)
      .toEqual({ Command: ['CMD', 'true'], Interval: 30, Retries: 3, Timeout: 5 });
    expect(rendered({ healthCheck: { command: ['exit 0'], interval: Duration.seconds(5), startPeriod: Duration.minutes(1), retries: 10 } }).HealthCheck)
      .toEqual({ Command: ['CMD-SHELL', 'exit 0'], Interval: 5, Retries: 10, Timeout: 5, StartPeriod: 60 });
    expect(rendered({ healthCheck: { command: ['curl', '-f', 'http://localhost/'] } }).HealthCheck.Command)
      .toEqual(['CMD', 'curl', '-f', 'http://localhost/']);
  });

  test('starts after the containers that it depends on', () => {
    const { containers } = taskOf(serviceWith({
      web: {
        dependsOn: [
          ContainerDependency.healthy('db'), ContainerDependency.succeeded('migration'), ContainerDependency.completed('warmup'),
          ContainerDependency.started('proxy'),
        ],
      },
      db: { healthCheck: { command: ['CMD', 'true'] } },
      migration: { essential: false },
      warmup: { essential: false },
      proxy: {},
    }).stack);

    expect(containers.web.DependsOn).toEqual([
      { ContainerName: 'db', Condition: 'HEALTHY' }, { ContainerName: 'migration', Condition: 'SUCCESS' },
      { ContainerName: 'warmup', Condition: 'COMPLETE' }, { ContainerName: 'proxy', Condition: 'START' },
    ]);
    expect(containers.db.DependsOn).toBeUndefined();
  });

  test('that is added later can depend on the existing containers', () => {
    const { service, stack } = serviceWith({ web: { healthCheck: { command: ['CMD', 'true'] } } });
    service.addContainer('side', { image: NGINX, dependsOn: [ContainerDependency.healthy('web')] });
    expect(() => service.addContainer('other', { image: NGINX, dependsOn: [ContainerDependency.healthy('side')] }))
      .toThrow('\'containers.other.dependsOn\' must wait for the health of a container with a health check');
    expect(taskOf(stack).containers.side.DependsOn).toEqual([{ ContainerName: 'web', Condition: 'HEALTHY' }]);
  });

  test('gets fields and versions of secrets', () => {
    const stack = newStack();
    const secret = Secret.fromSecretCompleteArn(stack, 'Secret', 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-AbCdEf');
    new FargateService(stack, 'Service', {
      cluster: newCluster(stack),
      containers: {
        web: {
          image: NGINX,
          secrets: { FIELD: EcsSecret.fromSecretsManager(secret, 'password'), OLD: EcsSecret.fromSecretsManagerVersion(secret, { versionStage: 'AWSPREVIOUS' }, 'password') },
        },
      },
    });
    const endings = taskOf(stack).containers.web.Secrets.map(({ Name, ValueFrom }: { Name: string; ValueFrom: unknown }) => `${Name} ${flatten(ValueFrom).split('secret:db-AbCdEf')[1]}`);
    expect(endings).toEqual(['FIELD :password::', 'OLD :password:AWSPREVIOUS:']);
  });
});

test('other settings can be overridden on the L1 resource, where containers are in the order of their names', () => {
  const { service, stack } = serviceWith({ web: { port: 80 }, agent: {} });
  (service.taskDefinition.node.defaultChild as CfnTaskDefinition).addPropertyOverride('ContainerDefinitions.0.Interactive', true);
  const { containers } = taskOf(stack);
  expect([containers.agent.Interactive, containers.web.Interactive]).toEqual([true, undefined]);
  expect(containers.agent.Image).toBe('nginx');
});

describe('environment files', () => {
  test('the execution role can read these files and nothing else', () => {
    const stack = newStack();
    const bucket = Bucket.fromBucketName(stack, 'Bucket', 'settings');
    const { containers, template } = taskOf(serviceWith({ web: { environmentFiles: [EnvironmentFile.fromBucket(bucket, 'prod/web.env')] } }, {}, { stack }).stack);

    expect(containers.web.EnvironmentFiles.map(({ Type, Value }: { Type: string; Value: unknown }) => [Type, flatten(Value)]))
      .toEqual([['s3', 'arn:${AWS::Partition}:s3:::settings/prod/web.env']]);
    const statement = (Action: string, ending: string) => ({ Action, Effect: 'Allow', Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:s3:::${ending}`]] } });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyName: Match.stringLikeRegexp('ExecutionRole'),
      PolicyDocument: { Statement: Match.arrayWith([statement('s3:GetObject', 'settings/prod/web.env'), statement('s3:GetBucketLocation', 'settings')]) },
    });
  });

  test('one container can have several assets', () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'environment-'));
    const files = ['a.env', 'b.env'].map(name => path.join(directory, name));
    files.forEach((file, index) => fs.writeFileSync(file, `A=${index}`));
    const { containers } = taskOf(serviceWith({ web: { environmentFiles: files.map(file => EnvironmentFile.fromAsset(file)) } }).stack);
    expect(containers.web.EnvironmentFiles).toHaveLength(2);
  });
});
