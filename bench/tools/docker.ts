import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { CopyJob, CopyOutcome, CopyTool, TAG } from './tool';
import { ask } from '../../local/process';
import { IMAGE_LABEL } from '../machine/images';
import { cleanEnvironment, runToEnd } from '../machine/program';
import { cpuSecondsOf, peakRssBytesOf } from '../machine/usage';

const PID_FILES = ['/var/run/docker.pid', '/run/docker.pid'];

/** `docker pull`, `docker tag`, `docker push`, including the resource usage of the engine. */
export function docker(): CopyTool {
  return {
    name: 'docker pull, tag, push',
    version: ask('docker', ['version', '--format', 'engine {{.Server.Version}}, client {{.Client.Version}}']).out,
    unpacks: true,
    copy: async job => {
      const engine = enginePid();
      forgetImages();
      // The engine keeps running: only its usage from here on counts.
      writeFileSync(`/proc/${engine}/clear_refs`, '5');
      const before = cpuSecondsOf(engine);
      const client = await commands(job);
      const { usage } = client;
      const whole = { cpuSeconds: usage.cpuSeconds + cpuSecondsOf(engine) - before, peakRssBytes: usage.peakRssBytes + peakRssBytesOf(engine) };
      forgetImages();
      return { ...client, usage: { ...usage, ...whole } };
    },
  };
}

async function commands({ from, to, scratch, limitSeconds }: CopyJob): Promise<CopyOutcome> {
  const [source, destination] = [from, to].map(({ host, repository }) => `${host}/${repository}:${TAG}`);
  let sum = { wallSeconds: 0, cpuSeconds: 0, peakRssBytes: 0 };
  for (const args of [['pull', '--quiet', source], ['tag', source, destination], ['push', '--quiet', destination]]) {
    const { exitCode, output, usage } = await runToEnd({ command: 'docker', args, env: cleanEnvironment() }, scratch, limitSeconds);
    sum = {
      wallSeconds: sum.wallSeconds + usage.wallSeconds,
      cpuSeconds: sum.cpuSeconds + usage.cpuSeconds,
      peakRssBytes: Math.max(sum.peakRssBytes, usage.peakRssBytes),
    };
    if (exitCode !== 0) return { end: exitCode === undefined ? 'hung' : 'failed', usage: sum, output };
  }
  return { end: 'done', usage: sum, output: '' };
}

/** Removes the images of the benchmark from the engine, including those of an interrupted run. */
function forgetImages(): void {
  const ids = ask('docker', ['image', 'ls', '--all', '--quiet', '--filter', `label=${IMAGE_LABEL}`]).out.split('\n').filter(Boolean);
  if (ids.length > 0) ask('docker', ['image', 'rm', '--force', ...new Set(ids)]);
}

function enginePid(): number {
  const file = PID_FILES.find(existsSync);
  if (file === undefined) throw new Error('what Docker spends can only be measured on the machine of its engine: no /run/docker.pid');
  return Number(readFileSync(file, 'utf8'));
}
