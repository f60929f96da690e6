import { LogDrivers } from 'aws-cdk-lib/aws-ecs';
import {
  ContainerDependency, ContainerLogging, ContainerRestartPolicy, ContainerSecurity, ListeningPort, LogDelivery, TaskVolume,
} from '../../../src';
import { saidOf } from '../../helpers/containers';
import { told, wrong } from '../../helpers/wrong-input';

const LISTS = ['command', 'entryPoint', 'additionalPorts', 'dependsOn', 'ulimits', 'environmentFiles', 'systemControls'];
const OBJECTS = ['restartPolicy', 'logging', 'security', 'stopTimeout', 'startTimeout', 'sharedMemorySize', 'volumes', 'dockerLabels', 'secrets', 'environment'];
const WRONG = [null, 'x', 1];

const cases: [string, unknown][] = [
  ...[...LISTS, ...OBJECTS].flatMap(property => WRONG.map((value): [string, unknown] => [property, value])),
  ...LISTS.map((property): [string, unknown] => [property, [null]]),
  ...LISTS.map((property): [string, unknown] => [property, [{}]]),
  ...['port', 'cpu', 'memoryLimitMiB', 'memoryReservationMiB'].flatMap((property): [string, unknown][] => [[property, null], [property, '80'], [property, {}]]),
  ...['essential', 'initProcessEnabled', 'pseudoTerminal'].flatMap((property): [string, unknown][] => [[property, 'false'], [property, null], [property, 0]]),
  ...['workingDirectory', 'user'].flatMap((property): [string, unknown][] => [[property, null], [property, 1], [property, {}]]),
  ...[null, 'on', 1, {}].map((value): [string, unknown] => ['versionConsistency', value]),
  ['systemControls.net.a', [{ namespace: 'net.a', value: 1 }]], ['systemControls.net.a', [{ namespace: 'net.a' }]], ['hostname', null],
  ['security', ContainerSecurity.readOnlyRoot], ['security', ContainerSecurity.readOnlyRoot(wrong(null))], ['security.writable', ContainerSecurity.readOnlyRoot({ writable: wrong('/tmp') })],
  ['restartPolicy', ContainerRestartPolicy.onExit], ['restartPolicy', ContainerRestartPolicy.onExit(wrong(null))], ['restartPolicy.attemptPeriod', ContainerRestartPolicy.onExit({ attemptPeriod: wrong(60) })],
  ['restartPolicy.ignoredExitCodes', ContainerRestartPolicy.onExit({ ignoredExitCodes: wrong(1) })], ['restartPolicy.ignoredExitCodes', ContainerRestartPolicy.onExit({ ignoredExitCodes: wrong(['1']) })],
  ['logging', ContainerLogging.toCloudWatch], ['logging', ContainerLogging.toCloudWatch(wrong('x'))], ['logging', ContainerLogging.to(wrong(undefined))],
  ['logging', ContainerLogging.to(wrong(LogDrivers.awsLogs))], ['logging.logGroup', ContainerLogging.toCloudWatch({ logGroup: wrong('/logs') })],
  ['logging.streamPrefix', ContainerLogging.toCloudWatch({ streamPrefix: wrong(1) })], ['logging.multilinePattern', ContainerLogging.toCloudWatch({ multilinePattern: wrong(/x/) })],
  ['logging.delivery', ContainerLogging.toCloudWatch({ delivery: wrong('blocking') })], ['logging.delivery', ContainerLogging.toCloudWatch({ delivery: wrong(LogDelivery.blocking) })],
  ['logging.delivery', ContainerLogging.toCloudWatch({ delivery: LogDelivery.nonBlocking(wrong(null)) })],
  ['logging.delivery.maxBufferSize', ContainerLogging.toCloudWatch({ delivery: LogDelivery.nonBlocking({ maxBufferSize: wrong(1) }) })],
  ['security', ContainerSecurity.hardened], ['security', ContainerSecurity.hardened(wrong(null))], ['security.user', ContainerSecurity.hardened({ user: wrong(1000) })],
  ['security.writable', ContainerSecurity.hardened({ writable: wrong('/tmp') })], ['security.writable', ContainerSecurity.hardened({ writable: wrong([null]) })],
  ['security.writableSize', ContainerSecurity.hardened({ writableSize: wrong(64) })],
  ['additionalPorts', [ListeningPort.tcp]], ['additionalPorts', [80]], ['additionalPorts', [ListeningPort.tcp(wrong('80'))]], ['additionalPorts', [ListeningPort.tcp(80, wrong(null))]],
  ['additionalPorts.name', [ListeningPort.tcp(80, { name: wrong(1) })]],
  ['dependsOn', ['db']], ['dependsOn', [ContainerDependency.started]], ['dependsOn', [ContainerDependency.started(wrong(undefined))]], ['dependsOn', [ContainerDependency.healthy(wrong(null))]],
  ['dependsOn', [{ containerName: 'web', condition: 'START' }]],
  ['volumes./data', { '/data': 'data' }], ['volumes./data', { '/data': TaskVolume.ephemeral }], ['volumes./data', { '/data': null }], ['volumes./data.name', { '/data': TaskVolume.ephemeral(wrong(undefined)) }],
  ['volumes./data', { '/data': TaskVolume.managedEbs('a', wrong(undefined)) }], ['volumes./data.size', { '/data': TaskVolume.managedEbs('a', { size: wrong(10) }) }],
  ['volumes./data.volumeType', { '/data': TaskVolume.managedEbs('a', { size: wrong(10), volumeType: wrong('gp9') }) }],
  ['volumes./data.encryptionKey', { '/data': TaskVolume.managedEbs('a', { snapshotId: 'snap-1', encryptionKey: wrong('key') }) }],
  ['volumes./data.fileSystem', { '/data': TaskVolume.efs('a', wrong('fs-1')) }], ['volumes./data.fileSystem', { '/data': TaskVolume.efs('a', wrong(undefined)) }],
  ['ulimits', [{ name: 'nofile', softLimit: '1', hardLimit: 2 }]], ['dockerLabels.a', { a: 1 }], ['healthCheck.command', undefined],
];

describe('wrong types from JavaScript for a container are reported with path, property, rule, value and fix:', () => {
  test.each(cases)('%s: %p', (property, value) => {
    const [name] = property.split('.');
    const given = name === 'healthCheck' ? { command: value } : value;
    const message = saidOf({ web: { [name]: given } });
    expect(message).toMatch(/^Stack\/Service: 'containers\.web\./);
    expect(message).toMatch(told(message.split('\'')[1]));
    expect(message).toContain(`'containers.web.${name}`);
  });

  test.each([null, 'x', 30, {}])('ephemeral storage of %p', ephemeralStorage => {
    expect(saidOf({ web: {} }, { ephemeralStorage })).toMatch(told('ephemeralStorage'));
  });
});
