import fc from 'fast-check';
import { FIRST, Kind, Template, TrafficWorld, Trouble } from '../helpers/traffic-model';

type Step = 'force' | { readonly change: Partial<Template>; readonly isNew: boolean; readonly trouble: Trouble };

const CHANGE = fc.record({
  strategy: fc.constantFrom('shifting', 'shifting', 'rolling' as const),
  place: fc.constantFrom('80', '443' as const),
  protocol: fc.constantFrom('a', 'a', 'a', 'b' as const),
  setting: fc.constantFrom('one', 'two' as const),
  priority: fc.integer({ min: 10, max: 12 }),
  tag: fc.constantFrom('a', 'b'),
}, { requiredKeys: [] });
const TROUBLE = fc.record({ tasksFail: fc.constant(true), laterFails: fc.constant(true), twice: fc.constant(true) }, { requiredKeys: [] });
const STEPS: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof({ weight: 1, arbitrary: fc.constant<Step>('force') }, { weight: 5, arbitrary: fc.record({ change: CHANGE, isNew: fc.boolean(), trouble: TROUBLE }) as fc.Arbitrary<Step> }),
  { minLength: 1, maxLength: 10, size: 'max' },
);

/** Deploys a sequence of templates. */
async function run(kind: Kind, steps: readonly Step[]): Promise<TrafficWorld> {
  const world = new TrafficWorld(kind);
  expect(await world.deploy(FIRST)).toBe('UPDATE_COMPLETE');
  for (const step of steps) {
    const { template = FIRST } = world;
    if (step === 'force') world.forceDeployment();
    else await world.deploy({ ...template, ...step.change, version: template.version + (step.isNew ? 1 : 0) }, step.trouble);
  }
  return world;
}

describe.each<[Kind]>([['rule'], ['listener']])('for any sequence of deployments, shifts, moves and rollbacks behind a %s', kind => {
  const seen = new Set<string>();

  test('clients never reach a target group without targets', async () => {
    await fc.assert(fc.asyncProperty(STEPS, async steps => {
      const world = await run(kind, steps);
      world.seen.forEach(each => seen.add(each));
      expect(world.outages).toEqual([]);
      const left = kind === 'rule' ? world.scene.cloud.rules : world.scene.cloud.listeners;
      expect(left.size).toBe(1);
    }), { numRuns: 80, seed: 1 });
  }, 60_000);

  test('the sequences contain every kind of event', () => {
    expect([...seen].sort()).toEqual([
      ...kind === 'rule' ? ['moved'] : [], 'UPDATE_COMPLETE', 'clients of Web/Service use its second target group, so a rolling deployment would take their tasks away',
      'forced', 'rolled', 'rolled back: later', 'rolled back: rule', 'tasks failed',
      'the target groups of Web/Service would be replaced while clients use them',
    ].sort());
  });
});

test('the same model finds the outage if an update sends the actions, as CloudFormation does', async () => {
  const { outages } = await run('rule of CloudFormation', [{ change: { tag: 'a' }, isNew: false, trouble: {} }]);
  expect(outages).toEqual([expect.stringContaining('Update of the rule of CloudFormation: [["arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/main-a/main-a",100]]')]);
});

test('a change back to rolling deployments works after one more deployment, and so does a change to blue/green from there', async () => {
  const world = new TrafficWorld('rule');
  await world.deploy(FIRST);
  expect(await world.deploy({ ...FIRST, strategy: 'rolling' })).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await world.deploy({ ...FIRST, version: 2 })).toBe('UPDATE_COMPLETE');
  expect(await world.deploy({ ...FIRST, version: 2, strategy: 'rolling' })).toBe('UPDATE_COMPLETE');
  expect(await world.deploy({ ...FIRST, version: 3, strategy: 'rolling' })).toBe('UPDATE_COMPLETE');
  expect(await world.deploy({ ...FIRST, version: 4 })).toBe('UPDATE_COMPLETE');
  expect(world.outages).toEqual([]);
});
