import { TestRegistry } from '../../helpers/registry';
import { Registries, failureOf, fixed } from '../../helpers/registry-copy';
import { image } from '../../helpers/registry-images';

const registries = new Registries();
afterEach(async () => registries.stop());

const [web, other] = [image('web'), image('other')];

async function immutable(): Promise<TestRegistry> {
  const registry = await registries.start({ immutableTags: true });
  registry.add('assets', web, 'abc');
  return registry;
}

const source = ({ host }: TestRegistry) => ({ host, repository: 'assets', version: 'abc' });

test('a taken tag fails before anything is uploaded, with both digests in the message', async () => {
  const registry = await immutable();
  registry.add('team/web', other, 'v1');

  const failure = await failureOf(registries.copy(source(registry), registry, { tags: fixed('v1') }));

  expect(failure.message).toBe(
    `could not tag the image at the destination ${registry.host}/team/web:v1: the tag already means ${other.digest} and must not move to ${web.digest}`,
  );
  expect(registry.requests.map(({ kind }) => kind)).toEqual(['GET manifest', 'HEAD manifest']);
});

test('a tag that means the same image already is a success', async () => {
  const registry = await immutable();
  registry.add('team/web', web, 'v1');

  await registries.copy(source(registry), registry, { tags: fixed('v1') });

  expect(registry.count('PUT manifest')).toBe(0);
});

test('losing the race for a tag against the same image is a success', async () => {
  const registry = await immutable();
  registry.fail('PUT manifest', 'lose the answer');

  await registries.copy(source(registry), registry, { tags: fixed('v1') });

  expect(registry.count('PUT manifest')).toBe(2);
  expect(registry.repository('team/web').tags.get('v1')).toBe(web.digest);
});

test('losing the race for a tag against another image fails with both digests', async () => {
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

test('without a wanted tag the image is there by its digest', async () => {
  const registry = await immutable();

  await registries.copy(source(registry), registry, { tags: () => [] });

  expect(registry.repository('team/web').find(web.digest)?.bytes).toEqual(web.bytes);
});
