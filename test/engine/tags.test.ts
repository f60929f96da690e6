import { copyImage } from '../../src/engine/copy';
import { TestRegistry } from '../helpers/registry';
import { Registries, failureOf, fixed } from '../helpers/registry-copy';
import { image } from '../helpers/registry-images';

const registries = new Registries();
afterEach(async () => registries.stop());

const [web, other] = [image('web'), image('other')];

async function immutable(): Promise<TestRegistry> {
  const registry = await registries.start({ immutableTags: true });
  registry.add('assets', web, 'abc');
  return registry;
}

const source = ({ host }: TestRegistry) => ({ host, repository: 'assets', version: 'abc' });

test('a tag that is taken fails the copy before anything is uploaded, with both digests in the message', async () => {
  const registry = await immutable();
  registry.add('team/web', other, 'v1');

  const failure = await failureOf(registries.copy(source(registry), registry, { tags: fixed('v1') }));

  expect(failure.message).toBe(
    `could not tag the image at the destination ${registry.host}/team/web:v1: the tag already means ${other.digest} and must not move to ${web.digest}`,
  );
  // The advice for the user depends on it.
  expect(failure).toMatchObject({ code: 'TAG_INVALID', retryable: false });
  expect(registry.requests.map(({ kind }) => kind)).toEqual(['GET manifest', 'HEAD manifest']);
});

test('a tag that is already on the same image is a success', async () => {
  const registry = await immutable();
  registry.add('team/web', web, 'v1');

  await registries.copy(source(registry), registry, { tags: fixed('v1') });

  expect(registry.count('PUT manifest')).toBe(0);
});

test('if another client puts a tag on the same image first, it is a success', async () => {
  const registry = await immutable();
  registry.fail('PUT manifest', 'lose the answer');

  await registries.copy(source(registry), registry, { tags: fixed('v1') });

  expect(registry.count('PUT manifest')).toBe(2);
  expect(registry.repository('team/web').tags.get('v1')).toBe(web.digest);
});

test('if another client puts a tag on another image first, the copy fails with both digests', async () => {
  const registry = await immutable();
  registry.fail('HEAD manifest', { status: 404 }, { nth: 2 });
  registry.add('team/web', other, 'v1');

  const failure = await failureOf(registries.copy(source(registry), registry, { tags: fixed('v1') }));

  expect(failure.message).toContain(`already means ${other.digest} and must not move to ${web.digest}`);
});

test('a floating tag is moved', async () => {
  const registry = await registries.start();
  registry.add('assets', web, 'abc');
  registry.add('team/web', other, 'latest');

  await registries.copy(source(registry), registry, { tags: () => [{ name: 'latest', onOtherDigest: 'move' }] });

  expect(registry.repository('team/web').tags.get('latest')).toBe(web.digest);
});

test('without a tag, the image is stored by its digest', async () => {
  const registry = await immutable();

  await registries.copy(source(registry), registry, { tags: () => [] });

  expect(registry.repository('team/web').find(web.digest)?.bytes).toEqual(web.bytes);
});

describe('a registry that answers 409 to a tag', () => {
  const taken = { status: 409, code: 'CONFLICT', message: 'somebody else is at it' };
  const goingTo = async (what: typeof web | undefined, registry: TestRegistry) => {
    if (what !== undefined) registry.add('team/web', what, 'v1');
    // The check before the conflict found no tag.
    registry.fail('HEAD manifest', { status: 404 });
    registry.fail('PUT manifest', taken, { times: 99 });
    return registries.copy(source(registry), registry, { tags: fixed('v1') });
  };

  test('succeeds if it has the same image', async () => {
    const registry = await immutable();

    await expect(goingTo(web, registry)).resolves.toMatchObject({ digest: web.digest });
  });

  test('fails the copy with both digests if it has another image', async () => {
    await expect(goingTo(other, await immutable())).rejects.toThrow(`the tag already means ${other.digest} and must not move to ${web.digest}`);
  });

  test('fails the copy with the error of the registry if the tag does not exist', async () => {
    await expect(goingTo(undefined, await immutable()))
      .rejects.toThrow(/^could not tag the image at the destination .*:v1: the registry answered 409 CONFLICT \(somebody else is at it\)$/);
  });
});

test('a rejection for another reason is a failure, even if another client wrote the tag meanwhile', async () => {
  const registry = await immutable();
  registry.add('team/web', web, 'v1');
  registry.fail('HEAD manifest', { status: 404 });
  registry.fail('PUT manifest', { status: 403, code: 'DENIED' });

  await expect(registries.copy(source(registry), registry, { tags: fixed('v1') })).rejects.toThrow('the registry answered 403 DENIED');
});

describe('the record of the source', () => {
  const sourceTag = 'live-web.source-123456789012';

  test('is kept if there is already one', async () => {
    const registry = await immutable();
    registry.add('team/web', other, sourceTag);

    await registries.copy(source(registry), registry, { sourceTag });

    expect(registry.repository('team/web').tags.get(sourceTag)).toBe(other.digest);
  });

  test.each([{ status: 409 }, { status: 400, code: 'TAG_INVALID' }])('is not confused with: %j', async fault => {
    const registry = await immutable();
    registry.fail('PUT manifest', fault);

    await expect(registries.copy(source(registry), registry, { sourceTag })).rejects.toThrow(`:${sourceTag}: the registry answered ${fault.status}`);
    expect(registry.repository('team/web').tags.size).toBe(0);
  });

  test('that cannot be written for another reason fails the copy', async () => {
    const registry = await immutable();
    registry.add('team/web', other, sourceTag);
    registry.fail('PUT manifest', { status: 403, code: 'DENIED' });

    await expect(registries.copy(source(registry), registry, { sourceTag })).rejects.toThrow(`:${sourceTag}: the registry answered 403 DENIED`);
  });
});

test('an image that was just built gets its tags without requests for its layers, and is not marked as deployed again', async () => {
  const registry = await immutable();
  registry.repository('team/web').add(web);

  const pushed = { host: registry.host, repository: 'team/web', version: web.digest };
  const options = { tags: fixed('v1'), sourceTag: 'source-1', againTag: (digest: string) => `kept-${digest.slice(7, 19)}`, isPushed: true };
  const result = await copyImage(pushed, { host: registry.host, repository: 'team/web' }, options, { origins: { [registry.host]: registry.origin } });

  expect(result.digest).toBe(web.digest);
  expect(Object.fromEntries(registry.repository('team/web').tags)).toEqual({ 'v1': web.digest, 'source-1': web.digest });
  expect(registry.count('HEAD blob', 'POST upload', 'mount')).toBe(0);
});
