import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Env, MissingTool, ask, background, end, install, installsTools, isOurs, lastLines, say, waitFor } from './process';

export interface Engine {
  /** The value of DOCKER_HOST. */
  readonly host: string;
  /** Only for an engine that we started. */
  readonly own?: { readonly pid: number; readonly runFolder: string };
}

const MIN_SWEEPS = 2;
const MAX_SWEEPS = 10;
const PAUSE_MILLISECONDS = 1_000;

// Debian installs dockerd and its programs in /usr/sbin, which is not in the path of every root shell.
export const PATH = `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`;

/** The engine of this machine, otherwise our own one inside `folder`. `keep` is called before it answers, so that the engine cannot be lost. */
export async function startEngine(folder: string, keep: (engine: Engine) => void): Promise<Engine> {
  const present = findEngine();
  if (present.host) return { host: present.host };
  const { DOCKER_HOST } = process.env;
  if (DOCKER_HOST) throw new MissingTool(`The Docker engine of DOCKER_HOST (${DOCKER_HOST}) does not answer: ${present.problem}`);
  if (process.platform !== 'linux') {
    throw new MissingTool(`No Docker engine answers (${present.problem}). Start Docker Desktop, or install it: https://docs.docker.com/get-docker/`);
  }
  if (!ask('dockerd', ['--version'], { PATH }).ok) {
    await install('No Docker engine', ['docker.io'], 'Install Docker: https://docs.docker.com/engine/install/');
    const started = findEngine();
    if (started.host) return { host: started.host };
  }
  // A second engine without a bridge would remove the bridge of an engine that only does not answer here.
  if (process.getuid?.() !== 0 || !installsTools()) {
    throw new MissingTool(`No Docker engine answers (${present.problem}). Run: sudo systemctl start docker && sudo usermod -aG docker $USER, and log in again`);
  }
  return startOwn(folder, keep);
}

function findEngine(): { host?: string; problem: string } {
  const version = ask('docker', ['version', '--format', '{{.Server.Version}}']);
  if (!version.ok) return { problem: version.problem.split('\n').pop() ?? '' };
  const context = ask('docker', ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}']);
  say(`  using the Docker engine ${version.out} of this machine`);
  return { host: process.env.DOCKER_HOST ?? (context.out || 'unix:///var/run/docker.sock'), problem: '' };
}

/** Containers and a network bridge of a killed dockerd keep running: only another one on the same folders removes them. */
export async function reviveEngine(engine: Engine, folder: string, keep: (engine: Engine) => void): Promise<Engine> {
  if (!engine.own || isOurs(engine.own.pid, folder) || !fs.existsSync(engine.own.runFolder)) return engine;
  say('  the engine had died; it is started once more to remove what it left');
  return startOwn(folder, keep, engine.own.runFolder);
}

async function startOwn(folder: string, keep: (engine: Engine) => void, runFolder = newRunFolder(folder)): Promise<Engine> {
  fs.mkdirSync(runFolder, { recursive: true });
  const host = `unix://${runFolder}/docker.sock`;
  const log = path.join(folder, 'dockerd.log');
  say('  starting an engine of our own; it adds one network bridge, removed with it, and touches no firewall rule');
  const pid = background('dockerd', [
    '--data-root', path.join(folder, 'docker'), '--exec-root', path.join(runFolder, 'exec'), '--pidfile', path.join(runFolder, 'dockerd.pid'),
    '--host', host, '--bridge=none', '--iptables=false', '--ip-forward=false',
  ], log, { ...process.env, PATH, TMPDIR: path.join(folder, 'tmp') });
  const engine: Engine = { host, own: { pid, runFolder } };
  keep(engine);
  try {
    await waitFor('the engine', 60, () => {
      if (!fs.existsSync(`/proc/${pid}`)) throw new MissingTool(`A Docker engine cannot run here: ${lastLines(log, 2)}`);
      return ask('docker', ['version'], { ...process.env, DOCKER_HOST: host }).ok || undefined;
    }, () => lastLines(log));
  } catch (error) {
    await stopEngine(engine, folder);
    throw error;
  }
  return engine;
}

/** The path of a socket can have 107 characters, and containerd adds about 40. */
function newRunFolder(folder: string): string {
  return folder.length < 60 ? path.join(folder, 'run') : fs.mkdtempSync(path.join(os.tmpdir(), 'local-cloud-'));
}

export async function stopEngine(engine: Engine, folder: string): Promise<void> {
  if (!engine.own) return;
  const { pid, runFolder } = engine.own;
  await end(pid, folder);
  // dockerd does not unmount its network namespace, and leaves all its mounts behind if it was killed.
  for (const mount of mountsBelow([folder, runFolder])) ask('umount', ['--lazy', mount], { PATH });
  fs.rmSync(runFolder, { recursive: true, force: true });
}

function mountsBelow(folders: string[]): string[] {
  if (!fs.existsSync('/proc/mounts')) return [];
  return fs.readFileSync('/proc/mounts', 'utf8').split('\n')
    .map((line) => (line.split(' ')[1] ?? '').replace(/\\040/g, ' '))
    .filter((mount) => folders.some((folder) => mount.startsWith(`${folder}/`)))
    .reverse();
}

/** Removes every container, image and network of this local cloud from an engine that keeps running. */
export async function sweep(name: string, registry: string | undefined, env: Env): Promise<void> {
  const label = `label=local-cloud=${name}`;
  const listed = (list: string[]) => [...new Set(ask('docker', [...list, '--filter', label, '--quiet'], env).out.split('\n').filter(Boolean))];
  const remove = (list: string[], command: string[]) => {
    const ids = listed(list);
    if (ids.length > 0) ask('docker', [...command, ...ids], env);
  };
  const [containers, networks] = [['container', 'ls', '--all'], ['network', 'ls']];
  // The engine may still create a container that the emulator requested just before its end.
  for (let sweeps = 0; sweeps < MIN_SWEEPS || (sweeps < MAX_SWEEPS && [...listed(containers), ...listed(networks)].length > 0); sweeps++) {
    if (sweeps > 0) await sleep(PAUSE_MILLISECONDS);
    remove(containers, ['container', 'rm', '--force', '--volumes']);
    remove(networks, ['network', 'rm']);
  }
  remove(['image', 'ls', '--all'], ['image', 'rm', '--force']);
  // Images from a file have no label.
  const names = ask('docker', ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'], env).out.split('\n').filter((each) => each.startsWith(`${registry}/`));
  if (names.length > 0) ask('docker', ['image', 'rm', '--force', ...names], env);
}
