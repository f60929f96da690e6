import { judge } from './judge';
import { lawOf } from './laws';
import { FAULTS } from '../../helpers/fault-proxy-faults';
import { Scene } from '../../helpers/fault-proxy-scene';
import { Run, breaches } from '../../helpers/invariants';
import { image, index, layer } from '../../helpers/registry-images';

const base = layer('base', 16 * 1024);
const twoArchitectures = index([image('arm64', [base]), image('amd64', [base])]);

const TIMES = [1, 3, Infinity];
// Tests get their names before a trace is there; the first of them holds these numbers.
const REQUESTS = { 'between two registries': 32, 'within one registry': 20 };
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

  test.each(Array.from({ length: requests }, (_, k) => k + 1))('at request %i, converges or fails in plain words and leaves the tags alone', async k => {
    const target = clean.trace[k - 1];
    const renewed = clean.trace.some(({ key, nth, status }) => key === target.key && nth === target.nth - 1 && status === 401);
    const settles = oneRegistry && target.kind === 'PUT manifest' && scene.tags.some(tag => target.key.endsWith(tag));
    const wrong: string[] = [];
    for (const fault of FAULTS) {
      const law = lawOf(fault, { ...target, renewed, settles });
      if (law === undefined) continue;
      for (const times of TIMES) {
        wrong.push(...await judge({ scene, clean, target, fault, times }, law));
        runs++;
      }
    }
    expect(wrong).toEqual([]);
  }, PATIENCE);
});

test('these were at least 1200 runs', () => {
  expect(runs).toBeGreaterThanOrEqual(1200);
});
