import { CustomResourceEvent } from '../../../src/custom-resource/protocol';
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

function answersTo({ RequestId }: CustomResourceEvent): string[] {
  return world.answers.received(RequestId).map(String);
}

describe('an event that is delivered more than once', () => {
  test.each([1, 2])('(%i more times) gets the same response every time', async duplicates => {
    world.lambda.duplicates = duplicates;

    expect(await stack.deploy(world.properties('first'))).toBe('CREATE_COMPLETE');

    const answers = answersTo(stack.events[0]);
    expect(answers).toHaveLength(duplicates + 1);
    expect(new Set(answers).size).toBe(1);
    expect(world.tags('team/web')).toEqual({ [live(first)]: first.digest });
  });

  test('at the same time gets a response every time, and the image is there once', async () => {
    Object.assign(world.lambda, { duplicates: 2, atOnce: true });

    expect(await stack.deploy(world.properties('first', { Tags: ['v1'], FloatingTags: ['latest'] }))).toBe('CREATE_COMPLETE');

    expect(new Set(answersTo(stack.events[0])).size).toBe(1);
    expect(world.tags('team/web')).toEqual({ [live(first)]: first.digest, v1: first.digest, latest: first.digest });
  });

  test('at the same time gets a response every time from a registry with immutable tags', async () => {
    await world.close();
    world = await World.offering({ first }, { immutableTags: true });
    stack = world.stack();
    Object.assign(world.lambda, { duplicates: 2, atOnce: true });

    expect(await stack.deploy(world.properties('first', { Tags: ['v1'] }))).toBe('CREATE_COMPLETE');

    expect(answersTo(stack.events[0]).map(body => JSON.parse(body).Status)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
  });

  test('can be a Delete', async () => {
    await stack.deploy(world.properties('first'));
    world.lambda.duplicates = 2;

    expect(await stack.delete()).toBe('DELETE_COMPLETE');
    expect(answersTo(stack.events[1])).toHaveLength(3);
  });
});

describe('an event that is delivered late', () => {
  test('as Create after its Delete is processed, gets a response, and changes nothing for CloudFormation', async () => {
    world.lambda.late = true;
    expect(await stack.deploy(world.properties('first'))).toBe('ROLLBACK_COMPLETE');
    expect(stack.events.map(({ RequestType, PhysicalResourceId }) => [RequestType, PhysicalResourceId])).toEqual([
      ['Create', undefined], ['Delete', expect.stringContaining('INVENTED')],
    ]);

    await world.lambda.invoke(world.lambda.takeLate() as CustomResourceEvent);

    expect(answersTo(stack.events[0])).toEqual([expect.stringContaining('SUCCESS')]);
    expect(stack.resource).toBeUndefined();
    expect(world.tags('team/web')).toEqual({ [live(first)]: first.digest });
  });

  test('as Create after a second deployment does not move the tags of the deployed image', async () => {
    world.lambda.late = true;
    await stack.deploy(world.properties('first'));
    await stack.deploy(world.properties('second', { Tags: ['v2'] }));
    const { resource } = stack;

    await world.lambda.invoke(world.lambda.takeLate() as CustomResourceEvent);

    expect(stack.resource).toEqual(resource);
    expect(world.tags('team/web')).toMatchObject({ [live(second)]: second.digest, v2: second.digest });
  });

  test('as Update after its rollback keeps the image of the rollback', async () => {
    await stack.deploy(world.properties('first'));
    world.lambda.late = true;
    expect(await stack.deploy(world.properties('second'))).toBe('UPDATE_ROLLBACK_COMPLETE');

    await world.lambda.invoke(world.lambda.takeLate() as CustomResourceEvent);

    expect(stack.resource?.data).toMatchObject({ Tag: live(first) });
    expect(world.tags('team/web')).toEqual({ [live(first)]: first.digest, [live(second)]: second.digest });
  });
});

describe('a Delete event', () => {
  test.each([
    ['of an unknown id', 'arn:of:somebody:else'],
    ['of an id that CloudFormation invented', 'Web-Image-1ABCDEFGHIJKL'],
    ['of the marker of another framework', 'AWSCDK::CustomResourceProviderFramework::CREATE_FAILED'],
    ['of the longest id there is', 'x'.repeat(1024)],
  ])('%s gets a response with its id and sends no request to a registry', async (_, physicalId) => {
    await stack.deploy(world.properties('first'));
    const before = world.registry.count();
    stack.resource = { properties: world.properties('first'), physicalId, data: {} };

    expect(await stack.delete()).toBe('DELETE_COMPLETE');

    expect(JSON.parse(answersTo(stack.events[1])[0])).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: physicalId });
    expect(world.registry.count()).toBe(before);
  });

  test.each<[string, Properties]>([
    ['without any property', {}],
    ['of an older schema', { SchemaVersion: '0', Image: 'x' }],
    ['of a newer schema', { SchemaVersion: '99' }],
  ])('%s succeeds', async (_, properties) => {
    stack.resource = { properties, physicalId: 'id', data: {} };
    expect(await stack.delete()).toBe('DELETE_COMPLETE');
  });
});

describe('a template of an incompatible version', () => {
  test.each(['0', '2', '99', 'x'.repeat(5000)])('(%#) fails with one sentence, and the stack is rolled back', async SchemaVersion => {
    await stack.deploy(world.properties('first'));

    expect(await stack.deploy(world.properties('second', { SchemaVersion }))).toBe('UPDATE_ROLLBACK_COMPLETE');

    expect(world.answers.answerTo(stack.events[1])?.reason).toBe(`the property 'SchemaVersion' is '${SchemaVersion.slice(0, 20)}', this handler understands '1'`);
    expect(stack.resource?.data).toMatchObject({ Tag: live(first) });
  });

  test('can be updated to this version, and keeps its physical id', async () => {
    const { Destination } = world.properties('first');
    stack.resource = { properties: { SchemaVersion: '0', Destination }, physicalId: 'given by an older version', data: {} };

    expect(await stack.deploy(world.properties('first'))).toBe('UPDATE_COMPLETE');
    expect(stack.resource.physicalId).toBe('given by an older version');
  });

  test('cannot be the target of a rollback, and the message says so', async () => {
    const { Destination } = world.properties('first');
    stack.resource = { properties: { SchemaVersion: '0', Destination }, physicalId: 'id', data: {} };

    expect(await stack.deploy(world.properties('nope'))).toBe('UPDATE_ROLLBACK_FAILED');
    expect(world.answers.answerTo(stack.events[1])?.reason).toContain("'SchemaVersion' is '0'");
    expect(await stack.delete()).toBe('DELETE_COMPLETE');
  });
});

describe('an event without ResourceProperties', () => {
  test.each(['Create', 'Update', 'Delete'] as const)('(%s) gets a response', async RequestType => {
    const event: CustomResourceEvent = {
      RequestType, StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Image', ResponseURL: world.answers.address('request'),
      ...(RequestType !== 'Create' && { PhysicalResourceId: 'id' }),
    };

    await world.lambda.invoke(event);

    const expected = RequestType === 'Delete' ? { status: 'SUCCESS', physicalId: 'id' } : { status: 'FAILED', reason: "the property 'SchemaVersion' must be a text" };
    expect(world.answers.answerTo(event)).toMatchObject(expected);
  });
});

describe('a physical id', () => {
  test.each([
    ['of a destination that is not a text', { Destination: { Ref: 'Repository' } }],
    ['of an empty destination', { Destination: '' }],
    ['of a destination of 2000 letters', { Destination: `x/${'a'.repeat(2000)}` }],
    ['of a destination of 2000 characters of three bytes', { Destination: `x/${'日'.repeat(2000)}` }],
    ['of a destination of 2000 characters of four bytes', { Destination: `x/${'🚢'.repeat(2000)}` }],
  ])('%s is valid for CloudFormation, so that the real reason is shown', async (_, changes) => {
    expect(await stack.deploy(world.properties('first', changes))).toBe('ROLLBACK_COMPLETE');

    expect(world.answers.answerTo(stack.events[0])?.reason).toMatch(/^the property 'Destination' /);
  });
});
