import { Size } from 'aws-cdk-lib';
import { ContainerSecurity, ListeningPort, TaskVolume } from '../../../src';
import { NGINX, serviceWith, taskOf } from '../../helpers/containers';

const { hardened, readOnlyRoot } = ContainerSecurity;
const OPENED = [{ Namespace: 'net.ipv4.ip_unprivileged_port_start', Value: '0' }];

function rendered(options: object, launch: 'Fargate' | 'EC2' = 'Fargate') {
  return taskOf(serviceWith({ web: options }, {}, { launch }).stack).containers.web;
}

describe('a hardened container', () => {
  test('cannot write to its root filesystem, is not root, and has no capabilities', () => {
    expect(rendered({ security: hardened() })).toMatchObject({
      ReadonlyRootFilesystem: true, User: '65532:65532', LinuxParameters: { Capabilities: { Drop: ['ALL'] } },
    });
    expect(rendered({ security: hardened({ user: '1000' }) }).User).toBe('1000');
  });

  test('gets the setting against new privileges where it exists: Fargate rejects it', () => {
    expect(rendered({ security: hardened() }, 'EC2').DockerSecurityOptions).toEqual(['no-new-privileges']);
    expect(rendered({ security: hardened() }).DockerSecurityOptions).toBeUndefined();
  });

  test('can write to /tmp in memory, where nothing can be executed', () => {
    expect(rendered({ security: hardened() }).LinuxParameters.Tmpfs)
      .toEqual([{ ContainerPath: '/tmp', Size: 64, MountOptions: ['nosuid', 'nodev', 'noexec'] }]);
  });

  test('can write to the directories that you name, which belong to its user', () => {
    const { Tmpfs } = rendered({ security: hardened({ user: '101:102', writable: ['/tmp', '/run'], writableSize: Size.mebibytes(16) }) }).LinuxParameters;
    expect(Tmpfs).toEqual([
      { ContainerPath: '/tmp', Size: 16, MountOptions: ['nosuid', 'nodev', 'noexec'] },
      { ContainerPath: '/run', Size: 16, MountOptions: ['nosuid', 'nodev', 'noexec', 'uid=101', 'gid=102'] },
    ]);
    expect(rendered({ security: hardened({ user: '101', writable: ['/run'] }) }).LinuxParameters.Tmpfs[0].MountOptions).toContain('uid=101');
  });

  test('writes to a volume at /tmp instead of memory, if you mount one', () => {
    const { LinuxParameters, MountPoints } = rendered({ security: hardened(), volumes: { '/tmp': TaskVolume.ephemeral('tmp') } });
    expect(LinuxParameters.Tmpfs).toBeUndefined();
    expect(MountPoints).toEqual([{ ContainerPath: '/tmp', ReadOnly: false, SourceVolume: 'tmp' }]);
  });

  test('can listen on a port below 1024, which ECS otherwise allows only for root', () => {
    expect(rendered({ security: hardened(), port: 80 }).SystemControls).toEqual(OPENED);
    expect(rendered({ security: hardened(), additionalPorts: [ListeningPort.udp(53)] }).SystemControls).toEqual(OPENED);
    expect(rendered({ security: hardened(), port: 8080 }).SystemControls).toBeUndefined();
  });

  test('cannot be added to a service with ECS Exec', () => {
    const { service } = serviceWith({ web: {} }, { enableExecuteCommand: true });
    expect(() => service.addContainer('side', { image: NGINX, security: hardened() }))
      .toThrow('Stack/Service: \'enableExecuteCommand\' must be left out if a container has a read-only root filesystem, because its agent writes to it');
    expect(() => service.addContainer('other', { image: NGINX })).not.toThrow();
  });
});

describe('a container with a read-only root filesystem', () => {
  test('cannot write to it, and keeps the user, the capabilities and the privileges of its image', () => {
    const { ReadonlyRootFilesystem, User, LinuxParameters, DockerSecurityOptions, SystemControls } = rendered({ security: readOnlyRoot(), port: 80 }, 'EC2');
    expect(ReadonlyRootFilesystem).toBe(true);
    expect([User, DockerSecurityOptions, SystemControls]).toEqual(Array(3).fill(undefined));
    expect(LinuxParameters).toEqual({ Capabilities: {}, Tmpfs: [{ ContainerPath: '/tmp', Size: 64, MountOptions: ['nosuid', 'nodev', 'noexec'] }] });
  });

  test('can write to the directories that you name, which belong to root or to the user ID that you give', () => {
    const security = readOnlyRoot({ writable: ['/run', '/var/cache/nginx'], writableSize: Size.mebibytes(16) });
    const ofRoot = { ContainerPath: '/run', Size: 16, MountOptions: ['nosuid', 'nodev', 'noexec'] };
    expect(rendered({ security }).LinuxParameters.Tmpfs).toEqual([ofRoot, { ...ofRoot, ContainerPath: '/var/cache/nginx' }]);
    const named = rendered({ security, user: 'nginx' });
    expect([named.User, named.LinuxParameters.Tmpfs[0]]).toEqual(['nginx', ofRoot]);
    const numbered = rendered({ security, user: '101:102' });
    expect([numbered.User, numbered.LinuxParameters.Tmpfs[0].MountOptions]).toEqual(['101:102', ['nosuid', 'nodev', 'noexec', 'uid=101', 'gid=102']]);
  });

  test('writes to a volume at /tmp if you mount one, and has no writable directory if you ask for that', () => {
    expect(rendered({ security: readOnlyRoot(), volumes: { '/tmp': TaskVolume.ephemeral('tmp') } }).LinuxParameters?.Tmpfs).toBeUndefined();
    expect(rendered({ security: readOnlyRoot({ writable: [] }) }).LinuxParameters?.Tmpfs).toBeUndefined();
  });

  test('cannot be added to a service with ECS Exec', () => {
    const { service } = serviceWith({ web: {} }, { enableExecuteCommand: true });
    expect(() => service.addContainer('side', { image: NGINX, security: readOnlyRoot() })).toThrow('because its agent writes to it');
  });
});

test('a container without security options keeps the settings of its image: the public nginx runs', () => {
  const { User, ReadonlyRootFilesystem, LinuxParameters, DockerSecurityOptions, SystemControls, Privileged } = rendered({ port: 80 });
  expect([User, ReadonlyRootFilesystem, LinuxParameters, DockerSecurityOptions, SystemControls, Privileged]).toEqual(Array(6).fill(undefined));
});
