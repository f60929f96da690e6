import { judge } from './judge';
import { Spoiled, lawOf } from './laws';
import { EXHAUSTIVE, oneOfEach } from '../../helpers/exhaustive';
import { FAULTS, Fault } from '../../helpers/fault-proxy-faults';
import { Scene } from '../../helpers/fault-proxy-scene';
import { TracedRequest } from '../../helpers/fault-proxy-trace';
import { Run, breaches } from '../../helpers/invariants';
import { image, index } from '../../helpers/registry-images';

// One large and one small blob: more blobs would only repeat the same requests.
const twoArchitectures = index([image('arm64'.padEnd(16 * 1024), []), image('amd64', [])]);

const TIMES = EXHAUSTIVE ? [1, 3, Infinity] : [1, Infinity];
// Faults with the same law: each kind of request gets one of them.
const ALIKE: readonly (readonly Fault[])[] = [['408', '500', '502', '503', '504', '522'], ['429', '429 Retry-After seconds', '429 Retry-After date']];
// A second read changes nothing.
const ALIKE_TO_READ: readonly (readonly Fault[])[] = [['reset before the answer', 'answer lost', 'handled twice, answers lost', 'reset in the answer']];
const REQUESTS = { 'between two registries': 26, 'within one registry': 15 };
const RUNS = EXHAUSTIVE ? 1200 : 450;
const PATIENCE = EXHAUSTIVE ? 600_000 : 120_000;

// Within one registry, only the faults that do not occur between two registries.
const kinds = new Set<string>();
let runs = 0;

describe.each(Object.entries(REQUESTS))('a copy %s, with every fault once and permanently', (where, requests) => {
  const oneRegistry = where === 'within one registry';
  let scene: Scene;
  let clean: Run;
  let targets: readonly TracedRequest[];

  beforeAll(async () => {
    scene = await Scene.start({ image: twoArchitectures, oneRegistry });
    clean = await scene.deliver();
    targets = oneOfEach(clean.trace, kindOf, kinds);
  });
  afterAll(async () => scene.stop());

  test(`takes ${requests} requests without faults`, () => {
    expect(breaches(clean, scene.aim(clean))).toEqual([]);
    expect(clean.trace).toHaveLength(requests);
  });

  test.each(FAULTS)('%s: with the fault at a request of each kind, it succeeds or fails with a clear message, and moves no tags', async fault => {
    const wrong: string[] = [];
    for (const [position, target] of targets.entries()) {
      if (!isChosen(fault, target, position)) continue;
      const law = lawOf(fault, spoiled(target));
      if (law === undefined) continue;
      for (const times of TIMES) {
        const verdict = await judge({ scene, clean, target, fault, times }, law);
        wrong.push(...verdict.wrong);
        runs++;
        // If a client does not recover from the third fault, it would not recover from the hundredth: it is the same run.
        if (verdict.fired < times) break;
      }
    }
    expect(wrong).toEqual([]);
  }, PATIENCE);

  /** Whether a request gets this fault, and not another one with the same law. */
  function isChosen(fault: Fault, { method }: TracedRequest, position: number): boolean {
    const groups = method === 'GET' || method === 'HEAD' ? [...ALIKE, ...ALIKE_TO_READ] : ALIKE;
    const alike = groups.find(faults => faults.includes(fault)) ?? [fault];
    return EXHAUSTIVE || position % alike.length === alike.indexOf(fault);
  }

  /** Requests with the same law for each fault, from the same place in the code. */
  function kindOf(target: TracedRequest): string {
    const { at, kind, status, bytes = 0, key } = target;
    const { renewed, settles } = spoiled(target);
    return JSON.stringify([at, kind, status, bytes > 0, renewed, settles, scene.tags.some(tag => key.endsWith(tag))]);
  }

  function spoiled(target: TracedRequest): Spoiled {
    const { key, kind, nth, status } = target;
    const neighbour = (distance: number) => clean.trace.find(each => each.key === key && each.nth === nth + distance);
    const [before, after] = [neighbour(-1), neighbour(1)];
    return {
      ...target,
      renewed: before?.status === 401,
      settles: oneRegistry && kind === 'PUT manifest' && scene.tags.some(tag => key.endsWith(tag)),
      next: status === 401 && after !== undefined ? spoiled(after) : undefined,
    };
  }
});

test(`at least ${RUNS} runs were tried`, () => {
  expect(runs).toBeGreaterThanOrEqual(RUNS);
});
