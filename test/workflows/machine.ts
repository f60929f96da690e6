import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES } from './commands';
import { configurationOptions, configurationVariables } from './image';
import { PlannedStep } from './plan';
import { ask } from '../../local/process';

const REPOSITORY = 'cdk-container-delivery/cdk-container-delivery';
const WORKSPACE = '/home/runner/work/cdk-container-delivery/cdk-container-delivery';
const PROGRAMS = '/home/runner/.local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

// Addresses that only publishing uses. They lead to the services on loopback.
const LOOPBACK = [
  'upload.pypi.org', 'pypi.python.org', 'test.pypi.org', 'ossrh-staging-api.central.sonatype.com', 'oss.sonatype.org', 'api.github.com', 'uploads.github.com', 'www.nuget.org',
  'fulcio.sigstore.dev', 'rekor.sigstore.dev',
];

// What a Docker engine in a container needs. `--privileged` would ask for more, which this machine may not have.
const CAPABILITIES = [
  'SYS_ADMIN', 'NET_ADMIN', 'NET_RAW', 'SYS_PTRACE', 'SYS_CHROOT', 'MKNOD', 'SETPCAP', 'DAC_READ_SEARCH', 'LINUX_IMMUTABLE', 'SYS_NICE', 'IPC_LOCK',
];
const PRIVILEGES = [
  ...CAPABILITIES.flatMap(name => ['--cap-add', name]),
  ...['seccomp', 'apparmor', 'systempaths'].flatMap(name => ['--security-opt', `${name}=unconfined`]), '--device-cgroup-rule', 'a *:* rwm',
];

export interface MachineOptions {
  readonly image: string;
  /** Node.js by version. */
  readonly nodes: string;
  /** A bare clone of the project. */
  readonly repository: string;
  readonly artifacts: string;
  readonly ref: string;
  readonly log: string;
}

/** A container that is a machine of GitHub for one job: a user with sudo, a Docker engine, and services on loopback to publish to. */
export class Machine {
  public static async start(options: MachineOptions): Promise<Machine> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'workflow-'));
    const machine = new Machine(options, folder);
    try {
      await machine.prepare();
      return machine;
    } catch (error) {
      machine.stop();
      throw error;
    }
  }

  private readonly name = `workflow-${process.pid}-${Date.now()}`;
  private readonly scripts: string;

  private constructor(private readonly options: MachineOptions, private readonly folder: string) {
    this.scripts = path.join(folder, 'scripts');
    fs.mkdirSync(this.scripts);
  }

  private async prepare(): Promise<void> {
    const { image, nodes, repository, artifacts } = this.options;
    const mounts = [
      [nodes, '/opt/hostedtoolcache/node'], [ask('go', ['env', 'GOROOT']).out, '/opt/hostedtoolcache/go'], [repository, '/srv/repository.git'],
      [path.join(__dirname, 'programs'), '/opt/programs'], [path.join(__dirname, 'services.mjs'), '/opt/services.mjs'],
      [this.scripts, '/srv/step'],
    ].filter(([source]) => source);
    const created = ask('docker', [
      'run', '--detach', '--init', ...PRIVILEGES, '--name', this.name, '--volume', '/var/lib/docker', '--volume', `${artifacts}:/srv/artifacts`,
      ...mounts.flatMap(([source, target]) => ['--volume', `${source}:${target}:ro`]),
      ...configurationOptions(this.folder), ...LOOPBACK.flatMap(host => ['--add-host', `${host}:127.0.0.1`]), image, 'sleep', 'infinity',
    ]);
    if (!created.ok) throw new Error(`The container did not start: ${created.problem}`);
    this.asRoot([
      `echo 'Defaults env_keep += "${Object.keys(configurationVariables()).join(' ')}"' > /etc/sudoers.d/configuration`,
      'touch /srv/work/{environment,path,output,summary} /srv/published /srv/requests',
      'chown -R runner /srv/work /srv/published',
      'ln -s /opt/programs/gh /usr/bin/gh',
      'openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=pypi.org -addext subjectAltName=DNS:pypi.org,DNS:upload.pypi.org,DNS:pypi.python.org '
        + '-keyout /srv/services.key -out /srv/services.pem 2>/dev/null',
      'cat /etc/ssl/certs/ca-certificates.crt /srv/services.pem > /srv/authorities.pem',
    ].join('\n'));
    this.asRoot('for group in /sys/fs/cgroup/*/; do mount -o remount,bind,rw "$group"; done');
    this.background('exec node /opt/services.mjs /srv > /srv/services.log 2>&1');
    this.background('exec dockerd > /srv/dockerd.log 2>&1');
    const ready = 'docker version > /dev/null 2>&1 && curl --silent http://localhost:4873/identity > /dev/null';
    for (let tries = 0; tries < 60; tries++) {
      if (ask('docker', ['exec', this.name, 'bash', '-c', ready]).ok) return;
      await sleep(1_000);
    }
    throw new Error(`The Docker engine or the services in the container did not start:\n${this.asRoot('tail -5 /srv/dockerd.log /srv/services.log')}`);
  }

  /** Runs a step, with its output in the log, and returns its exit code. */
  public async run(step: PlannedStep, hasIdentity: boolean): Promise<number> {
    const log = fs.openSync(this.options.log, 'a');
    fs.writeFileSync(path.join(this.scripts, 'script'), step.script ?? '');
    const env = { ...configurationVariables(), ...this.variables(hasIdentity), ...step.env };
    const child = spawn('docker', [
      'exec', '--user', 'runner', '--workdir', path.posix.join(WORKSPACE, step.workingDirectory ?? '.'), ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
      this.name, '/opt/programs/step', '/srv/step/script',
    ], { stdio: ['ignore', log, log] });
    const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
    fs.closeSync(log);
    return code ?? 1;
  }

  /** What has been published, one line for each file. */
  public published(): string {
    return this.asRoot('cat /srv/published; sed "s/^/Not accepted: /" /srv/requests');
  }

  /** Removes the container. The deletion of its files continues after this program ends. */
  public stop(): void {
    spawn('docker', ['rm', '--force', '--volumes', this.name], { detached: true, stdio: 'ignore' }).unref();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** The variables that each step has on GitHub. */
  private variables(hasIdentity: boolean): Record<string, string> {
    const { ref } = this.options;
    return {
      CI: 'true', PATH: PROGRAMS, HOME: '/home/runner', USER: 'runner', RUNNER_OS: 'Linux', RUNNER_TEMP: '/srv/work',
      RUNNER_TOOL_CACHE: '/opt/hostedtoolcache',
      GITHUB_ACTIONS: 'true', GITHUB_ACTOR: 'runner', GITHUB_REPOSITORY: REPOSITORY, GITHUB_SERVER_URL: 'https://github.com', GITHUB_API_URL: 'https://api.github.com',
      GITHUB_REF: ref, GITHUB_REF_NAME: ref.replace(/^refs\/(heads|tags)\//, ''), GITHUB_WORKSPACE: WORKSPACE,
      GITHUB_ENV: '/srv/work/environment', GITHUB_PATH: '/srv/work/path', GITHUB_OUTPUT: '/srv/work/output', GITHUB_STEP_SUMMARY: '/srv/work/summary',
      ...hasIdentity ? { ACTIONS_ID_TOKEN_REQUEST_URL: `http://${SERVICES}/identity?api-version=2.0`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token' } : {},
    };
  }

  private asRoot(script: string): string {
    return ask('docker', ['exec', this.name, 'bash', '-c', script]).out;
  }

  private background(script: string): void {
    ask('docker', ['exec', '--detach', this.name, 'bash', '-c', script]);
  }
}
