import { ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { Usage } from './usage';

/** A program to be started. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** How a program ended. */
export interface Ended {
  /** `undefined` when it was ended for taking too long. */
  readonly exitCode: number | undefined;
  readonly output: string;
  readonly usage: Usage;
}

const KILLED = 137;
const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach(child => child.kill('SIGKILL')));

/** A program that was started. It does not outlive this process. */
export class RunningProgram {
  public readonly pid: number;
  /** Fulfilled with the exit code when it has ended by itself, rejected when it could not be started. */
  public readonly ended: Promise<number>;
  private readonly child: ChildProcess;

  /** @param log file for what it prints; by default nobody reads it */
  constructor({ command, args, env }: Program, log?: string) {
    const output = log === undefined ? 'ignore' : openSync(log, 'w');
    this.child = spawn(command, args, { env, stdio: ['ignore', output, output] });
    if (output !== 'ignore') closeSync(output);
    running.add(this.child);
    this.pid = this.child.pid ?? -1;
    this.ended = new Promise((resolve, reject) => this.child.on('error', reject).on('exit', (code, signal) => {
      running.delete(this.child);
      resolve(code ?? (signal === null ? -1 : KILLED));
    }));
  }

  /** Ends it and waits until it is gone. */
  public async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> {
    this.child.kill(signal);
    await this.ended;
  }
}

/** The environment of this process without what would lead a program out of the machine, or to somebody's account. */
export function cleanEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS|CDK|NODE|TSX|CONTAINERS|REGISTRY)_|_proxy$/i.test(name));
  return { ...Object.fromEntries(inherited), AWS_EC2_METADATA_DISABLED: 'true', ...extra };
}

/**
 * Runs a program to its end.
 *
 * GNU time reports what the kernel charged it with (wait4), for Node.js cannot ask this about a child.
 */
export async function runToEnd({ command, args, env }: Program, scratch: string, limitSeconds: number): Promise<Ended> {
  const [report, log] = [path.join(scratch, 'time.txt'), path.join(scratch, 'output.txt')];
  const timed = ['--quiet', '--format=%U %S %M', `--output=${report}`];
  const limited = ['timeout', '--foreground', '--signal=KILL', String(limitSeconds)];
  const start = performance.now();
  const exitCode = await new RunningProgram({ command: '/usr/bin/time', args: [...timed, ...limited, command, ...args], env }, log).ended;
  const wallSeconds = (performance.now() - start) / 1000;
  const [user, system, kilobytes] = readFileSync(report, 'utf8').trim().split(' ').map(Number);
  return {
    exitCode: exitCode === KILLED ? undefined : exitCode,
    output: readFileSync(log, 'utf8'),
    usage: { wallSeconds, cpuSeconds: user + system, peakRssBytes: kilobytes * 1024 },
  };
}
