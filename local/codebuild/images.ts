import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Env, MissingTool, ask, run, say } from '../process';

const BUILDKIT = 'v0.17.3';
const BUILDX = 'v0.19.3';
const MODULES = [
  [`github.com/moby/buildkit/cmd/buildkitd@${BUILDKIT}`, `github.com/moby/buildkit/cmd/buildctl@${BUILDKIT}`], [`github.com/docker/buildx/cmd/buildx@${BUILDX}`],
];

// The programs that the commands of a build call, and those for its own network. The images of CodeBuild have more.
const PACKAGES = [
  'base-files', 'bash', 'busybox-static', 'coreutils', 'dash', 'dnsmasq-base', 'docker.io', 'findutils', 'grep', 'gzip', 'jq', 'python3', 'sed', 'socat', 'tar',
];
// Dependencies that only the installation of the packages uses.
const UNUSED = /^(adduser|debconf|dmsetup|dpkg|gcc-\d|init-system|libperl|lsb|libfile-find|lib[a-z-]+-perl|libpam|passwd|perl|sysvinit|usrmerge|python3-wheel)/;
const UNUSED_FILES = ['share/doc', 'share/man', 'share/locale', 'bin/ctr', 'bin/dnet', 'bin/containerd-shim-runc-v1', 'bin/containerd-stress', 'sbin/ovrouter'];
const FOR_BUILDKIT = /^(base-files|busybox-static|libc6|libgcc-s1|libseccomp2|runc)_/;
const SCRIPTS = ['runc', 'start-build-environment'];
const HERE = __dirname;

/** The files of the fake CodeBuild. They are created once for all local clouds of a machine. */
export interface CodeBuildFiles {
  /** The folder of `buildkit.tar`. */
  readonly folder: string;
  /** The file system of the build environment. */
  readonly environment: string;
}

/**
 * The build environment and BuildKit, built from Debian packages, Go modules and the AWS CLI from PyPI,
 * because not every machine can reach the registry with the images of CodeBuild, which have 10 GB.
 *
 * @param python an interpreter with pip
 */
export async function makeCodeBuildFiles(python: string): Promise<CodeBuildFiles> {
  const recipe = ['images.ts', 'requirements.txt', ...SCRIPTS].map((file) => fs.readFileSync(path.join(HERE, file), 'utf8'));
  const hash = createHash('sha256').update(JSON.stringify([recipe, process.arch])).digest('hex').slice(0, 12);
  const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'cdk-container-delivery');
  const folder = path.join(cache, `codebuild-${hash}`);
  const files = { folder, environment: path.join(folder, 'environment.tar') };
  if (fs.existsSync(folder)) return files;
  if (process.platform !== 'linux') throw new MissingTool('CodeBuild on the local cloud needs Linux');
  if (!ask('go', ['version']).ok) throw new MissingTool('CodeBuild on the local cloud compiles BuildKit. Install Go 1.22 or newer: https://go.dev/doc/install');
  if (!ask('apt-get', ['--version']).ok) throw new MissingTool('CodeBuild on the local cloud needs the packages of Debian or Ubuntu');
  fs.mkdirSync(cache, { recursive: true });
  const work = fs.mkdtempSync(path.join(cache, 'making-'));
  try {
    say(`  making the build environment in ${folder}; this takes some minutes, once`);
    const bin = path.join(cache, `buildkit-${BUILDKIT}-buildx-${BUILDX}-${process.arch}`);
    await Promise.all([compile(bin), download(path.join(work, 'packages')), installAws(python, path.join(work, 'aws'))]);
    fs.mkdirSync(path.join(work, 'made'));
    await pack(work, 'environment', (name) => !UNUSED.test(name), { 'usr/libexec/docker/cli-plugins/docker-buildx': path.join(bin, 'buildx') });
    await pack(work, 'buildkit', (name) => FOR_BUILDKIT.test(name), Object.fromEntries(['buildkitd', 'buildctl'].map((name) => [`usr/bin/${name}`, path.join(bin, name)])));
    if (!fs.existsSync(folder)) fs.renameSync(path.join(work, 'made'), folder);
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
  return files;
}

/** Loads the image of the build environment into the engine. Its label is used to remove it with the local cloud. */
export async function loadBuildEnvironment({ environment }: CodeBuildFiles, name: string, env: Env): Promise<void> {
  await run('docker', ['import', '--change', `LABEL local-cloud=${name}`, environment, `local-cloud-${name}/codebuild`], { env });
}

/** The Go proxy checks the modules against the checksum database, so they have no hashes here. */
async function compile(bin: string): Promise<void> {
  if (fs.existsSync(bin)) return;
  const env = { ...process.env, GOBIN: `${bin}.making`, CGO_ENABLED: '0' };
  for (const modules of MODULES) await run('go', ['install', '-trimpath', '-ldflags=-s -w', ...modules], { env });
  fs.renameSync(`${bin}.making`, bin);
}

/** Downloads packages and their dependencies. With an empty list of installed packages, this changes nothing on the machine. */
async function download(folder: string): Promise<void> {
  fs.mkdirSync(path.join(folder, 'partial'), { recursive: true });
  const options = [
    'Dir::State::status=/dev/null', `Dir::Cache::archives=${folder}`, 'Debug::NoLocking=1', 'APT::Sandbox::User=root', 'Dpkg::Use-Pty=0',
  ].flatMap((option) => ['-o', option]);
  const get = () => ask('apt-get', [...options, '-qq', '--yes', '--no-install-recommends', '--print-uris', 'install', ...PACKAGES]).ok;
  if (!get()) await run('apt-get', ['update', '-qq']);
  await run('apt-get', [...options, '-qq', '--yes', '--no-install-recommends', '--download-only', 'install', ...PACKAGES]);
}

async function installAws(python: string, folder: string): Promise<void> {
  const pinned = ['--require-hashes', '--only-binary', ':all:', '--requirement', path.join(HERE, 'requirements.txt')];
  await run(python, ['-m', 'pip', 'install', '--quiet', '--no-compile', '--disable-pip-version-check', '--target', folder, ...pinned]);
  fs.rmSync(path.join(folder, 'awscli', 'examples'), { recursive: true, force: true });
}

/** Creates `made/<name>.tar` with packages and programs, by their paths in it. */
async function pack(work: string, name: string, wanted: (archive: string) => boolean, programs: Record<string, string>): Promise<void> {
  const root = path.join(work, name);
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
    fs.mkdirSync(path.join(root, 'usr', folder), { recursive: true });
    fs.symlinkSync(`usr/${folder}`, path.join(root, folder));
  }
  const packages = path.join(work, 'packages');
  const left = UNUSED_FILES.map((file) => `--exclude=./usr/${file}`).join(' ');
  for (const archive of fs.readdirSync(packages).filter((file) => file.endsWith('.deb') && wanted(file))) {
    const unpack = `dpkg-deb --fsys-tarfile "$0" | tar --extract --keep-directory-symlink --no-same-owner ${left} --directory "$1"`;
    await run('bash', ['-o', 'pipefail', '-c', unpack, path.join(packages, archive), root]);
  }
  for (const [target, program] of Object.entries(programs)) {
    fs.mkdirSync(path.dirname(path.join(root, target)), { recursive: true });
    fs.copyFileSync(program, path.join(root, target));
  }
  if (name === 'environment') {
    fs.cpSync(path.join(work, 'aws'), path.join(root, 'opt', 'aws'), { recursive: true });
    const first = path.join(root, 'usr/local/bin'); // before /usr/sbin, where the real runc is
    fs.mkdirSync(first, { recursive: true });
    for (const script of SCRIPTS) fs.writeFileSync(path.join(first, script), fs.readFileSync(path.join(HERE, script)), { mode: 0o755 });
    fs.writeFileSync(path.join(first, 'aws'), AWS, { mode: 0o755 });
  }
  for (const folder of ['tmp', 'root', 'run', 'var/log', 'etc']) fs.mkdirSync(path.join(root, folder), { recursive: true });
  // The required steps of the installation scripts of other packages.
  if (!fs.existsSync(path.join(root, 'usr/bin/sh'))) fs.symlinkSync(name === 'environment' ? 'bash' : 'busybox', path.join(root, 'usr/bin/sh'));
  fs.writeFileSync(path.join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/bash\n');
  fs.writeFileSync(path.join(root, 'etc/group'), 'root:x:0:\ndocker:x:998:\n');
  await run('tar', ['--create', '--owner=0', '--group=0', '--numeric-owner', '--file', path.join(work, 'made', `${name}.tar`), '--directory', root, '.']);
}

const AWS = `#!/bin/sh
exec python3 -c 'import sys; sys.path.insert(0, "/opt/aws"); from awscli.clidriver import main; sys.exit(main())' "$@"
`;
