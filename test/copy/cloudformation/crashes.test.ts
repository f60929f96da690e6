import { Stack } from '../../helpers/cloudformation';
import { Crash } from '../../helpers/cloudformation-crash';
import { Death } from '../../helpers/cloudformation-function';
import { World, isComplete, live } from '../../helpers/cloudformation-world';
import { image, index, layer } from '../../helpers/registry-images';

const first = index([image('first', [layer('base'), layer('first')])]);
const second = index([image('second', [layer('base'), layer('second')])]);

let world: World;
let stack: Stack;

beforeEach(async () => {
  world = await World.offering({ first, second }, { mount: false });
  stack = world.stack();
});
afterEach(async () => world.close());

const at = (moment: Crash['moment'], of: RegExp): Crash => ({ moment, of, nth: 1 });

/** From the first line of the function to its last. */
const POINTS: readonly (readonly [string, Death])[] = [
  ['before the work', 'at the start'],
  ['in the middle of a blob', at('within', /^PUT .*\/blobs\/uploads\//)],
  ['before a manifest', at('before', /^PUT .*\/manifests\/sha256:/)],
  ['before the tag', at('before', /^PUT .*\/manifests\/live-/)],
  ['before the answer', 'before the answer'],
];
const POINTS_AND_TIMES = POINTS.flatMap(([where, death]) => [1, 2].map(times => ({ where, times, death })));

function expectConsistent(): void {
  const repository = world.registry.repository('team/web');
  expect([...repository.tags.values()].filter(digest => !isComplete(repository, digest))).toEqual([]);
}

function answersTo(request: number): number {
  return world.answers.received(stack.events[request].RequestId).length;
}

describe('a function that crashes is started again and completes its work', () => {
  test.each(POINTS_AND_TIMES)('Create: $where, $times of 3 runs crash', async ({ times, death }) => {
    world.function.deaths = Array.from({ length: times }, () => death);

    expect(await stack.deploy(world.properties('first'))).toBe('CREATE_COMPLETE');

    expect(world.function.runs).toHaveLength(times + 1);
    expect(answersTo(0)).toBe(1);
    expect(stack.resource?.data).toEqual({ DigestHex: first.digest.slice(7), Tag: live(first) });
    expect(world.tags('team/web')).toEqual({ [live(first)]: first.digest });
    expectConsistent();
  });

  test.each(POINTS_AND_TIMES)('Update: $where, $times of 3 runs crash', async ({ times, death }) => {
    await stack.deploy(world.properties('first'));
    world.function.deaths = Array.from({ length: times }, () => death);

    expect(await stack.deploy(world.properties('second'))).toBe('UPDATE_COMPLETE');

    expect(answersTo(1)).toBe(1);
    expect(stack.resource?.data).toEqual({ DigestHex: second.digest.slice(7), Tag: live(second) });
    expect(world.tags('team/web')).toEqual({ [live(first)]: first.digest, [live(second)]: second.digest });
    expectConsistent();
  });

  test.each(['at the start', 'before the answer'].flatMap(death => [1, 2].map(times => ({ death: death as Death, times }))))(
    'Delete: $death, $times of 3 runs crash', async ({ times, death }) => {
      await stack.deploy(world.properties('first'));
      const requests = world.registry.count();
      world.function.deaths = Array.from({ length: times }, () => death);

      expect(await stack.delete()).toBe('DELETE_COMPLETE');

      expect(answersTo(1)).toBe(1);
      expect(world.registry.count()).toBe(requests);
      expect(world.tags('team/web')).toEqual({ [live(first)]: first.digest });
    });
});

describe('a function that always crashes sends no response', () => {
  test.each(POINTS)('Create: %s, and the stack is rolled back without a tag on an incomplete image', async (_, death) => {
    world.function.deaths = [death, death, death];

    expect(await stack.deploy(world.properties('first'))).toBe('ROLLBACK_COMPLETE');

    expect(stack.events.map(({ RequestType }) => RequestType)).toEqual(['Create', 'Delete']);
    expect(stack.events[1].PhysicalResourceId).toContain('INVENTED');
    expect([answersTo(0), answersTo(1)]).toEqual([0, 1]);
    expectConsistent();
  });

  test.each(POINTS)('Update: %s, and the stack is back at its previous image, which was never changed', async (_, death) => {
    await stack.deploy(world.properties('first'));
    const { resource } = stack;
    world.function.deaths = [death, death, death];

    expect(await stack.deploy(world.properties('second'))).toBe('UPDATE_ROLLBACK_COMPLETE');

    expect(stack.resource).toEqual(resource);
    expect([answersTo(1), answersTo(2)]).toEqual([0, 1]);
    expect(world.tags('team/web')).toMatchObject({ [live(first)]: first.digest });
    expectConsistent();
  });
});

describe('the work of a crashed function', () => {
  test.each(['first', 'second'])('is reported as usual if only the response was missing (%s deployment)', async which => {
    if (which === 'second') await stack.deploy(world.properties('first'));
    world.function.deaths = [at('after', /^PUT .*\/manifests\/live-/)];

    await stack.deploy(world.properties(which));

    const { event } = world.function.runs[world.function.runs.length - 1];
    expect(world.answers.received(event.RequestId)).toHaveLength(1);
    expect(stack.resource?.data).toMatchObject({ Tag: live(which === 'first' ? first : second) });
  });

  test('is not copied a second time', async () => {
    world.function.deaths = [at('before', /^PUT .*\/manifests\/live-/)];

    await stack.deploy(world.properties('first'));

    expect(world.registry.count('PUT upload')).toBe(3);
  });

  test('does not block the next deployment', async () => {
    const death = at('within', /^PUT .*\/blobs\/uploads\//);
    world.function.deaths = [death, death, death];
    await stack.deploy(world.properties('first'));

    expect(await stack.deploy(world.properties('first'))).toBe('CREATE_COMPLETE');
    expectConsistent();
  });
});

test('a function that crashes after its response responds again, and the first response counts', async () => {
  world.function.deaths = ['after the answer', 'after the answer'];

  expect(await stack.deploy(world.properties('first'))).toBe('CREATE_COMPLETE');

  const bodies = world.answers.received(stack.events[0].RequestId).map(String);
  expect(bodies).toHaveLength(3);
  expect(new Set(bodies).size).toBe(1);
});
