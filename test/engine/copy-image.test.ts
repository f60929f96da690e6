import { Registries, fixed, live } from '../helpers/registry-copy';
import { TestImage, image, index, layer, manifest, sha256 } from '../helpers/registry-images';

const registries = new Registries();
afterEach(async () => registries.stop());

const web = image('web', [layer('base', 200_000), layer('app', 5_000)]);

describe('within one registry', () => {
  test('blobs are mounted without transferring a byte', async () => {
    const registry = await registries.start();

    const result = await registries.copy(registry.add('assets', web, 'abc'), registry);

    expect(result).toStrictEqual({ digest: web.digest, mounted: 3, streamed: 0, existing: 0, bytes: 0 });
    expect(registry.count('GET blob', 'HEAD blob', 'POST upload', 'PUT upload')).toBe(0);
    expect(registry.count()).toBe(6);
    expect(registry.repository('team/web').find(live(web.digest)[0].name)?.bytes).toEqual(web.bytes);
  });

  test('a rejected mount continues in the upload session that the registry opened', async () => {
    const registry = await registries.start({ mount: false });
    const small = image('small', []);

    const result = await registries.copy(registry.add('assets', small, 'abc'), registry);

    expect(result).toMatchObject({ mounted: 0, streamed: 1 });
    expect(registry.count('mount')).toBe(1);
    expect(registry.count('POST upload')).toBe(0);
    expect(registry.requests.find(({ kind }) => kind === 'PUT upload')?.url).toMatch(/session-1\?_state=opaque&digest=sha256/);
  });

  test('an existing blob is not uploaded if mounting is off', async () => {
    const registry = await registries.start({ mount: false });
    registry.repository('team/web').add(image('older', [layer('base', 200_000)]), 'older');

    const result = await registries.copy(registry.add('assets', web, 'abc'), registry);

    expect(result).toMatchObject({ streamed: 2, existing: 1 });
  });

  test('an image that is already in the repository gets its tag without a mount', async () => {
    const registry = await registries.start();

    const result = await registries.copy(registry.add('team/web', web, 'abc'), registry);

    expect(result).toMatchObject({ mounted: 0, streamed: 0, existing: 3 });
    expect(registry.count('mount')).toBe(0);
  });

  test('mounting is not tried again after a rejection', async () => {
    const registry = await registries.start({ mount: false });
    const many = image('many', Array.from({ length: 12 }, (_, each) => layer(`${each}`)));

    await registries.copy(registry.add('assets', many, 'abc'), registry);

    expect(registry.count('mount')).toBeLessThanOrEqual(4);
  });
});

describe('from one registry to another', () => {
  test('blobs are streamed with one POST and one PUT each, and arrive unchanged', async () => {
    const [source, destination] = [await registries.start(), await registries.start()];

    const result = await registries.copy(source.add('assets', web, 'abc'), destination);

    expect(result).toMatchObject({ mounted: 0, streamed: 3, bytes: bytesOf(web) });
    expect([destination.count('POST upload'), destination.count('PUT upload'), destination.count('mount')]).toEqual([3, 3, 0]);
    expect(destination.repository('team/web').blobs).toEqual(new Map(web.blobs.map(blob => [sha256(blob), blob])));
    expect(destination.repository('team/web').find(web.digest)?.bytes).toEqual(web.bytes);
  });

  test('an empty blob arrives as an empty blob', async () => {
    const [source, destination] = [await registries.start(), await registries.start()];

    await registries.copy(source.add('assets', image('empty', [Buffer.alloc(0)]), 'abc'), destination);

    expect(destination.repository('team/web').blobs.get(sha256(Buffer.alloc(0)))).toHaveLength(0);
  });

  test('only changed blobs are uploaded', async () => {
    const [source, destination] = [await registries.start(), await registries.start()];
    destination.repository('team/web').add(image('older', [layer('base', 200_000)]), 'older');

    const result = await registries.copy(source.add('assets', web, 'abc'), destination);

    expect(result).toMatchObject({ existing: 1, streamed: 2 });
  });
});

describe('an unchanged image', () => {
  test('needs two requests and no upload', async () => {
    const registry = await registries.start();
    const source = registry.add('assets', web, 'abc');
    await registries.copy(source, registry);
    const before = registry.count();

    const again = await registries.copy(source, registry);

    expect(again).toEqual({ digest: web.digest, mounted: 0, streamed: 0, existing: 0, bytes: 0 });
    expect(registry.requests.slice(before).map(({ kind }) => kind)).toEqual(['GET manifest', 'HEAD manifest']);
  });

  test('named by digest succeeds even if it was deleted from the source', async () => {
    const [source, destination] = [await registries.start(), await registries.start()];
    await registries.copy(source.add('assets', web, 'abc'), destination);
    const before = destination.count();

    await registries.copy({ host: 'gone.invalid', repository: 'assets', version: web.digest }, destination);

    expect(destination.requests.slice(before).map(({ kind }) => kind)).toEqual(['HEAD manifest']);
  });

  test('gets one more tag without any request for a blob or to the source', async () => {
    const [source, destination] = [await registries.start(), await registries.start()];
    await registries.copy(source.add('assets', web, 'abc'), destination, { tags: fixed('v1') });
    const before = [source.count(), destination.count('HEAD blob', 'PUT upload')];

    await registries.copy({ ...source.add('assets', web, 'abc'), version: web.digest }, destination, { tags: fixed('v1', 'v2') });

    expect([source.count(), destination.count('HEAD blob', 'PUT upload')]).toEqual(before);
    expect(destination.repository('team/web').tags.get('v2')).toBe(web.digest);
  });
});

describe('an image for several platforms', () => {
  const arm = image('arm', [layer('base'), layer('arm')]);
  const inner = index([image('nested-a'), arm]);
  const all = index([web, arm, inner]);

  test('is copied completely, however deeply its indexes are nested', async () => {
    const [source, destination] = [await registries.start(), await registries.start({ immutableTags: true })];

    const result = await registries.copy(source.add('assets', all, 'abc'), destination);

    expect(result.digest).toBe(all.digest);
    expect([...destination.repository('team/web').manifests.keys()].sort()).toEqual([...source.repository('assets').manifests.keys()].sort());
  });

  test('gets its children by digest first, and its tag last', async () => {
    const [source, destination] = [await registries.start(), await registries.start()];

    await registries.copy(source.add('assets', all, 'abc'), destination);

    const writes = destination.requests.filter(({ kind }) => kind.startsWith('PUT')).map(({ kind, url }) => `${kind} ${url.split('/').pop()}`);
    expect(writes.pop()).toBe(`PUT manifest ${live(all.digest)[0].name}`);
    const firstManifest = writes.findIndex(write => write.startsWith('PUT manifest'));
    expect(writes.slice(firstManifest).every(write => write.startsWith('PUT manifest sha256:'))).toBe(true);
  });

  test('reuses the platforms that exist in the destination', async () => {
    const [source, destination] = [await registries.start(), await registries.start()];
    destination.repository('team/web').add(web, 'v0');

    await registries.copy(source.add('assets', all, 'abc'), destination);

    expect(source.requests.filter(({ url }) => url.endsWith(web.digest))).toHaveLength(0);
  });
});

test('nondistributable layers are not copied', async () => {
  const [source, destination] = [await registries.start(), await registries.start()];
  const [base, foreign] = [layer('base'), layer('windows')];
  const describe = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: sha256(bytes), size: bytes.length });
  const windows = manifest('application/vnd.oci.image.manifest.v1+json', {
    config: describe('application/vnd.oci.image.config.v1+json', base),
    layers: [describe('application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', foreign)],
  }, [base]);

  const result = await registries.copy(source.add('assets', windows, 'abc'), destination);

  expect(result).toMatchObject({ streamed: 1 });
});

function bytesOf({ blobs }: TestImage): number {
  return blobs.reduce((sum, blob) => sum + blob.length, 0);
}
