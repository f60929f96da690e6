import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { display } from './display';

export type Env = Record<string, string | undefined>;

/** A required tool is missing and cannot be installed here; the message has the command that installs it. */
export class MissingTool extends Error {}

/** A line between steps, or a detail of a step. */
export function say(text: string): void {
  display().say(text);
}

/** Shows the work as one step, with its duration. */
export async function step<T>(title: string, work: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const finish = (failed: boolean) => display().end((performance.now() - start) / 1000, failed);
  display().begin(title);
  try {
    const result = await work();
    finish(false);
    return result;
  } catch (error) {
    finish(true);
    throw error;
  }
}

/** A failed command, and its output. */
export class CommandFailed extends Error {
  constructor(message: string, readonly output: string) {
    super(message);
  }
}

/** Runs a command, passes its output to the display, and returns it. */
export async function run(command: string, args: string[], options: { cwd?: string; env?: Env; title?: string } = {}): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options, env: options.env ?? process.env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      display().output(text);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) {
    throw new CommandFailed(`${options.title ?? [command, ...args].join(' ')} failed with exit code ${code}`, output);
  }
  return output;
}

export interface Answer { ok: boolean; out: string; problem: string }

/** Runs a short command silently. */
export function ask(command: string, args: string[], env: Env = process.env, cwd?: string): Answer {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', env, cwd, timeout: 120_000 });
  return { ok: status === 0, out: (stdout ?? '').trim(), problem: (stderr || error?.message || '').trim() };
}

/** Starts a process that continues after this one ends, with its output in a file. */
export function background(command: string, args: string[], log: string, env: Env): number {
  const output = fs.openSync(log, 'a');
  const child = spawn(command, args, { detached: true, stdio: ['ignore', output, output], env });
  child.on('error', (error) => fs.appendFileSync(log, `${error.message}\n`));
  child.unref();
  fs.closeSync(output);
  return child.pid ?? 0;
}

/** Whether the process is the one that we started: its command line contains our state folder. */
export function isOurs(pid: number, folder: string): boolean {
  const file = `/proc/${pid}/cmdline`;
  if (pid < 2) return false;
  if (fs.existsSync('/proc/self')) return fs.existsSync(file) && fs.readFileSync(file, 'utf8').includes(folder);
  return ask('ps', ['-o', 'command=', '-p', String(pid)]).out.includes(folder);
}

/** Whether a process that we started still runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function end(pid: number, folder: string): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (isOurs(pid, folder)) process.kill(pid, signal);
    for (let tries = 0; tries < 100 && isOurs(pid, folder); tries++) await sleep(100);
  }
}

/** Waits until `probe` returns a value, and shows the reason for the wait; `explain` adds details if it never does. */
export async function waitFor<T>(what: string, seconds: number, probe: () => T | undefined | Promise<T | undefined>, explain = () => ''): Promise<T> {
  say(`  waiting for ${what}`);
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    const result = await probe();
    if (result !== undefined) return result;
    await sleep(200);
  }
  throw new Error(`${what}: not after ${seconds} s. ${explain()}`);
}

export function lastLines(file: string, count = 8): string {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n') : '';
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().on('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

let mayInstall = true;

/** From now on, a missing tool is an error that contains the command that installs or starts it. */
export function installNothing(): void {
  mayInstall = false;
}

/** Whether missing tools may be installed, or started, on this machine. */
export function installsTools(): boolean {
  return mayInstall;
}

/** Installs Debian packages if possible, with a message; otherwise the error contains the command. */
export async function install(reason: string, packages: string[], elsewhere: string): Promise<void> {
  const apt = process.platform === 'linux' && ask('apt-get', ['--version']).ok;
  if (!apt) throw new MissingTool(`${reason}. ${elsewhere}`);
  if (!mayInstall || process.getuid?.() !== 0) throw new MissingTool(`${reason}. Run: sudo apt-get update && sudo apt-get install ${packages.join(' ')}`);
  display().notice(`  ${reason}: installing the Debian package ${packages.join(', ')} on this machine (it stays; apt-get remove takes it away)`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env });
  await run('apt-get', ['install', '-y', '-qq', '-o', 'Dpkg::Use-Pty=0', '--no-install-recommends', ...packages], { env });
}
