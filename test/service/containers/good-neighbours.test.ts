import { Aws, CfnParameter, Duration, Fn, Lazy, Size, Token } from 'aws-cdk-lib';
import { EbsDeviceVolumeType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { EnvironmentFile, FileSystemType, LogDrivers, UlimitName } from 'aws-cdk-lib/aws-ecs';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  ContainerDependency as Dependency, ContainerLogging, ContainerRestartPolicy, ContainerSecurity, FargateSize, ListeningPort, LogDelivery, TaskVolume,
} from '../../../src';
import { Named, saidOf } from '../../helpers/containers';
import { newStack } from '../../helpers/stack';

const { hardened, readOnlyRoot } = ContainerSecurity;
const { tcp, udp } = ListeningPort;
const { ephemeral, managedEbs } = TaskVolume;
const gib = (size: number) => Size.gibibytes(size);
const s = (seconds: number) => Duration.seconds(seconds);
const web = (options: object): Named => ({ web: options });
const mount = (volume: TaskVolume) => web({ volumes: { '/data': volume } });
const check = (healthCheck: object) => web({ healthCheck: { command: ['CMD', 'true'], ...healthCheck } });
const healthy = { healthCheck: { command: ['CMD-SHELL', 'curl -f http://localhost/'] } };
const limit = (softLimit: number, hardLimit: number, name = UlimitName.NOFILE) => ({ name, softLimit, hardLimit });

type Options = Parameters<typeof saidOf>[2];

// Values just inside the limits. For each one, bad-containers.test.ts has a value that is rejected.
const ACCEPTED: [what: string, containers: Named, props?: object, options?: Options][] = [
  ['a reservation that is the limit', web({ memoryLimitMiB: 128, memoryReservationMiB: 128 })],
  ['6 MiB', web({ memoryReservationMiB: 6 })],
  ['zero CPU units, the default of ECS', web({ cpu: 0 })],
  ['shared memory on EC2', web({ sharedMemorySize: Size.mebibytes(256) }), {}, { launch: 'EC2' }],
  ['a soft limit of open files that equals the hard limit', web({ ulimits: [limit(65535, 65535), limit(0, -1, UlimitName.CORE)] })],
  ['no limit at all', web({ ulimits: [limit(-1, -1, UlimitName.MEMLOCK)] })],
  ['one value of one network', { a: { systemControls: [{ namespace: 'net.a', value: '1' }] }, b: { systemControls: [{ namespace: 'net.a', value: '1' }] } }],
  ['a separate system call limit for each container', { a: { systemControls: [{ namespace: 'fs.mqueue.msg_max', value: '1' }] }, b: { systemControls: [{ namespace: 'fs.mqueue.msg_max', value: '2' }] } }],
  ['no settings and no terminal', web({ systemControls: [], pseudoTerminal: false })],
  ['rejected options that are undefined', web({ hostname: undefined, dnsServers: undefined })],
  ['one number for TCP and for UDP', web({ port: 53, additionalPorts: [udp(53)] })],
  ['the last port', web({ additionalPorts: [tcp(65535), udp(1)] })],
  ['a port with a name of 64 characters', web({ additionalPorts: [tcp(90, { name: `_${'x'.repeat(63)}` })] })],
  ['only additional ports', web({ additionalPorts: [tcp(8080).http(), tcp(50051).grpc(), tcp(8443).http2()] })],
  ['containers of one name but for capitals', { web: { port: 80 }, Web: { port: 81 }, WEB: { port: 82 } }],
  ['a container named with a dash in front', { '-a': { port: 80 }, 'a': { port: 81 }, '--': { port: 82 } }],
  ['a container with a long name', { ['x'.repeat(255)]: { port: 80 }, ['x'.repeat(254)]: { port: 81 } }],
  ['the shortest checks', check({ interval: s(5), timeout: s(2), retries: 1, startPeriod: s(0) })],
  ['the longest checks', check({ interval: s(300), timeout: s(60), retries: 10, startPeriod: s(300) })],
  ['a timeout as long as the interval', check({ interval: s(10), timeout: s(10) })],
  ['a timeout above the usual interval', check({ timeout: s(40) })],
  ['checks as often as may be, with the usual timeout', check({ interval: s(5) })],
  ['a check in minutes', check({ interval: Duration.minutes(1), timeout: Duration.millis(3000) })],
  ['a check of one text', check({ command: ['curl -f http://localhost/'] })],
  ['2 seconds to stop and 120 to start', web({ stopTimeout: s(2), startTimeout: s(120) })],
  ['an hour to stop on EC2', web({ stopTimeout: Duration.hours(1) }), {}, { launch: 'EC2' }],
  ['restarts at the limits', { a: { restartPolicy: ContainerRestartPolicy.onExit({ attemptPeriod: s(60) }) }, b: { restartPolicy: ContainerRestartPolicy.onExit({ attemptPeriod: s(1800) }) } }],
  ['50 exit codes', web({ restartPolicy: ContainerRestartPolicy.onExit({ ignoredExitCodes: Array.from({ length: 50 }, (_, code) => code) }) })],
  ['a chain', { c: {}, b: { dependsOn: [Dependency.started('c')] }, a: { dependsOn: [Dependency.started('b'), Dependency.started('c')] } }],
  ['the health of a container with a check', { web: { dependsOn: [Dependency.healthy('db')] }, db: healthy }],
  ['the end of a container that is not essential', { web: { dependsOn: [Dependency.succeeded('job'), Dependency.completed('zip')] }, job: { essential: false }, zip: { essential: false } }],
  ['names that are like those for credentials', web({ environment: { AWS_REGION: 'eu-west-1', aws_access_key_id: 'x', _: '' } })],
  ['an environment file in a bucket', web({ environmentFiles: [EnvironmentFile.fromBucket(Bucket.fromBucketName(newStack(), 'Bucket', 'settings'), 'web/prod.env')] })],
  ['the root as working directory', web({ workingDirectory: '/', user: 'node:node' })],
  ['a working directory with a slash at its end', web({ workingDirectory: '/app/' })],
  ['a working directory that Docker cleans', web({ workingDirectory: '/srv//app/../web:1' })],
  ['a user and a group', web({ workingDirectory: '/srv/app.d', user: '1000:1000', initProcessEnabled: true, dockerLabels: { 'com.example.team': '' } })],
  ['an empty command', web({ command: [], entryPoint: [''] })],
  ['another stream', web({ logging: ContainerLogging.toCloudWatch({ streamPrefix: 'my/web', multilinePattern: '^\\d', delivery: LogDelivery.blocking() }) })],
  ['the drivers of Fargate', { a: { logging: ContainerLogging.to(LogDrivers.firelens({ options: { Name: 'stdout' } })) }, b: { logging: ContainerLogging.to(LogDrivers.awsLogs({ streamPrefix: 'b' })) } }],
  ['a driver of EC2', web({ logging: ContainerLogging.to(LogDrivers.jsonFile()) }), {}, { launch: 'EC2' }],
  ['a path with dots', web({ volumes: { '/data/.cache/..x': ephemeral('a-b_C') } })],
  ['a volume inside of another', web({ volumes: { '/data': ephemeral('a'), '/data/b': ephemeral('b') } })],
  ['two objects for one ephemeral volume', { a: { volumes: { '/x': ephemeral('x') } }, b: { volumes: { '/y': ephemeral('x').readOnly() } } }],
  ['an EBS volume whose type is a token', mount(managedEbs('a', { size: gib(10), volumeType: Token.asString({ Ref: 'Type' }) as EbsDeviceVolumeType }))],
  ['the smallest EBS volumes', mount(managedEbs('a', { size: gib(1) }))],
  ['the largest', mount(managedEbs('a', { size: gib(65536), iops: 80000, throughput: 2000 }))],
  ['io2 with operations', mount(managedEbs('a', { size: gib(4), iops: 100, volumeType: EbsDeviceVolumeType.IO2, fileSystemType: FileSystemType.EXT4 }))],
  ['a snapshot', mount(managedEbs('a', { snapshotId: 'snap-0123456789abcdef0' }))],
  ['a magnetic volume on EC2', mount(managedEbs('a', { size: gib(1024), volumeType: EbsDeviceVolumeType.STANDARD })), {}, { launch: 'EC2' }],
  ['any user but root', { a: { security: hardened({ user: '1' }) }, b: { security: hardened({ user: '65534:0' }) }, c: { security: hardened({ user: '01000' }) } }],
  ['a volume at /tmp of a hardened container', web({ security: hardened(), volumes: { '/tmp': ephemeral('tmp') } })],
  ['root and users by name with a read-only filesystem', { a: { user: '0', security: readOnlyRoot() }, b: { user: 'node', security: readOnlyRoot({ writable: ['/run'] }) } }],
  ['nothing writable', web({ security: hardened({ writable: [], writableSize: Size.mebibytes(1) }) })],
  ['commands in a container that is not hardened', web({ initProcessEnabled: true }), { enableExecuteCommand: true }],
  ['as much memory as the task has', { a: { memoryLimitMiB: 256 }, b: { memoryReservationMiB: 256 } }, { size: FargateSize.of(256, 512) }],
  ['21 GiB of disk', web({}), { ephemeralStorage: gib(21) }],
  ['200 GiB of disk', web({}), { ephemeralStorage: Size.mebibytes(204800) }],
];

describe('a service accepts', () => {
  test.each(ACCEPTED)('%s', (_what, containers, ...more) => {
    expect(saidOf(containers, ...more)).toBe('accepted');
  });

  test('ten containers whose values are all tokens, and passes them to the template', () => {
    const stack = newStack();
    const number = () => new CfnParameter(stack, `Number${stack.node.children.length}`, { type: 'Number' }).valueAsNumber;
    const text = () => new CfnParameter(stack, `Text${stack.node.children.length}`).valueAsString;
    const key = Key.fromKeyArn(stack, 'Key', `arn:${Aws.PARTITION}:kms:eu-west-1:123456789012:key/${text()}`);
    expect(saidOf({
      sizes: { memoryLimitMiB: 100, cpu: number(), memoryReservationMiB: number(), ulimits: [limit(number(), 5)] },
      ports: {
        memoryLimitMiB: number(), memoryReservationMiB: 100, port: number(), additionalPorts: [tcp(number(), { name: text() }).http(), udp(number())],
      },
      checks: {
        healthCheck: {
          command: Token.asList(Fn.split(',', text())), interval: s(number()), timeout: s(number()), startPeriod: s(number()), retries: number(),
        },
      },
      times: {
        startTimeout: s(number()), stopTimeout: s(number()),
        restartPolicy: ContainerRestartPolicy.onExit({ attemptPeriod: s(number()), ignoredExitCodes: [number()] }),
      },
      process: {
        command: Lazy.list({ produce: () => ['a'] }),
        workingDirectory: text(), user: text(), environment: { A: text(), API_KEY: text() }, dockerLabels: { a: text() },
        versionConsistency: text(), pseudoTerminal: Lazy.any({ produce: () => true }),
      },
      files: { environmentFiles: [EnvironmentFile.fromBucket(Bucket.fromBucketName(stack, 'Bucket', text()), text())] },
      logs: { logging: ContainerLogging.toCloudWatch({ logGroup: LogGroup.fromLogGroupName(stack, 'Logs', text()), streamPrefix: text(), multilinePattern: text() }) },
      volumes: {
        volumes: {
          [text()]: managedEbs('a', { size: gib(number()), iops: number(), throughput: number(), snapshotId: text(), encryptionKey: key }),
          '/efs': TaskVolume.efs('b', new FileSystem(stack, 'Fs', { vpc: new Vpc(stack, 'Other') }), { directory: text() }),
        },
      },
      kernel: { user: text(), security: readOnlyRoot({ writable: [text()] }), systemControls: [{ namespace: text(), value: text() }] },
      security: { security: hardened({ user: text(), writable: [text()], writableSize: Size.mebibytes(number()) }) },
    }, { ephemeralStorage: gib(number()) }, { stack })).toBe('accepted');
  });
});

test('more than forty good configurations are tried', () => {
  expect(ACCEPTED.length).toBeGreaterThan(40);
});
