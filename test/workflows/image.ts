import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { ask, install, MissingTool, run } from '../../local/process';

// Programs of the Ubuntu image of GitHub that the workflows use.
const PACKAGES = [
  'build-essential', 'ca-certificates', 'curl', 'default-jdk-headless', 'docker.io', 'git', 'gnupg', 'iproute2', 'iptables', 'jq', 'maven', 'openssl', 'procps',
  'python3', 'python3-pip', 'python3-venv', 'sudo', 'unzip', 'xz-utils', 'zip',
];
const SETUP = [
  'apt-get update -qq',
  `DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ${PACKAGES.join(' ')}`,
  'useradd --create-home --uid 1001 --shell /bin/bash --groups docker runner',
  'echo "runner ALL=(ALL) NOPASSWD:ALL" > /etc/sudoers.d/runner',
  'install --directory --owner runner /home/runner/work/cdk-container-delivery/cdk-container-delivery /opt/hostedtoolcache /srv/work',
  'for program in node npm npx; do ln -s /opt/hostedtoolcache/node/22/bin/$program /usr/local/bin/$program; done',
  'git config --system --add safe.directory /srv/repository.git',
].join(' && ');

/** npm of each version of Node.js: the npm that it brings, or a newer one of the same major version. */
const NPM: Record<string, string> = { 22: '10', 24: '11' };

/** Files of this machine with which package managers find their registries, and programs trust their certificates. */
const CONFIGURATION: readonly (readonly [file: string, inContainer: readonly string[]])[] = [
  ['/etc/apt', ['/etc/apt']],
  ['/etc/ssl/certs/ca-certificates.crt', ['/etc/ssl/certs/ca-certificates.crt']],
  ['/etc/ssl/certs/java/cacerts', ['/etc/ssl/certs/java/cacerts']],
  ['/etc/pip.conf', ['/etc/pip.conf']],
  ['~/.config/pip/pip.conf', ['/root/.config/pip/pip.conf', '/home/runner/.config/pip/pip.conf']],
  ['~/.npmrc', ['/root/.npmrc', '/home/runner/.npmrc']],
  ['~/.m2/settings.xml', ['/root/.m2/settings.xml', '/home/runner/.m2/settings.xml']],
];
// Other settings of npm are preferences of a person.
const NPM_REGISTRIES = /^ *(\/\/|(@\S+:)?registry\b|ca\b|cafile\b|strict-ssl\b|(https?-)?proxy\b|noproxy\b)/;
const VARIABLES = /^(\w+_CA_(BUNDLE|CERTS|CERTS_FILE)|\w+_CERT(_FILE|_DIR)?|GIT_SSL_CAINFO|https?_proxy|no_proxy|PIP_INDEX_URL)$/i;
const GO_VARIABLES = ['GOPROXY', 'GOSUMDB', 'GONOSUMDB', 'GOPRIVATE'];

/** Names and values of variables of this machine that the containers need. */
export function configurationVariables(): Record<string, string> {
  const own = Object.entries(process.env).filter(([name, value]) => VARIABLES.test(name) && value) as [string, string][];
  const go = ask('go', ['env', ...GO_VARIABLES]).out.split('\n').map((value, index): [string, string] => [GO_VARIABLES[index], value]);
  return Object.fromEntries([...own, ...go.filter(([, value]) => value)]);
}

/** Options of `docker run` that copy the configuration of this machine. The folder receives copies that the user in the container can read. */
export function configurationOptions(folder: string): string[] {
  return CONFIGURATION.flatMap(([file, targets], index) => {
    const source = file.replace(/^~/, os.homedir());
    if (!fs.existsSync(source)) return [];
    return targets.flatMap((target, copy) => {
      const own = path.join(folder, `configuration-${index}-${copy}`);
      fs.cpSync(source, own, { recursive: true, dereference: true });
      if (file.endsWith('.npmrc')) fs.writeFileSync(own, fs.readFileSync(own, 'utf8').split('\n').filter(line => NPM_REGISTRIES.test(line)).join('\n'));
      if (target.startsWith('/home/runner/')) fs.chownSync(own, 1001, 1001);
      return ['--volume', `${own}:${target}:ro`];
    });
  });
}

/** The Docker image of a machine of GitHub, from packages of Debian. It is built once. */
export async function makeImage(folder: string): Promise<string> {
  const image = `cdk-container-delivery-workflows:${createHash('sha256').update(SETUP).digest('hex').slice(0, 12)}`;
  if (ask('docker', ['image', 'inspect', image]).ok) return image;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new MissingTool('The image for the workflows can only be built as root on Linux.');
  if (!ask('debootstrap', ['--version']).ok) await install('No debootstrap', ['debootstrap'], 'The image for the workflows needs Debian or Ubuntu.');
  const base = path.join(folder, 'base');
  const container = `workflows-image-${process.pid}`;
  try {
    await run('debootstrap', ['--variant=minbase', 'bookworm', base, ...mirror()]);
    await run('bash', ['-c', `tar --create --directory "${base}" . | docker import - ${container}`]);
    await run('docker', ['run', '--name', container, '--volume', '/etc/apt:/etc/apt:ro', container, 'bash', '-c', SETUP]);
    await run('docker', ['commit', container, image]);
  } finally {
    ask('docker', ['rm', '--force', container]);
    ask('docker', ['rmi', container]);
    fs.rmSync(base, { recursive: true, force: true });
  }
  return image;
}

/** The first Debian archive of this machine, if it has one. */
function mirror(): string[] {
  const file = '/etc/apt/sources.list.d/debian.sources';
  const found = fs.existsSync(file) ? /^URIs: *(\S+)/m.exec(fs.readFileSync(file, 'utf8')) : null;
  return found ? [found[1]] : [];
}

/** A folder with the versions of Node.js that the image of GitHub has, or that the workflows install, each with its npm. */
export function installNodes(folder: string): string {
  for (const [version, npm] of Object.entries(NPM)) {
    const prefix = path.join(folder, 'node', version);
    if (fs.existsSync(path.join(prefix, 'bin', 'npx'))) continue;
    execFileSync('npm', ['install', '--global', '--no-audit', '--no-fund', '--prefix', prefix, `node@${version}`, `npm@${npm}`], { stdio: 'inherit', cwd: folder });
  }
  return path.join(folder, 'node');
}
