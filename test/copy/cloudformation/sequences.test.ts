import fc from 'fast-check';
import { Stack } from '../../helpers/cloudformation';
import { Auditor } from '../../helpers/cloudformation-auditor';
import { Real, commands } from '../../helpers/cloudformation-commands';
import { Images, MOVING, Model } from '../../helpers/cloudformation-model';
import { World } from '../../helpers/cloudformation-world';
import { EXHAUSTIVE } from '../../helpers/exhaustive';
import { image, index, layer } from '../../helpers/registry-images';

const SEQUENCES = EXHAUSTIVE ? 1000 : 30;
const DESTINATIONS = ['team/web', 'team/api'];

const base = layer('base', 100);
const a = image('a', [base, layer('a', 100)]);
const b = index([image('b for one platform', [base, layer('b', 100)]), image('b for another', [layer('c', 100)])]);
const IMAGES: Images = { a, b, [MOVING]: a };

/** The events that must occur in a thousand sequences. Otherwise, the sequences do not test enough. */
const EXPECTED = [
  'Create SUCCESS', 'Create FAILED', 'Create unanswered', 'Create undelivered', 'Update SUCCESS', 'Update FAILED', 'Update unanswered',
  'Create FAILED without its source', 'Create SUCCESS without its source', 'Update SUCCESS without its source', 'Delete answered',
  'CREATE_COMPLETE', 'ROLLBACK_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'UPDATE_ROLLBACK_FAILED', 'DELETE_COMPLETE', 'NO_CHANGE',
  'continued: UPDATE_ROLLBACK_COMPLETE', 'delivered late',
];

test(`in ${SEQUENCES} random sequences of deployments, the registry has the images of the templates, and every event gets a response`, async () => {
  const seen = new Set<string>();
  const settings = fc.record({ mount: fc.boolean(), failedReplacement: fc.constantFrom('update' as const, 'delete' as const) });
  await fc.assert(fc.asyncProperty(settings, commands(DESTINATIONS, Object.keys(IMAGES)), async ({ mount, failedReplacement }, sequence) => {
    const world = await World.open({ mount });
    try {
      await fc.asyncModelRun(async () => begin(world, failedReplacement, seen), sequence);
    } finally {
      await world.close();
    }
  }), { numRuns: SEQUENCES });
  const expected = EXHAUSTIVE ? EXPECTED : EXPECTED.slice(0, 1);
  expect(expected.filter(what => !seen.has(what))).toEqual([]);
}, 600_000);

function begin(world: World, failedReplacement: 'update' | 'delete', seen: Set<string>): { readonly model: Model; readonly real: Real } {
  const model = new Model(IMAGES, DESTINATIONS, tag => String(world.properties(tag).Source));
  Object.entries(IMAGES).forEach(([tag, each]) => world.publish(each, tag));
  const auditor = new Auditor(world, model, seen);
  let stacks = 0;
  const nextStack = () => new Stack(auditor.invoke, world.answers, { name: `Web${++stacks}`, failedReplacement });
  return { model, real: { world, auditor, images: IMAGES, stack: nextStack(), nextStack } };
}
