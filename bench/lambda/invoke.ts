import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RuntimeApi, Told } from './runtime-api';
import { Program, RunningProgram } from '../machine/program';
import { Usage, cpuSecondsOf, peakRssBytesOf } from '../machine/usage';

/** What became of one invocation of a Lambda function. */
export interface Invocation {
  /** What CloudFormation was told, `undefined` if nothing. */
  readonly told: Told | undefined;
  /** `true` when the function had not ended when its time was up. */
  readonly hung: boolean;
  /** From the start of the process to the end of the invocation; no CPU time and memory if the process died. */
  readonly usage: Usage;
  /** What the function printed. */
  readonly output: string;
}

/**
 * Starts the process of a Lambda function as the service would for a cold start, and gives it one custom resource event.
 *
 * The process is ended as soon as it has answered; until then the kernel's figures about it can be read.
 */
export async function invokeOnce(
  program: Program,
  properties: Readonly<Record<string, unknown>>,
  scratch: string,
  limitSeconds: number,
): Promise<Invocation> {
  const api = await RuntimeApi.start(properties);
  const log = path.join(scratch, 'output.txt');
  const start = performance.now();
  const running = new RunningProgram(api.serving(program), log);
  const stopWaiting = new AbortController();
  const late = sleep(limitSeconds * 1000, 'late', { signal: stopWaiting.signal });
  try {
    const end = await Promise.race([api.ended, running.ended, late]);
    const wallSeconds = (performance.now() - start) / 1000;
    const alive = typeof end !== 'number';
    const usage = { wallSeconds, cpuSeconds: alive ? cpuSecondsOf(running.pid) : NaN, peakRssBytes: alive ? peakRssBytesOf(running.pid) : NaN };
    return { told: api.told, hung: end === 'late', usage, output: readFileSync(log, 'utf8') };
  } finally {
    late.catch(() => undefined);
    stopWaiting.abort();
    await running.end();
    api.stop();
  }
}
