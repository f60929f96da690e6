import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RuntimeApi, Told } from './runtime-api';
import { Program, RunningProgram } from '../machine/program';
import { Usage, cpuSecondsOf, peakRssBytesOf } from '../machine/usage';

/** The result of one invocation of a Lambda function. */
export interface Invocation {
  /** The response to CloudFormation, `undefined` if there is none. */
  readonly told: Told | undefined;
  /** `true` if the function had not ended before the timeout. */
  readonly hung: boolean;
  /** From the start of the process to the end of the invocation; no CPU time and memory if the process crashed. */
  readonly usage: Usage;
  /** The output of the function. */
  readonly output: string;
}

/**
 * Starts the process of a Lambda function as in a cold start, and gives it one custom resource event.
 *
 * The process is killed after its response; until then the kernel's figures about it are available.
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
