import { Law } from './laws';
import { Fault } from '../../helpers/fault-proxy-faults';
import { Scene } from '../../helpers/fault-proxy-scene';
import { TracedRequest } from '../../helpers/fault-proxy-trace';
import { Run, breaches, outcomeOf, repeatedWork } from '../../helpers/invariants';

/** One fault at one request of a copy that succeeds otherwise. */
export interface Case {
  readonly scene: Scene;
  readonly clean: Run;
  /** The request, as it was in the successful run. */
  readonly target: TracedRequest;
  readonly fault: Fault;
  readonly times: number;
}

const OPERATIONS: Partial<Record<TracedRequest['kind'], string>> = {
  'PUT manifest': '(?:write the manifest|tag the image)', 'HEAD blob': 'look up the blob', 'GET blob': 'read the blob', 'GET storage': 'read the blob',
  'mount': 'mount the blob', 'POST upload': 'upload the blob', 'PUT upload': 'upload the blob',
};

/** The result of a case. */
export interface Verdict {
  /** All violations of the law. */
  readonly wrong: readonly string[];
  /** The number of faults that occurred. */
  readonly fired: number;
}

/**
 * Runs a case, delivers the same event again without a fault, and compares both results with the law. A case that succeeds after
 * one fault need not be tried with three.
 */
export async function judge({ scene, clean, target, fault, times }: Case, law: Law): Promise<Verdict> {
  scene.clear();
  const run = await scene.deliver([{ at: { key: target.key, nth: target.nth }, fault, times }]);
  const fired = run.trace.filter(each => each.fault !== undefined).length;
  const { Status, Reason = '' } = outcomeOf(run);
  const expected = times <= law.survives ? 'SUCCESS' : 'FAILED';
  const undecided = times <= (law.perhaps ?? 0);
  const found = [
    ...(fired > 0 ? [] : ['the fault did not fire']),
    ...(Status === expected || undecided ? [] : [`${Status} instead of ${expected}: ${Reason}`]),
    ...(Status === 'FAILED' && expected === 'FAILED' ? missingWords(Reason, scene, target, law) : []),
    ...(run.elapsed <= law.seconds * 1000 ? [] : [`it took ${run.elapsed / 1000} s instead of ${law.seconds} s`]),
    ...breaches(run, scene.aim(clean)),
  ];
  if (times === 1 || Status === 'FAILED') {
    const again = await scene.deliver();
    found.push(...repeatedWork(again), ...breaches(again, scene.aim(clean)));
  }
  return { fired, wrong: found.map(sentence => `${fault} x ${times} at ${target.key} (${target.nth}.): ${sentence}`) };
}

/** An error message names operation, side, reference and reason. */
function missingWords(said: string, scene: Scene, { kind, key, at }: TracedRequest, { reason, anywhere = false }: Law): string[] {
  const fromSource = at !== 'destination' || / assets |token repository:assets:pull$/.test(key);
  const side = fromSource ? `from the source ${scene.hostOf('source')}/assets` : `at the destination ${scene.hostOf('destination')}/team/web`;
  // Neither the start of an upload nor a token request names the blob.
  const version = kind === 'POST upload' || kind === 'GET token' ? '' : key.slice(key.lastIndexOf(' ') + 1);
  const place = anywhere ? [/(from the source|at the destination) 127\.0\.0\.1:\d+\/(assets|team\/web)/] : [OPERATIONS[kind] ?? '', side, version];
  return [...place, reason].filter(part => !new RegExp(part).test(said)).map(part => `${part} is not in: ${said}`);
}
