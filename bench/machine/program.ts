import { ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { Usage } from './usage';

/** A program to start. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** The result of a program. */
export interface Ended {
  /** `undefined` if it was killed after the timeout. */
  readonly exitCode: number | undefined;
  readonly output: string;
  readonly usage: Usage;
}

const KILLED = 137;
const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach(child => child.kill('SIGKILL')));

/** A started program. It ends with this process. */
export class RunningProgram {
  public readonly pid: number;
  /** Fulfilled with the exit code when it has ended, rejected if it could not be started. */
  public readonly ended: Promise<number>;
  private readonly child: ChildProcess;

  /** @param log file for its output; ignored by default */
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

  /** Kills it and waits for its end. */
  public async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> {
    this.child.kill(signal);
    await this.ended;
  }
}

/** The environment of this process without variables that would lead a program to another machine or to an account. */
export function cleanEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS|CDK|NODE|TSX|CONTAINERS|REGISTRY)_|_proxy$/i.test(name));
  return { ...Object.fromEntries(inherited), AWS_EC2_METADATA_DISABLED: 'true', ...extra };
}

/**
 * Runs a program to its end.
 *
 * GNU time reports the resource usage from the kernel (wait4), because Node.js cannot read it for a child.
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
