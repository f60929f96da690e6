import { Properties, Stack } from '../../helpers/cloudformation';
import { World, live } from '../../helpers/cloudformation-world';
import { image } from '../../helpers/registry-images';

const first = image('first');
const second = image('second');

let world: World;
let stack: Stack;

beforeEach(async () => {
  world = await World.offering({ first, second });
  stack = world.stack();
});
afterEach(async () => world.close());

describe('a rollback to an image that was deleted from its source', () => {
  const NEVER_MOVES = { SourceNeverMoves: 'true' };

  async function failAfterExpiry(back: Properties, expired: string): Promise<string> {
    await stack.deploy(back);
    world.expire(first, expired);
    return stack.deploy(world.properties('nope', NEVER_MOVES));
  }

  test('uses the copy in the repository', async () => {
    expect(await failAfterExpiry(world.properties('first', NEVER_MOVES), 'first')).toBe('UPDATE_ROLLBACK_COMPLETE');

    expect(stack.resource?.data).toEqual({ DigestHex: first.digest.slice(7), Tag: live(first) });
  });

  test('restores a floating tag', async () => {
    await stack.deploy(world.properties('first', { ...NEVER_MOVES, FloatingTags: ['latest'] }));
    world.expire(first, 'first');

    await stack.deploy(world.properties('second', { ...NEVER_MOVES, FloatingTags: ['latest'] }), { thenFails: true });

    expect(world.tags('team/web')).toMatchObject({ latest: first.digest, [live(second)]: second.digest });
  });

  test('fails if its tag could have moved meanwhile, and can be continued when the image is back', async () => {
    expect(await failAfterExpiry(world.properties('first'), 'first')).toBe('UPDATE_ROLLBACK_FAILED');
    expect(world.answers.answerTo(stack.events[2])?.reason).toContain('the registry answered 404 MANIFEST_UNKNOWN');

    world.publish(first, 'first');
    expect(await stack.continueRollback()).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  test('does not use the image of another source instead', async () => {
    await stack.deploy(world.properties('second', NEVER_MOVES));

    expect(await stack.deploy(world.properties('first', { ...NEVER_MOVES, Source: `${world.registry.host}/elsewhere:second` }))).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(world.answers.answerTo(stack.events[1])?.status).toBe('FAILED');
  });

  // ADR 7: an image that has all its tags needs two requests and nothing else, so this source is not recorded.
  test('needs its source if the same image was copied from another source before', async () => {
    world.publish(first, 'rebuilt');
    await stack.deploy(world.properties('first', NEVER_MOVES));

    expect(await failAfterExpiry(world.properties('rebuilt', NEVER_MOVES), 'rebuilt')).toBe('UPDATE_ROLLBACK_FAILED');
    expect(world.tags('team/web')[live(first)]).toBe(first.digest);
  });

  test('works if it had another live tag prefix before', async () => {
    const tags = { ...NEVER_MOVES, Tags: ['v1'] };
    await stack.deploy(world.properties('first', tags));

    expect(await failAfterExpiry(world.properties('first', { ...tags, LiveTagPrefix: 'live-api.' }), 'first')).toBe('UPDATE_ROLLBACK_COMPLETE');
  });
});
