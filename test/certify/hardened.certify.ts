import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { provideBaseImage } from '../../local/base';
import { ask, run } from '../../local/process';
import { ContainerSecurity } from '../../src';
import { Rendered, serviceWith, taskOf } from '../helpers/containers';

// The container definition of a hardened container, passed to Docker literally: each setting is an option of `docker run`.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
const IMAGE = `hardened-${process.pid}`;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hardened-'));
const certify = process.env.CERTIFY_NO_DOCKER ? describe.skip : describe;

/** A typical image with a directory that belongs to root. */
async function buildImage(): Promise<void> {
  await provideBaseImage('busybox', IMAGE, folder, process.env);
  fs.writeFileSync(path.join(folder, 'Dockerfile'), 'FROM busybox\nRUN mkdir -p /var/cache/app /tmp && chmod 755 /var/cache/app && chmod 1777 /tmp\n');
  await run('docker', ['build', '--quiet', '--tag', IMAGE, folder]);
}

function dockerWords({ User, ReadonlyRootFilesystem, LinuxParameters, SystemControls = [], DockerSecurityOptions = [] }: Rendered): string[] {
  return [
    '--user', User,
    ...ReadonlyRootFilesystem ? ['--read-only'] : [],
    ...LinuxParameters.Capabilities.Drop.flatMap((name: string) => ['--cap-drop', name]),
    ...LinuxParameters.Tmpfs.flatMap(({ ContainerPath, Size, MountOptions }: Rendered) => ['--tmpfs', `${ContainerPath}:${[...MountOptions, `size=${Size}m`].join()}`]),
    // Docker allows every user to listen on every port, and ECS does not: this is the ECS setting.
    ...SystemControls.length === 0 ? ['--sysctl', 'net.ipv4.ip_unprivileged_port_start=1024'] : [],
    ...SystemControls.flatMap(({ Namespace, Value }: Rendered) => ['--sysctl', `${Namespace}=${Value}`]),
    ...DockerSecurityOptions.flatMap((option: string) => ['--security-opt', option]),
  ];
}

/** The output of a script in a container with these settings. */
function said(script: string, options: object = {}, launch: 'Fargate' | 'EC2' = 'Fargate'): string {
  const security = ContainerSecurity.hardened({ writable: ['/tmp', '/var/cache/app', '/new/place'] });
  const { web } = taskOf(serviceWith({ web: { security, ...options } }, {}, { launch }).stack).containers;
  return ask('docker', ['run', '--rm', ...dockerWords(web), IMAGE, 'sh', '-c', `exec 2>&1; ${script}`]).out;
}

certify('in a hardened container that Docker runs', () => {
  beforeAll(buildImage);
  afterAll(() => {
    // The base image too, if it was created here.
    ask('docker', ['image', 'rm', '--force', IMAGE]);
    ask('docker', ['image', 'prune', '--all', '--force', '--filter', `label=local-cloud=${IMAGE}`]);
    fs.rmSync(folder, { recursive: true });
  });

  test('nobody is root, and nothing has capabilities', () => {
    expect(said('id -u; id -g; grep CapBnd /proc/self/status')).toBe('65532\n65532\nCapBnd:\t0000000000000000');
  });

  test.each(['/tmp', '/var/cache/app', '/new/place'])('the process can write to %s, and cannot execute anything there', directory => {
    expect(said(`cp /bin/busybox ${directory}/sh && echo written && ${directory}/sh true`)).toMatch(/^written\n.*Permission denied/);
  });

  test.each(['/', '/bin', '/var', '/new'])('the process cannot write to %s', directory => {
    expect(said(`touch ${directory}/x || echo refused`)).toMatch(/Read-only file system\nrefused$/);
  });

  test('the process can listen on port 80 if that is a port of the container, and otherwise not', () => {
    const listen = '(timeout 2 nc -l -p 80 &) ; sleep 0.5; netstat -ltn | grep -c ":80 "';
    expect(said(listen, { port: 80 })).toBe('1');
    expect(said(listen)).toMatch(/Permission denied\n0$/);
  });

  test('on EC2, a program cannot gain privileges', () => {
    expect(said('grep NoNewPrivs /proc/self/status', {}, 'EC2')).toBe('NoNewPrivs:\t1');
  });
});
