import { CASES, FaultCase, Habits } from './cases';
import { FaultProxy } from './proxy';
import { FaultSample } from './results';
import { PushedImage } from '../machine/images';
import { LocalRegistry } from '../machine/registry';
import { cloneStorage, whyIncomplete } from '../machine/storage';
import { Workspace } from '../machine/workspace';
import { CopyTool } from '../tools/tool';

/** A tool, and its registries. */
export interface Contender extends Habits {
  readonly tool: CopyTool;
}

/** The image of all copies: a config and one layer. */
export interface Subject {
  readonly storage: string;
  readonly repository: string;
  readonly image: PushedImage;
}

/** The number of the repetition, and the timeout of a tool for one copy. */
export interface Run {
  readonly run: number;
  readonly limitSeconds: number;
}

const DESTINATION = 'delivered/image';

/** All faults, one after the other; all tools at the same time, each with its own registries, because speed is not measured here. */
export async function allFaults(
  contenders: readonly Contender[], subject: Subject, run: Run, workspace: Workspace, seen: (sample: FaultSample) => void,
): Promise<FaultSample[]> {
  const samples: FaultSample[] = [];
  for (const fault of CASES) {
    const copies = await Promise.all(contenders.map(async contender => copyWithFault(fault, contender, subject, run, workspace)));
    copies.forEach(seen);
    samples.push(...copies);
  }
  return samples;
}

/** One copy between two real registries, each behind a proxy. One of the proxies applies one fault. */
async function copyWithFault(
  { name, side, rule }: FaultCase, contender: Contender, { storage, repository, image }: Subject, { run, limitSeconds }: Run, workspace: Workspace,
): Promise<FaultSample> {
  const { tool } = contender;
  const [first, second] = [workspace.newFolder('source'), workspace.newFolder('destination')];
  cloneStorage(storage, first);
  const registries = await Promise.all([first, second].map(async folder => LocalRegistry.start(folder, workspace)));
  const [, layer] = image.blobs;
  const proxies = await Promise.all(registries.map(async ({ origin }, index) => {
    const mine = (index === 0) === (side === 'source');
    return FaultProxy.start(origin, Math.floor(layer.size / 2), mine ? rule?.(layer.digest, contender) : undefined);
  }));
  const [from, to] = proxies;
  try {
    const { end, usage } = await tool.copy({
      from: { host: from.host, repository },
      to: { host: to.host, repository: DESTINATION },
      scratch: workspace.newFolder('scratch'),
      limitSeconds,
    });
    const fired = from.fired + to.fired;
    if (fired !== (rule === undefined ? 0 : 1)) throw new Error(`${tool.name}, ${name}: ${fired} requests were spoiled`);
    const complete = whyIncomplete(second, DESTINATION, image) === undefined;
    const seconds = Number(usage.wallSeconds.toFixed(1));
    const requests = from.requests + to.requests;
    return { fault: name, tool: tool.name, run, end: end !== 'done' ? end : complete ? 'recovered' : 'wrong', seconds, requests };
  } finally {
    await Promise.all(proxies.map(async proxy => proxy.stop()));
    await Promise.all(registries.map(async registry => registry.stop()));
    [first, second].forEach(folder => workspace.discard(folder));
  }
}
