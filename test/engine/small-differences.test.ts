import { TestRegistry } from '../helpers/registry';
import { describeBytes, describeImage } from '../helpers/registry-artifacts';
import { Registries, failureOf } from '../helpers/registry-copy';
import { TestImage, image, layer, manifest, sha256 } from '../helpers/registry-images';

// Differences that other clients accept. Malformed content fails with a clear message.
const registries = new Registries();
afterEach(async () => registries.stop());

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const config = Buffer.from('{"architecture":"amd64","os":"linux"}');
const base = layer('base');
const CONFIG = describeBytes('application/vnd.oci.image.config.v1+json', config);
const LAYER = describeBytes('application/vnd.oci.image.layer.v1.tar+gzip', base);

let source: TestRegistry;
let destination: TestRegistry;
beforeEach(async () => { [source, destination] = [await registries.start(), await registries.start()]; });

const held = () => destination.repository('team/web');
const copy = async (what: TestImage) => registries.copy(source.add('assets', what, 'abc'), destination);

/** A manifest with exactly these fields, which the registry sends with any type. */
function raw(mediaType: string, content: object, blobs = [config, base], children: readonly TestImage[] = []): TestImage {
  const bytes = Buffer.from(JSON.stringify(content));
  return { mediaType, bytes, digest: sha256(bytes), blobs, children };
}

describe('a manifest is copied', () => {
  test.each<[string, object]>([
    ['without layers, which is written as null', { schemaVersion: 2, mediaType: OCI_MANIFEST, config: CONFIG, layers: null }],
    ['with optional fields that are null', {
      schemaVersion: 2, mediaType: OCI_MANIFEST, config: CONFIG, layers: [LAYER], annotations: null, subject: null, manifests: null,
    }],
    ['with fields of descriptors that are null', {
      schemaVersion: 2, mediaType: OCI_MANIFEST,
      config: { ...CONFIG, annotations: null, urls: null, platform: null, data: null }, layers: [{ ...LAYER, annotations: null, urls: null }],
    }],
    ['without a version of its schema', { mediaType: OCI_MANIFEST, config: CONFIG, layers: [LAYER] }],
  ])('%s', async (_, content) => {
    const what = raw(OCI_MANIFEST, content);

    await expect(copy(what)).resolves.toMatchObject({ digest: what.digest });
    expect(held().find(what.digest)).toMatchObject({ mediaType: OCI_MANIFEST, bytes: what.bytes });
  });

  test.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON', 'text/plain', 'application/octet-stream', ''])(
    'without its own media type, if the header is %j: by its fields', async type => {
      const what = raw(type, { schemaVersion: 2, config: CONFIG, layers: [LAYER] });
      await copy(what);
      expect(held().find(what.digest)).toMatchObject({ mediaType: OCI_MANIFEST, bytes: what.bytes });

      const child = raw(OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config: CONFIG, layers: [LAYER] });
      const list = raw(type, { schemaVersion: 2, manifests: [describeImage(child)] }, [], [child]);
      await registries.copy(source.add('lists', list, 'abc'), destination);
      expect(held().find(list.digest)).toMatchObject({ mediaType: OCI_INDEX, bytes: list.bytes });
    },
  );

  test.each([OCI_MANIFEST, DOCKER_MANIFEST])('with a type that has a parameter and upper-case letters: %s', async type => {
    const what = raw(`${type.replace('application', 'Application')}; charset=utf-8`, { schemaVersion: 2, mediaType: type, config: CONFIG, layers: [LAYER] });
    await copy(what);
    expect(held().find(what.digest)?.mediaType).toBe(type);
  });

  test('that is an index without images', async () => {
    const what = raw(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests: null }, []);
    await copy(what);
    expect(held().find(what.digest)?.bytes).toEqual(what.bytes);
  });
});

describe('content inside a descriptor', () => {
  const inline = (bytes: Buffer) => ({ data: bytes.toString('base64') });

  test('is used if the registry has not stored the blob', async () => {
    const what = raw(OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config: { ...CONFIG, ...inline(config) }, layers: [LAYER] }, [base]);

    await expect(copy(what)).resolves.toMatchObject({ streamed: 2, bytes: config.length + base.length });
    expect(held().blob(sha256(config))).toEqual(config);
    expect(source.count('GET blob')).toBe(1);
  });

  test('is used for an image in an index, which saves a request', async () => {
    const child = image('child');
    const manifests = [{ ...describeImage(child), ...inline(child.bytes) }];
    const list = raw(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests }, [], [child]);

    await copy(list);

    expect(held().find(child.digest)).toMatchObject({ mediaType: child.mediaType, bytes: child.bytes });
    expect(source.count('GET manifest')).toBe(1);
  });

  test.each<[string, unknown]>([
    ['other bytes', Buffer.from('other').toString('base64')], ['bytes of that length that are wrong', Buffer.alloc(config.length).toString('base64')],
    ['no base64', '!'], ['a number', 1], ['null', null], ['nothing', ''],
  ])('is ignored if it is %s', async (_, data) => {
    const what = raw(OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config: { ...CONFIG, data }, layers: [LAYER] });

    await copy(what);

    expect(held().blob(sha256(config))).toEqual(config);
    expect(source.count('GET blob')).toBe(2);
  });
});

describe('a manifest that no client reads fails with its reason', () => {
  const MALFORMED = 'the manifest has a malformed descriptor (digest sha256 or sha512 and a size are needed)';

  test.each<[string, object, string]>([
    ['without a configuration', { config: null, layers: [LAYER] }, MALFORMED],
    ['with a layer that is null', { config: CONFIG, layers: [null] }, MALFORMED],
    ['with a size that is a text', { config: CONFIG, layers: [{ ...LAYER, size: '5' }] }, MALFORMED],
    ['with a size that is negative', { config: CONFIG, layers: [{ ...LAYER, size: -1 }] }, MALFORMED],
    ['with a digest in capital letters', { config: CONFIG, layers: [{ ...LAYER, digest: LAYER.digest.toUpperCase() }] }, MALFORMED],
    ['with layers that are an object', { config: CONFIG, layers: {} }, 'the manifest has a malformed list of descriptors'],
  ])('%s', async (_, content, reason) => {
    expect((await failureOf(copy(manifest(OCI_MANIFEST, content, [config, base])))).message).toContain(reason);
  });

  test('of another type', async () => {
    const { message } = await failureOf(copy(manifest('application/vnd.example+json', {})));
    expect(message).toContain("manifests of type 'application/vnd.example+json' cannot be copied");
  });

  test('a BuildKit build cache, whose index lists layers', async () => {
    const cache = Buffer.from('{"layers":[]}');
    const list = manifest(OCI_INDEX, { manifests: [LAYER, describeBytes('application/vnd.buildkit.cacheconfig.v0', cache)] }, [base, cache]);

    expect((await failureOf(copy(list))).message).toMatch(
      /^could not read the manifest from the source \S+: it is a build cache of BuildKit, not an image: its entry sha256:\w+ is a layer \(application\/vnd\.oci\.image\.layer\.v1\.tar\+gzip\); use the tag of the image instead of that of the cache$/,
    );
  });

  test('an index that lists a layer or a configuration', async () => {
    for (const entry of [LAYER, CONFIG]) {
      const { message } = await failureOf(copy(manifest(OCI_INDEX, { manifests: [entry] }, [base, config])));
      expect(message).toContain(`its entry ${entry.digest} is a ${entry === LAYER ? 'layer' : 'configuration'} (${entry.mediaType}), not an image`);
    }
  });
});

test('an invalid digest in a header is ignored: the bytes decide', async () => {
  const what = image('web');
  source = await registries.start({ change: (_, answer) => ({ ...answer, headers: { ...answer.headers, 'docker-content-digest': 'sha256:abc' } }) });
  await expect(copy(what)).resolves.toMatchObject({ digest: what.digest });
  destination = await registries.start({ change: (_, answer) => ({ ...answer, headers: { ...answer.headers, 'docker-content-digest': 'sha256:abc' } }) });
  source = await registries.start();
  await expect(copy(what)).resolves.toMatchObject({ digest: what.digest });
});
