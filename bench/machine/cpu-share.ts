import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { Program } from './program';

const ROOT = '/sys/fs/cgroup';
// Shorter than the default of Linux, so that short copies are slowed down evenly too.
const PERIOD_MICROSECONDS = 20_000;

/** A group of processes that shares a part of the CPU, like a Lambda function. Needs root. */
export class CpuShare {
  private readonly folder: string;

  /** @param cores the share, in cores */
  constructor(cores: number) {
    const isVersion2 = existsSync(path.join(ROOT, 'cgroup.controllers'));
    this.folder = path.join(ROOT, isVersion2 ? '' : 'cpu', `bench-${process.pid}-${Math.round(cores * 1000)}`);
    mkdirSync(this.folder);
    const quota = Math.round(cores * PERIOD_MICROSECONDS);
    if (isVersion2) {
      this.set('cpu.max', `${quota} ${PERIOD_MICROSECONDS}`);
    } else {
      this.set('cpu.cfs_period_us', `${PERIOD_MICROSECONDS}`);
      this.set('cpu.cfs_quota_us', `${quota}`);
    }
  }

  /** The program, started in the group. */
  public limited({ command, args, env }: Program): Program {
    return { command: '/bin/sh', args: ['-c', 'echo $$ > "$0" && exec "$@"', path.join(this.folder, 'cgroup.procs'), command, ...args], env };
  }

  /** Removes the group after its processes have ended. */
  public remove(): void {
    rmdirSync(this.folder);
  }

  private set(name: string, value: string): void {
    writeFileSync(path.join(this.folder, name), value);
  }
}
