import { TestRegistry } from '../helpers/registry';
import { Registries, fixed } from '../helpers/registry-copy';
import { image, index, layer, sha256 } from '../helpers/registry-images';

const registries = new Registries();
afterEach(async () => registries.stop());

const web = image('web', [layer('base'), layer('app')]);
const all = index([web, image('arm')]);
let source: TestRegistry;
let destination: TestRegistry;

beforeEach(async () => {
  [source, destination] = [await registries.start(), await registries.start()];
});

describe('content that the destination lost during the copy is copied again:', () => {
  test('a child of an index whose manifest was deleted after the check', async () => {
    const held = destination.repository('team/web');
    held.add(all);
    held.blobs.delete(sha256(layer('app')));
    held.manifests.delete(all.digest);
    destination.fail('PUT manifest', { status: 400, code: 'MANIFEST_BLOB_UNKNOWN' });

    await registries.copy(source.add('assets', all, 'abc'), destination, { tags: fixed('v1') });

    expect(held.blobs.get(sha256(layer('app')))).toEqual(layer('app'));
    expect(held.tags.get('v1')).toBe(all.digest);
  });

  test('a mounted layer that the registry then does not have, which is streamed', async () => {
    destination.when('PUT manifest', () => destination.repository('team/web').blobs.clear());
    const mounts = web.blobs.length;

    await expect(registries.copy(destination.add('assets', web, 'abc'), destination, { tags: fixed('v1') })).resolves.toMatchObject({ mounted: mounts, streamed: mounts });
    expect(destination.count('mount')).toBe(mounts);
  });

  test('once: if the registry reports the error again, the copy fails', async () => {
    destination.fail('PUT manifest', { status: 400, code: 'MANIFEST_BLOB_UNKNOWN' }, { times: 99 });

    await expect(registries.copy(source.add('assets', web, 'abc'), destination, { tags: fixed('v1') }))
      .rejects.toThrow(/^could not tag the image at the destination .*:v1: the registry answered 400 MANIFEST_BLOB_UNKNOWN/);
    expect(destination.count('PUT manifest')).toBe(2);
  });
});

describe('an image that was deleted from the source', () => {
  const sourceTag = 'live-web.source-123456789012';

  test('is found in the destination, as a rollback needs it', async () => {
    const reference = source.add('assets', web, 'abc');
    await registries.copy(reference, destination, { sourceTag });
    source.repository('assets').tags.delete('abc');

    await expect(registries.copy(reference, destination, { sourceTag })).resolves.toMatchObject({ digest: web.digest, streamed: 0 });
  });

  test('gets the tags that it did not have', async () => {
    const reference = source.add('assets', web, 'abc');
    await registries.copy(reference, destination, { sourceTag });
    source.repository('assets').tags.delete('abc');

    await registries.copy(reference, destination, { sourceTag, tags: fixed('v2') });

    expect(destination.repository('team/web').tags.get('v2')).toBe(web.digest);
  });

  test('fails the copy if it was never copied', async () => {
    await expect(registries.copy({ host: source.host, repository: 'assets', version: 'abc' }, destination, { sourceTag }))
      .rejects.toThrow(/^could not read the manifest from the source .*assets:abc: the registry answered 404 MANIFEST_UNKNOWN$/);
  });

  test('is not searched if the source only rejects the request', async () => {
    const reference = source.add('assets', web, 'abc');
    await registries.copy(reference, destination, { sourceTag });
    source.fail('GET manifest', { status: 403, code: 'DENIED' });

    await expect(registries.copy(reference, destination, { sourceTag })).rejects.toThrow('answered 403 DENIED');
  });
});

test('a second build of the same inputs keeps the record of the first source if tags are immutable', async () => {
  const registry = await registries.start({ immutableTags: true });
  const sourceTag = 'live-web.source-123456789012';
  await registries.copy(source.add('assets', web, 'abc'), registry, { sourceTag });
  const second = image('web', [layer('built again')]);

  await expect(registries.copy(source.add('assets', second, 'abc'), registry, { sourceTag })).resolves.toMatchObject({ digest: second.digest });
  expect(registry.repository('team/web').tags.get(sourceTag)).toBe(web.digest);
});
