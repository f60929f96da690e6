import { cpus, loadavg, release, totalmem } from 'node:os';
import { ask } from '../../local/process';

/** Where and with what it was measured: what has to be known to repeat a series. */
export interface Conditions {
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly loadBefore: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly minutes: number;
}

/** The conditions before a series; nothing that names the machine or whose it is. */
export function conditions(versions: Conditions['versions']): Omit<Conditions, 'minutes'> {
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: currentCommit(),
    machine: `${process.platform} ${release().split('-')[0]}, ${process.arch}, ${cpus()[0].model}`,
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 1e9),
    loadBefore: Math.round(loadavg()[0] * 100) / 100,
    versions: { 'Node.js': process.versions.node, ...versions },
  };
}

/** The commit that is measured, with a word when files differ from it. */
export function currentCommit(): string {
  return ask('git', ['describe', '--always', '--dirty']).out;
}
