import { setTimeout as sleep } from 'node:timers/promises';
import { Sample } from './results';
import { DELIVERED, DESTINATION, Task } from './stock';
import { RequestCounts, countRequests } from '../machine/access-log';
import { LocalRegistry } from '../machine/registry';
import { cloneStorage, taggedDigests, whyIncomplete } from '../machine/storage';
import { loopbackBytes } from '../machine/usage';
import { Workspace } from '../machine/workspace';
import { CopyTool, Place } from '../tools/tool';

const LIMIT_SECONDS = 600;
const SETTLE_MILLISECONDS = 100;

/** One measured copy between new registries, with a check of the result. */
export async function measure(task: Task, tool: CopyTool, repetition: number, workspace: Workspace): Promise<Sample> {
  const { scenario, size: { megabytes, layers } } = task;
  const run = workspace.newFolder('run');
  const [first, second] = [`${run}/source`, `${run}/destination`];
  cloneStorage(task.sourceStorage, first);
  const source = await LocalRegistry.start(first, workspace, 'https');
  if (task.destinationStorage !== undefined) cloneStorage(task.destinationStorage, second);
  const other = task.destinationStorage === undefined ? undefined : await LocalRegistry.start(second, workspace, 'https');
  const repository = scenario === 'unchanged image' ? DELIVERED : DESTINATION;
  await sleep(SETTLE_MILLISECONDS);

  const before = loopbackBytes();
  const { end, usage, output } = await tool.copy({
    from: placeOf(source, task.repository),
    to: placeOf(other ?? source, repository),
    scratch: workspace.newFolder('scratch'),
    limitSeconds: LIMIT_SECONDS,
  });
  const wireBytes = loopbackBytes() - before;

  const counts = countRequests([...await source.stop(), ...await other?.stop() ?? []]);
  try {
    if (end !== 'done') throw new Error(`the copy ${end}: ${output.slice(-1000)}`);
    checkCopy(task, tool, counts, other === undefined ? first : second, repository);
  } catch (error) {
    throw new Error(`${tool.name}, ${scenario}, ${megabytes} MB: ${error instanceof Error ? error.message : error}`);
  }
  workspace.discard(run);
  return { scenario, megabytes, layers, tool: tool.name, repetition, ...usage, wireBytes, ...counts };
}

function placeOf({ host, certificate }: LocalRegistry, repository: string): Place {
  return { host, certificate, repository };
}

/** A run counts only if the image was copied. */
function checkCopy({ image }: Task, tool: CopyTool, counts: RequestCounts, storage: string, repository: string): void {
  if (counts.requests === 0) throw new Error('the registries wrote down no request');
  const problem = tool.unpacks ? problemOfUnpacked() : whyIncomplete(storage, repository, image);
  if (problem !== undefined) throw new Error(problem);

  function problemOfUnpacked(): string | undefined {
    if (taggedDigests(storage, repository).length === 0) return 'the destination has no image';
    return counts.blobsRead < image.blobs.length ? 'it knew layers from an earlier run' : undefined;
  }
}
