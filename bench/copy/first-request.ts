import { once } from 'node:events';
import { AddressInfo, Socket, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { FirstRequest, OURS, PEER } from './results';
import { RuntimeApi } from '../lambda/runtime-api';
import { Program, RunningProgram } from '../machine/program';
import { Workspace } from '../machine/workspace';
import { peerProgram, peerProperties } from '../tools/cdk-ecr-deployment';
import { ourProgram, ourProperties } from '../tools/ours';
import { skopeoProgram } from '../tools/skopeo';
import { CopyJob } from '../tools/tool';

type Start = Pick<CopyJob, 'from' | 'to' | 'scratch'>;

interface Starter {
  readonly tool: string;
  readonly program: (start: Start) => Program;
  /** Properties of the custom resource; undefined if it is not a Lambda function. */
  readonly properties?: (start: Start) => Readonly<Record<string, unknown>>;
}

const STARTERS: readonly Starter[] = [
  { tool: OURS, program: ourProgram, properties: ourProperties },
  { tool: PEER, program: peerProgram, properties: peerProperties },
  { tool: 'skopeo', program: skopeoProgram },
];
const LIMIT_MILLISECONDS = 10_000;

/** The time from the start of a process to its first byte at a registry. The tools take turns. */
export async function measureFirstRequests(starts: number, workspace: Workspace): Promise<FirstRequest[]> {
  const results = STARTERS.map(starter => ({ starter, milliseconds: [] as number[] }));
  for (let round = 0; round <= starts; round++) {
    for (const { starter, milliseconds } of results) {
      const elapsed = await untilFirstByte(starter, workspace.newFolder('start'));
      // The first round only loads the programs into the memory of the machine.
      if (round > 0) milliseconds.push(elapsed);
    }
  }
  return results.map(({ starter: { tool }, milliseconds }) => ({ tool, milliseconds }));
}

async function untilFirstByte({ program, properties }: Starter, scratch: string): Promise<number> {
  const sockets: Socket[] = [];
  // Some begin with a TLS handshake, so the first byte counts, not the first HTTP request.
  const registry = createServer(socket => {
    sockets.push(socket.on('error', () => undefined));
    socket.once('data', () => registry.emit('first byte'));
  });
  const firstByte = once(registry, 'first byte').then(() => 'arrived');
  await new Promise<void>(resolve => registry.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(registry.address() as AddressInfo).port}`;
  const start: Start = { from: { host, repository: 'images/any' }, to: { host, repository: 'delivered/any' }, scratch };
  const api = await RuntimeApi.start(properties?.(start) ?? {});
  const served = api.serving(program(start));
  const stopWaiting = new AbortController();
  const late = sleep(LIMIT_MILLISECONDS, 'late', { signal: stopWaiting.signal });

  const began = performance.now();
  const running = new RunningProgram(served);
  try {
    const end = await Promise.race([firstByte, running.ended, late]);
    if (end !== 'arrived') throw new Error(`${served.command} sent nothing to the registry`);
    return performance.now() - began;
  } finally {
    late.catch(() => undefined);
    stopWaiting.abort();
    await running.end();
    sockets.forEach(socket => socket.destroy());
    api.stop();
    registry.close();
  }
}
