import { TestRegistry } from '../helpers/registry';
import { describeBytes, describeImage } from '../helpers/registry-artifacts';
import { Registries, failureOf } from '../helpers/registry-copy';
import { TestImage, image, index, layer, manifest } from '../helpers/registry-images';
import { padded } from '../helpers/registry-shapes';

const registries = new Registries();
afterEach(async () => registries.stop());

const INDEX = 'application/vnd.oci.image.index.v1+json';
let registry: TestRegistry;
beforeEach(async () => { registry = await registries.start(); });

const copy = async (what: TestImage) => registries.copy(registry.add('assets', what, 'abc'), registry);
const held = () => registry.repository('team/web');
const nested = (levels: number): TestImage => levels === 0 ? image('bottom') : index([nested(levels - 1)]);
const failing = async (what: TestImage) => (await failureOf(copy(what))).message;

test('a manifest that an image has in several levels is read once', async () => {
  const [shared, other] = [image('shared'), image('other')];

  await copy(index([shared, index([shared, other])]));

  expect(registry.requests.filter(({ kind, url }) => kind === 'GET manifest' && url.endsWith(shared.digest))).toHaveLength(1);
});

describe('an image is rejected before anything is written', () => {
  afterEach(() => { expect(registry.count('mount', 'POST upload', 'PUT manifest')).toBe(0); });

  test('if its indexes are nested deeper than eight levels', async () => {
    expect(await failing(nested(9))).toMatch(/^could not read the index from the source \S+@sha256:\w+: indexes are nested deeper than 8 levels$/);
  });

  test('if it has more than a thousand manifests', async () => {
    const many = Array.from({ length: 1000 }, (_, at) => image(`${at}`, []));

    expect(await failing(index(many))).toMatch(/^could not read the index from the source \S+@sha256:\w+: it has more than 1000 manifests$/);
    expect(registry.count('GET manifest')).toBe(1);
  });

  test('if its manifests are larger than 32 MiB together', async () => {
    const large = Array.from({ length: 9 }, (_, each) => padded(4 * 1024 * 1024 - each));

    expect(await failing(index(large))).toMatch(/^could not read the index from the source \S+@sha256:\w+: its manifests are larger than 33554432 bytes$/);
  });

  test('if a manifest inside its entry is not one that can be copied', async () => {
    const wrong = manifest('application/vnd.oci.image.manifest.v1+json', { mediaType: INDEX });
    const entry = { ...describeImage(wrong), data: wrong.bytes.toString('base64') };

    expect(await failing(manifest(INDEX, { manifests: [entry] }, [], [wrong]))).toBe(`could not read the manifest from the source ${registry.host}/assets@${wrong.digest}: `
      + `the registry sent it as '${wrong.mediaType}', but the manifest itself says '${INDEX}'`);
  });
});

test('indexes can be nested in eight levels', async () => {
  const deep = nested(8);
  await expect(copy(deep)).resolves.toMatchObject({ digest: deep.digest });
});

test('an image can have a thousand manifests', async () => {
  const all = index(Array.from({ length: 999 }, (_, at) => image(`${at}`, [])));
  all.children.forEach(child => held().add(child));

  await expect(copy(all)).resolves.toMatchObject({ digest: all.digest });
});

describe('a layer that one image lists as nondistributable and another one as its own', () => {
  const [config, bytes] = [Buffer.from('{}'), layer('both')];
  const listing = (layerType: string) => manifest('application/vnd.docker.distribution.manifest.v2+json', {
    config: describeBytes('application/vnd.docker.container.image.v1+json', config), layers: [describeBytes(layerType, bytes)],
  }, [config, bytes]);
  const own = listing('application/vnd.docker.image.rootfs.diff.tar.gzip');
  const foreign = listing('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip');

  test.each([['first', [foreign, own]], ['last', [own, foreign]]])('must not be missing: %s', async (_, images) => {
    const source = await registries.start();
    const lacking = images.map(each => ({ ...each, blobs: [config] }));

    await expect(registries.copy(source.add('assets', { ...index(images), children: lacking }, 'abc'), registry))
      .rejects.toThrow(/^could not read the blob from the source .*: the registry answered 404 BLOB_UNKNOWN/);
  });
});
