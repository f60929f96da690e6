import { cpus, loadavg, release, totalmem } from 'node:os';
import { Conditions } from './results';
import { ask } from '../../local/process';
import { CopyTool } from '../tools/tool';

/** What has to be known to repeat a series; nothing that names the machine or whose it is. */
export function conditions(tools: readonly CopyTool[], runs: number): Omit<Conditions, 'minutes'> {
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: ask('git', ['describe', '--always', '--dirty']).out,
    machine: `${process.platform} ${release().split('-')[0]}, ${process.arch}, ${cpus()[0].model}`,
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 1e9),
    loadBefore: Math.round(loadavg()[0] * 100) / 100,
    runs,
    versions: {
      'Node.js': process.versions.node,
      'docker-registry': ask('docker-registry', ['--version']).out.split(' ')[2],
      ...Object.fromEntries(tools.map(({ name, version }) => [name, version])),
    },
  };
}
