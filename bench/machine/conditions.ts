import { cpus, loadavg, release, totalmem } from 'node:os';
import { ask } from '../../local/process';

/** The machine and the versions of a measurement, so that a series can be repeated. */
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

/** The conditions before a series; nothing identifies the machine or its owner. */
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

/** The measured commit, with a mark if files differ from it. */
export function currentCommit(): string {
  return ask('git', ['describe', '--always', '--dirty']).out;
}
