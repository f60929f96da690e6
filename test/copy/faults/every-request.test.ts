import { judge } from './judge';
import { Spoiled, lawOf } from './laws';
import { FAULTS } from '../../helpers/fault-proxy-faults';
import { Scene } from '../../helpers/fault-proxy-scene';
import { TracedRequest } from '../../helpers/fault-proxy-trace';
import { Run, breaches } from '../../helpers/invariants';
import { image, index } from '../../helpers/registry-images';

// One blob each, a large and a small one: more would be more of the same requests.
const twoArchitectures = index([image('arm64'.padEnd(16 * 1024), []), image('amd64', [])]);

const TIMES = [1, 3, Infinity];
// Tests get their names before a trace is there; the first of them holds these numbers.
const REQUESTS = { 'between two registries': 26, 'within one registry': 15 };
// Some sixty runs take a second or two; on a busy machine they may take their time.
const PATIENCE = 120_000;

let runs = 0;

describe.each(Object.entries(REQUESTS))('a copy %s, with every fault once, three times and for ever', (where, requests) => {
  const oneRegistry = where === 'within one registry';
  let scene: Scene;
  let clean: Run;

  beforeAll(async () => {
    scene = await Scene.start({ image: twoArchitectures, oneRegistry });
    clean = await scene.deliver();
  });
  afterAll(async () => scene.stop());

  test(`takes ${requests} requests when nothing goes wrong`, () => {
    expect(breaches(clean, scene.aim(clean))).toEqual([]);
    expect(clean.trace).toHaveLength(requests);
  });

  test.each(Array.from({ length: requests }, (_, k) => k + 1))('at request %i, it converges or fails in plain words and leaves the tags alone', async k => {
    const target = clean.trace[k - 1];
    const wrong: string[] = [];
    for (const fault of FAULTS) {
      const law = lawOf(fault, spoiled(target));
      if (law === undefined) continue;
      for (const times of TIMES) {
        const verdict = await judge({ scene, clean, target, fault, times }, law);
        wrong.push(...verdict.wrong);
        runs++;
        // Whoever does not come again for the third fault does not come for the hundredth: it would be the very same run.
        if (verdict.fired < times) break;
      }
    }
    expect(wrong).toEqual([]);
  }, PATIENCE);

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

test('these were at least 1200 runs', () => {
  expect(runs).toBeGreaterThanOrEqual(1200);
});
