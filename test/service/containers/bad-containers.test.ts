import { Duration, Size, Token } from 'aws-cdk-lib';
import { EbsDeviceVolumeType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { EnvironmentFile, FileSystemType, LogDrivers, UlimitName } from 'aws-cdk-lib/aws-ecs';
import { FileSystem, FileSystemAttributes } from 'aws-cdk-lib/aws-efs';
import { Alias } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  ContainerDependency as Dependency, ContainerLogging, ContainerRestartPolicy, ContainerSecurity, FargateSize, ListeningPort, LogDelivery, TaskVolume,
} from '../../../src';
import { Named, saidOf } from '../../helpers/containers';
import { newStack } from '../../helpers/stack';
import { told } from '../../helpers/wrong-input';

const { hardened, readOnlyRoot } = ContainerSecurity;
const { tcp, udp } = ListeningPort;
const { ephemeral, managedEbs } = TaskVolume;
const gib = (size: number) => Size.gibibytes(size);
const s = (seconds: number) => Duration.seconds(seconds);
const stack = newStack();
const fileSystem = new FileSystem(stack, 'FileSystem', { vpc: new Vpc(stack, 'Elsewhere') });
const bucket = Bucket.fromBucketName(stack, 'Bucket', 'settings');
const accessPoint = fileSystem.addAccessPoint('AccessPoint');

/** One container with these options. */
const web = (options: object): Named => ({ web: options });
const mounts = (volumes: object) => web({ volumes });
const mount = (volume: TaskVolume) => mounts({ '/data': volume });
const check = (healthCheck: object) => web({ healthCheck: { command: ['CMD', 'true'], ...healthCheck } });
const environment = (name: string) => web({ environment: { [name]: 'hunter2' } });
const healthy = { healthCheck: { command: ['CMD', 'true'] } };
const control = (namespace: string, value = '1') => ({ systemControls: [{ namespace, value }] });
const limit = (softLimit: number, hardLimit: number, name = UlimitName.NOFILE) => ({ name, softLimit, hardLimit });

// Each entry: what is wrong, the containers, the property, the value, and a part of the rule or of the fix.
const REFUSED: [what: string, containers: Named, property: string, got: string, says: string, props?: object][] = [
  // Memory and CPU
  ['a reservation above the limit', web({ memoryLimitMiB: 128, memoryReservationMiB: 256 }), 'web.memoryReservationMiB', '256', 'at most the limit of 128 MiB'],
  ['a reservation of 5 MiB', web({ memoryReservationMiB: 5 }), 'web.memoryReservationMiB', '5', 'at least 6'],
  ['half a CPU unit', web({ cpu: 0.5 }), 'web.cpu', '0.5', 'at least 0'],
  ['fewer CPU units than none', web({ cpu: -1 }), 'web.cpu', '-1', 'at least 0'],
  ['half a MiB', web({ memoryReservationMiB: 100.5 }), 'web.memoryReservationMiB', '100.5', 'whole number'],
  ['no shared memory', web({ sharedMemorySize: Size.mebibytes(0) }), 'web.sharedMemorySize', '0', 'at least 1'],
  ['shared memory on Fargate', web({ sharedMemorySize: Size.mebibytes(256) }), 'web.sharedMemorySize', 'an object of class Size', 'Use an Ec2Service'],
  ['more open files than the hard limit', web({ ulimits: [limit(9, 8)] }), 'web.ulimits[0].softLimit', '9', 'at most the hard limit of 8'],
  ['any number of open files below a hard limit', web({ ulimits: [limit(-1, 8)] }), 'web.ulimits[0].softLimit', '-1', 'Increase the hard limit'],
  ['a limit of -2', web({ ulimits: [limit(-2, 8)] }), 'web.ulimits[0].softLimit', '-2', '-1 for no limit'],
  ['a limit twice', web({ ulimits: [limit(8, 8), limit(9, 9)] }), 'web.ulimits', '"nofile"', 'have each name once'],
  ['a limit that there is not', web({ ulimits: [limit(8, 8, 'files' as UlimitName)] }), 'web.ulimits[0].name', '"files"', 'be a UlimitName'],
  ['a setting of the whole kernel', web(control('vm.max_map_count')), 'web.systemControls[0].namespace', '"vm.max_map_count"', 'namespaced kernel parameter'],
  ['a setting for messages that there is not', web(control('kernel.msgmaxx')), 'web.systemControls[0].namespace', '"kernel.msgmaxx"', 'kernel.msg…'],
  ['a setting without a value', web(control('net.core.somaxconn', '')), 'web.systemControls[0].value', '""', 'a string that is not empty'],
  ['a setting twice', web({ systemControls: [...control('net.a').systemControls, ...control('net.a').systemControls] }), 'web.systemControls', '"net.a"', 'have each name once'],
  ['two values of one network', { a: control('net.a', '1'), b: control('net.a', '2') }, 'b.systemControls.net.a', '"2"', 'have the same value as in \'a\''],
  // Not possible for tasks with their own network interface
  ['a custom host name', web({ hostname: 'db' }), 'web.hostname', '"hostname"', 'as an environment variable'],
  ['names of other hosts', web({ extraHosts: { db: '10.0.0.1' } }), 'web.extraHosts', '"extraHosts"', 'private hosted zone'],
  ['name servers', web({ dnsServers: ['10.0.0.2'] }), 'web.dnsServers', '"dnsServers"', 'DHCP options'],
  ['domains to search', web({ dnsSearchDomains: ['apps.local'] }), 'web.dnsSearchDomains', '"dnsSearchDomains"', 'Use complete names'],
  // Ports
  ['a port twice', { web: { port: 80, additionalPorts: [tcp(80)] } }, 'web.additionalPorts', '80', 'differ from the port of \'web\''],
  ['a port of another container', { web: { port: 80 }, zip: { additionalPorts: [tcp(80)] } }, 'zip.additionalPorts', '80', 'Use another port for one of the two processes'],
  ['a UDP port twice', web({ additionalPorts: [udp(53), udp(53)] }), 'web.additionalPorts', '53', 'differ from the port'],
  ['port 0', web({ additionalPorts: [tcp(0)] }), 'web.additionalPorts', '0', '1 to 65535'],
  ['port 70000', web({ additionalPorts: [udp(70000)] }), 'web.additionalPorts', '70000', '1 to 65535'],
  ['a port named in capitals', web({ additionalPorts: [tcp(90, { name: 'Metrics' })] }), 'web.additionalPorts.name', '"Metrics"', 'Use a name such as "metrics"'],
  ['a port named with a dash in front', web({ additionalPorts: [tcp(90, { name: '-x' })] }), 'web.additionalPorts.name', '"-x"', 'not start with "-"'],
  ['a port with a long name', web({ additionalPorts: [tcp(90, { name: 'x'.repeat(65) })] }), 'web.additionalPorts.name', 'x'.repeat(65), '1 to 64'],
  ['two ports of one name', { a: { additionalPorts: [tcp(1, { name: 'x' })] }, b: { additionalPorts: [tcp(2, { name: 'x' })] } }, 'b.additionalPorts', '"x"', 'differ in name from the port of \'a\''],
  ['HTTP over UDP', web({ additionalPorts: [udp(53).http()] }), 'web.additionalPorts', '53', 'Use ListeningPort.tcp(…)'],
  // Health checks
  ['an interval of 4 seconds', check({ interval: s(4) }), 'web.healthCheck.interval', '4', 'from 5 to 300'],
  ['an interval of 301 seconds', check({ interval: s(301) }), 'web.healthCheck.interval', '301', 'from 5 to 300'],
  ['a timeout of 1 second', check({ timeout: s(1) }), 'web.healthCheck.timeout', '1', 'from 2 to 60'],
  ['a timeout of 61 seconds', check({ timeout: s(61) }), 'web.healthCheck.timeout', '61', 'from 2 to 60'],
  ['half a second', check({ timeout: Duration.millis(2500) }), 'web.healthCheck.timeout', '2.5', 'whole number from 2 to 60'],
  ['11 retries', check({ retries: 11 }), 'web.healthCheck.retries', '11', 'from 1 to 10'],
  ['no retries', check({ retries: 0 }), 'web.healthCheck.retries', '0', 'from 1 to 10'],
  ['a start period of 301 seconds', check({ startPeriod: s(301) }), 'web.healthCheck.startPeriod', '301', 'from 0 to 300'],
  ['a check without a command', check({ command: [] }), 'web.healthCheck.command', '[]', 'have at least 1 item'],
  ['a health check with NONE', check({ command: ['NONE'] }), 'web.healthCheck.command', '["NONE"]', 'have a command'],
  ['CMD without a program', check({ command: ['CMD'] }), 'web.healthCheck.command', '["CMD"]', 'have a command'],
  ['words for the shell', check({ command: ['CMD-SHELL', 'curl', '-f'] }), 'web.healthCheck.command', '["CMD-SHELL","curl","-f"]', 'one string after "CMD-SHELL"'],
  // Start, stop and restart
  ['1 second to stop on Fargate', web({ stopTimeout: s(1) }), 'web.stopTimeout', '1', 'from 2 to 120'],
  ['121 seconds to stop on Fargate', web({ stopTimeout: s(121) }), 'web.stopTimeout', '121', 'from 2 to 120'],
  ['121 seconds to start on Fargate', web({ startTimeout: s(121) }), 'web.startTimeout', '121', 'from 2 to 120'],
  ['a restart after 59 seconds', web({ restartPolicy: ContainerRestartPolicy.onExit({ attemptPeriod: s(59) }) }), 'web.restartPolicy.attemptPeriod', '59', 'from 60 to 1800'],
  ['a restart after 1801 seconds', web({ restartPolicy: ContainerRestartPolicy.onExit({ attemptPeriod: s(1801) }) }), 'web.restartPolicy.attemptPeriod', '1801', 'from 60 to 1800'],
  ['exit code 256', web({ restartPolicy: ContainerRestartPolicy.onExit({ ignoredExitCodes: [256] }) }), 'web.restartPolicy.ignoredExitCodes[0]', '256', 'from 0 to 255'],
  ['51 exit codes', web({ restartPolicy: ContainerRestartPolicy.onExit({ ignoredExitCodes: Array(51).fill(1) }) }), 'web.restartPolicy.ignoredExitCodes', '[1,1', 'at most 50'],
  // Dependencies
  ['a dependency on a missing container', web({ dependsOn: [Dependency.started('db')] }), 'web.dependsOn', '"db"', 'Use one of: web.'],
  ['a dependency on a method of objects', web({ dependsOn: [Dependency.started('toString')] }), 'web.dependsOn', '"toString"', 'a container of the same task'],
  ['a dependency on itself', web({ dependsOn: [Dependency.started('web')] }), 'web.dependsOn', '"web → web"', 'not be circular'],
  ['a circle', { a: { dependsOn: [Dependency.started('b')] }, b: { dependsOn: [Dependency.started('c')] }, c: { dependsOn: [Dependency.started('a')] } }, 'a.dependsOn', '"a → b → c → a"', 'not be circular'],
  ['the health of a container without a check', { web: { dependsOn: [Dependency.healthy('db')] }, db: {} }, 'web.dependsOn', '"db"', 'Add a healthCheck to \'db\''],
  ['the end of an essential container', { web: { dependsOn: [Dependency.succeeded('db')] }, db: {} }, 'web.dependsOn', '"db"', 'Write essential: false in \'db\''],
  ['the completion of a container with a restart policy', { web: { dependsOn: [Dependency.completed('db')] }, db: { essential: false, restartPolicy: ContainerRestartPolicy.onExit() } }, 'web.dependsOn', '"db"', 'Remove the restartPolicy of \'db\''],
  ['two conditions for one container', { web: { dependsOn: [Dependency.started('db'), Dependency.healthy('db')] }, db: healthy }, 'web.dependsOn', '"db"', 'have each container once'],
  // Process and environment
  ['an access key', environment('AWS_ACCESS_KEY_ID'), 'web.environment.AWS_ACCESS_KEY_ID', 'not shown', 'bucket.grantRead(service)'],
  ['a secret key', environment('AWS_SECRET_ACCESS_KEY'), 'web.environment.AWS_SECRET_ACCESS_KEY', 'not shown', 'be left out'],
  ['a password for the registry', environment('ECS_ENGINE_AUTH_DATA'), 'web.environment.ECS_ENGINE_AUTH_DATA', 'not shown', 'be left out'],
  ['a name with =', environment('A=B'), 'web.environment', '"A=B"', 'without spaces and "="'],
  ['an empty name', environment(''), 'web.environment', '""', 'have names without spaces'],
  ['a file that is not called .env', web({ environmentFiles: [EnvironmentFile.fromBucket(bucket, 'a.txt')] }), 'web.environmentFiles', '"a.txt"', 'Rename the file'],
  ['11 files', web({ environmentFiles: Array(11).fill(EnvironmentFile.fromBucket(bucket, 'a.env')) }), 'web.environmentFiles', 'S3EnvironmentFile', 'at most 10'],
  ['a relative working directory', web({ workingDirectory: 'app' }), 'web.workingDirectory', '"app"', 'absolute path'],
  ['a user with a space', web({ user: 'a b' }), 'web.user', '"a b"', '"1000:1000"'],
  ['a negative user', web({ user: '-1' }), 'web.user', '"-1"', 'by name or number'],
  // Logs
  ['a stream named with a colon', web({ logging: ContainerLogging.toCloudWatch({ streamPrefix: 'a:b' }) }), 'web.logging.streamPrefix', '"a:b"', 'none of them ":"'],
  ['no buffer', web({ logging: ContainerLogging.toCloudWatch({ delivery: LogDelivery.nonBlocking({ maxBufferSize: Size.mebibytes(0) }) }) }), 'web.logging.delivery.maxBufferSize', '0', 'whole MiB'],
  ['a driver that Fargate has not', web({ logging: ContainerLogging.to(LogDrivers.jsonFile()) }), 'web.logging', '"json-file"', 'awslogs, splunk, awsfirelens'],
  ['a container in the place of the log router', { 'log-router': {}, 'web': { logging: ContainerLogging.to(LogDrivers.firelens({})) } }, 'log-router', '"web"', 'have another name'],
  // Volumes
  ['a relative path', mounts({ data: ephemeral('data') }), 'web.volumes.data', '"data"', 'absolute path'],
  ['a path with a slash at its end', mounts({ '/data/': ephemeral('data') }), 'web.volumes./data/', '"/data/"', 'absolute path'],
  ['a path with ..', mounts({ '/data/../etc': ephemeral('data') }), 'web.volumes./data/../etc', '"/data/../etc"', 'without ".."'],
  ['the root', mounts({ '/': ephemeral('data') }), 'web.volumes./', '"/"', 'Use a directory'],
  ['a volume named with a dot', mount(ephemeral('my.data')), 'web.volumes./data.name', '"my.data"', 'Use a name such as "data"'],
  ['two volumes of one name', mounts({ '/a': ephemeral('x'), '/b': TaskVolume.efs('x', fileSystem) }), 'web.volumes./b', '"x"', 'be the same volume'],
  ['two EBS volumes', mounts({ '/a': managedEbs('a', { size: gib(1) }), '/b': managedEbs('b', { size: gib(1) }) }), '', '["a","b"]', 'at most one EBS volume'],
  ['an EBS volume of no size', mount(managedEbs('a', {})), 'web.volumes./data.size', 'undefined', 'be set without a snapshot'],
  ['an EBS volume of 65 TiB', mount(managedEbs('a', { size: Size.tebibytes(65) })), 'web.volumes./data.size', '66560', 'from 1 to 65536'],
  ['a gp2 volume of 20 TiB', mount(managedEbs('a', { size: Size.tebibytes(20), volumeType: EbsDeviceVolumeType.GP2 })), 'web.volumes./data.size', '20480', 'from 1 to 16384'],
  ['a small st1 volume', mount(managedEbs('a', { size: gib(100), volumeType: EbsDeviceVolumeType.ST1 })), 'web.volumes./data.size', '100', 'from 125 to 16384'],
  ['io2 without operations', mount(managedEbs('a', { size: gib(10), volumeType: EbsDeviceVolumeType.IO2 })), 'web.volumes./data.iops', 'undefined', 'be set for io2'],
  ['operations with gp2', mount(managedEbs('a', { size: gib(10), volumeType: EbsDeviceVolumeType.GP2, iops: 3000 })), 'web.volumes./data.iops', '3000', 'be left out for gp2'],
  ['2999 operations', mount(managedEbs('a', { size: gib(10), iops: 2999 })), 'web.volumes./data.iops', '2999', 'from 3000 to 80000'],
  ['throughput with io1', mount(managedEbs('a', { size: gib(10), volumeType: EbsDeviceVolumeType.IO1, iops: 100, throughput: 200 })), 'web.volumes./data.throughput', '200', 'be left out for io1'],
  ['too much throughput', mount(managedEbs('a', { size: gib(10), throughput: 2001 })), 'web.volumes./data.throughput', '2001', 'from 125 to 2000'],
  ['a snapshot of another name', mount(managedEbs('a', { snapshotId: 'vol-1' })), 'web.volumes./data.snapshotId', '"vol-1"', 'ID of a snapshot'],
  ['NTFS', mount(managedEbs('a', { size: gib(10), fileSystemType: FileSystemType.NTFS })), 'web.volumes./data.fileSystemType', '"ntfs"', 'a Linux file system'],
  ['a magnetic volume on Fargate', mount(managedEbs('a', { size: gib(10), volumeType: EbsDeviceVolumeType.STANDARD })), 'web.volumes./data.volumeType', '"standard"', 'not be magnetic on Fargate'],
  ['a directory next to an access point', mount(TaskVolume.efs('a', fileSystem, { accessPoint, directory: '/x' })), 'web.volumes./data.directory', '"/x"', 'be left out with an access point'],
  ['a file system of EFS without security group', mount(TaskVolume.efs('a', FileSystem.fromFileSystemAttributes(stack, 'Open', { fileSystemId: 'fs-12345678' } as FileSystemAttributes))), 'web.volumes./data.fileSystem', 'Stack/Open', 'have a security group'],
  ['a relative directory of EFS', mount(TaskVolume.efs('a', fileSystem, { directory: 'x' })), 'web.volumes./data.directory', '"x"', 'absolute path'],
  ['five levels of EFS', mount(TaskVolume.efs('a', fileSystem, { directory: '/1/2/3/4/5' })), 'web.volumes./data.directory', '"/1/2/3/4/5"', 'four levels'],
  ['a directory of EFS with a character that EFS rejects', mount(TaskVolume.efs('a', fileSystem, { directory: '/a$b' })), 'web.volumes./data.directory', '"/a$b"', 'absolute path'],
  ['a hidden directory of EFS', mount(TaskVolume.efs('a', fileSystem, { directory: '/.a' })), 'web.volumes./data.directory', '"/.a"', 'that start with "."'],
  ['a long directory of EFS', mount(TaskVolume.efs('a', fileSystem, { directory: `/${'a'.repeat(100)}` })), 'web.volumes./data.directory', '"/aaa', '100 characters'],
  ['an alias as the key of EBS', mount(managedEbs('a', { size: gib(10), encryptionKey: Alias.fromAliasName(stack, 'Alias', 'alias/x') })), 'web.volumes./data.encryptionKey', 'Stack/Alias', 'must be a key'],
  ['a size of EBS that is a token in another unit', mount(managedEbs('a', { size: Size.mebibytes(Token.asNumber({ Ref: 'Size' })) })), 'web.volumes./data.size', 'another unit', 'Use Size.gibibytes'],
  ['a size of a log buffer that is a token', web({ logging: ContainerLogging.toCloudWatch({ delivery: LogDelivery.nonBlocking({ maxBufferSize: Size.mebibytes(Token.asNumber({ Ref: 'Size' })) }) }) }), 'web.logging.delivery.maxBufferSize', 'a token', 'known at synthesis'],
  // Security
  ['root', web({ security: hardened({ user: 'root' }) }), 'web.security.user', '"root"', 'a user other than root'],
  ['root by number', web({ security: hardened({ user: '0:1000' }) }), 'web.security.user', '"0:1000"', 'a user other than root'],
  ['a user by name', web({ security: hardened({ user: 'node' }) }), 'web.security.user', '"node"', 'docker run --entrypoint id'],
  ['a relative writable directory', web({ security: hardened({ writable: ['tmp'] }) }), 'web.security.writable[0]', '"tmp"', 'absolute path'],
  ['a writable directory twice', web({ security: hardened({ writable: ['/a', '/a'] }) }), 'web.security.writable', '"/a"', 'have each directory once'],
  ['a writable directory that is a volume', web({ security: hardened({ writable: ['/a'] }), volumes: { '/a': ephemeral('a') } }), 'web.security.writable', '"/a"', 'Remove one of the two'],
  ['writable directories without size', web({ security: hardened({ writableSize: Size.kibibytes(1) }) }), 'web.security.writableSize', '0.0009765625', 'whole MiB'],
  ['two users', web({ user: 'node', security: hardened() }), 'web.user', '"node"', 'ContainerSecurity.hardened({ user: \'1000\' })'],
  ['a relative writable directory of a read-only container', web({ security: readOnlyRoot({ writable: ['tmp'] }) }), 'web.security.writable[0]', '"tmp"', 'absolute path'],
  ['a writable directory of a read-only container that is a volume', web({ security: readOnlyRoot({ writable: ['/a'] }), volumes: { '/a': ephemeral('a') } }), 'web.security.writable', '"/a"', 'Remove one of the two'],
  ['a user of the security of a read-only container', web({ security: readOnlyRoot({ user: '1' } as object) }), 'web.security.user', '"user"', 'in the options of the container'],
  ['commands in a read-only container', web({ security: readOnlyRoot() }), 'enableExecuteCommand', 'true', 'or the security of \'web\'', { enableExecuteCommand: true }],
  ['commands in a hardened container', web({ security: hardened() }), 'enableExecuteCommand', 'true', 'or the security of \'web\'', { enableExecuteCommand: true }],
  // The task
  ['less memory than is reserved', web({ memoryReservationMiB: 4096 }), 'size', '256 CPU units with 512 MiB', 'have at least what its containers need in total', { size: FargateSize.of(256, 512) }],
  ['20 GiB of disk', web({}), 'ephemeralStorage', '20', 'from 21 to 200', { ephemeralStorage: gib(20) }],
  ['201 GiB of disk', web({}), 'ephemeralStorage', '201', 'leave it out for 20 GiB', { ephemeralStorage: gib(201) }],
  ['half a GiB of disk', web({}), 'ephemeralStorage', '30.5', 'whole number', { ephemeralStorage: Size.mebibytes(31232) }],
];

describe('a service on Fargate reports the path, property, rule, value and fix for', () => {
  test.each(REFUSED)('%s', (_what, containers, property, got, says, props = {}) => {
    const message = saidOf(containers, props);
    expect(message).toMatch(told(propertyOf(property)));
    expect(message).toContain(', got ');
    expect(message).toContain(got);
    expect(message).toContain(says);
    expect(message).not.toContain('hunter2');
  });
});

test('more than sixty bad configurations are tried', () => {
  expect(REFUSED.length).toBeGreaterThan(60);
});

/** The property of a container, unless the property belongs to the service. */
function propertyOf(short: string): string {
  if (['enableExecuteCommand', 'ephemeralStorage', 'size'].includes(short)) return short;
  return short === '' ? 'containers' : `containers.${short}`;
}
