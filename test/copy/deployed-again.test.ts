import { Stack } from '../helpers/cloudformation';
import { World, live } from '../helpers/cloudformation-world';
import { image } from '../helpers/registry-images';

const first = image('first');
const second = image('second');
const kept = (digest: string) => `live-web.kept-${digest.slice(7, 19)}`;

let world: World;

beforeEach(async () => { world = await World.offering({ first, second }); });
afterEach(async () => world.close());

function orderFor(source: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return world.properties(source, { KeepWhenThere: 'true', ...changes });
}

describe('an image that is deployed again', () => {
  let stack: Stack;
  beforeEach(() => { stack = world.stack(); });

  test('has only its live tag after the first deployment', async () => {
    await stack.deploy(orderFor('first'));

    expect(world.tags('team/web')).toEqual({ [live(first)]: first.digest });
  });

  test('by a deployment of an older version gets a tag that keeps it, however many newer versions are pushed', async () => {
    await stack.deploy(orderFor('first'));
    await stack.deploy(orderFor('second'));
    await stack.deploy(orderFor('first'));

    expect(world.tags('team/web')).toEqual({
      [live(first)]: first.digest, [live(second)]: second.digest, [kept(first.digest)]: first.digest,
    });
  });

  test('by a rollback of CloudFormation gets this tag too', async () => {
    await stack.deploy(orderFor('first'));
    await stack.deploy(orderFor('second'), { thenFails: true });

    expect(world.tags('team/web')).toMatchObject({ [kept(first.digest)]: first.digest });
  });

  test('for the third time needs nothing more', async () => {
    for (const source of ['first', 'second', 'first', 'second', 'first']) await stack.deploy(orderFor(source));

    expect(Object.keys(world.tags('team/web')).sort()).toEqual([live(first), live(second), kept(first.digest), kept(second.digest)].sort());
  });

  test('in another stack gets this tag too, because the rules of the first stack would delete it', async () => {
    await stack.deploy(orderFor('first'));
    await world.stack().deploy(orderFor('first', { LiveTagPrefix: 'live-api.' }));

    expect(Object.keys(world.tags('team/web')).sort()).toEqual([live(first), 'live-api.' + live(first).slice('live-web.'.length), `live-api.kept-${first.digest.slice(7, 19)}`].sort());
  });

  test('by a template of an older version of this library gets no such tag', async () => {
    await stack.deploy(world.properties('first'));
    await stack.deploy(world.properties('second'));
    await stack.deploy(world.properties('first'));

    expect(Object.keys(world.tags('team/web'))).toEqual([live(first), live(second)]);
  });
});
