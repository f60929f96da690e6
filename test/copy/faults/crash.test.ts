import { EXHAUSTIVE } from '../../helpers/exhaustive';
import { ChildDeliveries, Kill } from '../../helpers/fault-proxy-child';
import { pick, seeded } from '../../helpers/fault-proxy-random';
import { Scene } from '../../helpers/fault-proxy-scene';
import { Run, breaches, outcomeOf, repeatedWork } from '../../helpers/invariants';
import { image, index, layer } from '../../helpers/registry-images';

// Decides where the function crashes. Another seed has fifty other places.
const SEED = 20260101;
const RUNS = EXHAUSTIVE ? 25 : 3;
const PATIENCE = 60_000;
const base = layer('base', 16 * 1024);
const twoArchitectures = index([image('arm64', [base]), image('amd64', [base])]);

let deliveries: ChildDeliveries;
beforeAll(async () => { deliveries = await ChildDeliveries.start(); }, PATIENCE);
afterAll(async () => deliveries.stop());

describe.each([['between two registries', false], ['within one registry', true]])('a function that crashes in the middle of a copy %s', (_, oneRegistry) => {
  let scene: Scene;
  let clean: Run;

  beforeAll(async () => {
    scene = await Scene.start({ image: twoArchitectures, oneRegistry });
    clean = await deliveries.deliver(scene);
  }, PATIENCE);
  afterAll(async () => scene.stop());

  test('copies the image without a crash', () => {
    expect(outcomeOf(clean)).toMatchObject({ Status: 'SUCCESS' });
    expect(breaches(clean, scene.aim(clean))).toEqual([]);
  });

  const random = seeded(SEED + (oneRegistry ? 1 : 0));
  const kills = Array.from({ length: RUNS }, () => ({ percent: Math.floor(random() * 100), when: pick(['arrives', 'is handled'] as const, random) }));

  test.each(kills)('leaves no tag on an incomplete image, and the next run completes its work (after $percent % of all $when)', async ({ percent, when }) => {
    const kill: Kill = { number: 1 + Math.floor(percent / 100 * clean.trace.length), when };
    scene.clear();

    const died = await deliveries.deliver(scene, kill);
    const next = await deliveries.deliver(scene);

    expect(died.trace.length).toBeGreaterThanOrEqual(kill.number);
    expect([...died.incomplete, ...died.answers]).toEqual([]);
    expect([...repeatedWork(next), ...breaches(next, scene.aim(clean))]).toEqual([]);
    expect(outcomeOf(next)).toEqual(outcomeOf(clean));
  }, PATIENCE);
});
