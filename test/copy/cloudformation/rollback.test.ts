import { Stack } from '../../helpers/cloudformation';
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

function events(): string[] {
  return stack.events.map(({ RequestType }) => RequestType);
}

function destination(repository: string): { readonly Destination: string } {
  return { Destination: `${world.registry.host}/${repository}` };
}

const idOf = (repository: string) => expect.stringMatching(new RegExp(`/${repository}#[0-9a-f]{16}$`)) as unknown;

describe('a failed Create', () => {
  test('is followed by a Delete with its own physical id, which succeeds', async () => {
    expect(await stack.deploy(world.properties('nope'))).toBe('ROLLBACK_COMPLETE');

    expect(events()).toEqual(['Create', 'Delete']);
    expect(stack.events[1].PhysicalResourceId).toEqual(idOf('team/web'));
  });

  test('does not block the next one', async () => {
    await stack.deploy(world.properties('nope'));

    expect(await stack.deploy(world.properties('first'))).toBe('CREATE_COMPLETE');
  });
});

describe('if another resource of the stack fails', () => {
  test('a new stack deletes its resource and keeps the image', async () => {
    expect(await stack.deploy(world.properties('first'), { thenFails: true })).toBe('ROLLBACK_COMPLETE');

    expect(events()).toEqual(['Create', 'Delete']);
    expect(world.tags('team/web')).toEqual({ [live(first)]: first.digest });
  });

  test('an update goes back to the previous image, with the same physical id and the same response', async () => {
    await stack.deploy(world.properties('first'));
    const { resource } = stack;

    expect(await stack.deploy(world.properties('second'), { thenFails: true })).toBe('UPDATE_ROLLBACK_COMPLETE');

    expect(events()).toEqual(['Create', 'Update', 'Update']);
    expect(stack.resource).toEqual(resource);
  });

  test('a floating tag goes back too', async () => {
    await stack.deploy(world.properties('first', { FloatingTags: ['latest'] }));

    await stack.deploy(world.properties('second', { FloatingTags: ['latest'] }), { thenFails: true });

    expect(world.tags('team/web')).toEqual({ [live(first)]: first.digest, [live(second)]: second.digest, latest: first.digest });
  });

  test('three times in a row, the fourth try uploads nothing', async () => {
    await stack.deploy(world.properties('first'));
    for (let times = 0; times < 3; times++) await stack.deploy(world.properties('second'), { thenFails: true });
    const before = world.registry.count('PUT upload', 'PUT manifest', 'mount', 'POST upload');

    expect(await stack.deploy(world.properties('second'))).toBe('UPDATE_COMPLETE');

    expect(world.registry.count('PUT upload', 'PUT manifest', 'mount', 'POST upload')).toBe(before);
  });
});

describe('a failed Update', () => {
  test('is followed by an Update with the old properties, which succeeds', async () => {
    await stack.deploy(world.properties('first'));
    const { resource } = stack;

    expect(await stack.deploy(world.properties('nope'))).toBe('UPDATE_ROLLBACK_COMPLETE');

    expect(events()).toEqual(['Create', 'Update', 'Update']);
    expect(stack.events[2].OldResourceProperties).toMatchObject({ Source: expect.stringContaining(':nope') });
    expect(stack.resource).toEqual(resource);
  });

  test('whose rollback fails too can be continued after the cause is fixed', async () => {
    await stack.deploy(world.properties('first'));
    world.registry.fail('GET manifest', { status: 403, code: 'DENIED' }, { times: 2 });

    expect(await stack.deploy(world.properties('second'))).toBe('UPDATE_ROLLBACK_FAILED');
    expect(await stack.continueRollback()).toBe('UPDATE_ROLLBACK_COMPLETE');

    expect(stack.resource?.data).toMatchObject({ Tag: live(first) });
  });

  test('because of a tag that is taken names both digests and moves nothing', async () => {
    await stack.deploy(world.properties('first', { Tags: ['v1'] }));
    const tags = world.tags('team/web');

    expect(await stack.deploy(world.properties('second', { Tags: ['v1'] }))).toBe('UPDATE_ROLLBACK_COMPLETE');

    expect(world.answers.answerTo(stack.events[1])?.reason).toContain(`the tag already means ${first.digest} and must not move to ${second.digest}`);
    expect(world.tags('team/web')).toEqual(tags);
  });
});

describe('a change of the destination', () => {
  test('creates a new physical id, and the old one is deleted in the clean-up without changing its image', async () => {
    await stack.deploy(world.properties('first'));
    const old = stack.resource?.physicalId;

    expect(await stack.deploy(world.properties('first', destination('team/api')))).toBe('UPDATE_COMPLETE');

    expect(events()).toEqual(['Create', 'Update', 'Delete']);
    expect(stack.events[2]).toMatchObject({ PhysicalResourceId: old, ResourceProperties: destination('team/web') });
    expect(stack.resource?.physicalId).toEqual(idOf('team/api'));
    expect([world.tags('team/web'), world.tags('team/api')]).toEqual([{ [live(first)]: first.digest }, { [live(first)]: first.digest }]);
  });

  test('and back again uses the old physical id again', async () => {
    await stack.deploy(world.properties('first'));
    const old = stack.resource?.physicalId;

    await stack.deploy(world.properties('first', destination('team/api')));
    await stack.deploy(world.properties('first'));

    expect(stack.resource?.physicalId).toBe(old);
  });

  test.each(['update', 'delete'] as const)('that fails keeps the old id and image (CloudFormation answers with %s)', async failedReplacement => {
    stack = world.stack({ failedReplacement });
    await stack.deploy(world.properties('first'));
    const { resource } = stack;

    expect(await stack.deploy(world.properties('nope', destination('team/api')))).toBe('UPDATE_ROLLBACK_COMPLETE');

    expect(stack.resource).toEqual(resource);
    expect([world.tags('team/web'), world.tags('team/api')]).toEqual([{ [live(first)]: first.digest }, {}]);
  });

  test('that is rolled back for another reason is deleted, and the old id is used again', async () => {
    await stack.deploy(world.properties('first'));
    const { resource } = stack;

    expect(await stack.deploy(world.properties('second', destination('team/api')), { thenFails: true })).toBe('UPDATE_ROLLBACK_COMPLETE');

    expect(events()).toEqual(['Create', 'Update', 'Update', 'Delete']);
    expect(stack.events[3].PhysicalResourceId).toEqual(idOf('team/api'));
    expect(stack.resource).toEqual(resource);
  });
});

describe('a deployment of the same image', () => {
  test('with another live tag prefix gets a second live tag and keeps its id', async () => {
    await stack.deploy(world.properties('first'));
    const id = stack.resource?.physicalId;

    expect(await stack.deploy(world.properties('first', { LiveTagPrefix: 'live-api.' }))).toBe('UPDATE_COMPLETE');

    expect(stack.resource).toMatchObject({ physicalId: id, data: { Tag: live(first, 'live-api.') } });
    expect(world.tags('team/web')).toEqual({ [live(first)]: first.digest, [live(first, 'live-api.')]: first.digest });
  });

  test('with more tags gets them without an upload', async () => {
    await stack.deploy(world.properties('first'));
    const before = world.registry.count('PUT upload', 'mount', 'POST upload');

    await stack.deploy(world.properties('first', { Tags: ['v1', 'v1.0'], FloatingTags: ['latest'] }));

    expect(Object.keys(world.tags('team/web'))).toEqual([live(first), 'v1', 'v1.0', 'latest']);
    expect(world.registry.count('PUT upload', 'mount', 'POST upload')).toBe(before);
  });

  test('with fewer tags keeps the removed tag in the repository', async () => {
    await stack.deploy(world.properties('first', { Tags: ['v1'] }));

    expect(await stack.deploy(world.properties('first'))).toBe('UPDATE_COMPLETE');

    expect(Object.keys(world.tags('team/web'))).toEqual([live(first), 'v1']);
  });

  test('with an unchanged template sends no event', async () => {
    await stack.deploy(world.properties('first'));

    expect(await stack.deploy(world.properties('first'))).toBe('NO_CHANGE');
    expect(events()).toEqual(['Create']);
  });
});

test('a stack that is deleted and created again uses the existing image', async () => {
  await stack.deploy(world.properties('first'));
  expect(await stack.delete()).toBe('DELETE_COMPLETE');
  const before = world.registry.count();

  stack = world.stack({ name: 'Again' });
  expect(await stack.deploy(world.properties('first'))).toBe('CREATE_COMPLETE');

  expect(world.registry.count() - before).toBe(2);
});
