import { HostileServer, serving } from '../../helpers/hostile';
import { NAME, Scene } from '../../helpers/hostile-scene';
import { attached, listOf, tagOfList } from '../../helpers/registry-artifacts';
import { TestImage, image, index, manifest, sha256 } from '../../helpers/registry-images';

// If a scanner and a runtime read a manifest in two ways, they see two images: the checked image is not the one that runs.

const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_IMAGE = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';

let scene: Scene;
let hostile: HostileServer | undefined;
beforeEach(async () => { scene = await Scene.open(); });
afterEach(async () => {
  await Promise.all([scene.close(), hostile?.stop()]);
  hostile = undefined;
});

const [clean, bad] = [image('clean'), image('bad')];
const { config, layers } = JSON.parse(String(bad.bytes));
const { manifests } = JSON.parse(String(index([clean]).bytes));

/** A manifest with both images below it, in both ways of reading. */
function either(mediaType: string | undefined, content: object): TestImage {
  return manifest(mediaType ?? OCI_IMAGE, { mediaType, ...content }, bad.blobs, [clean]);
}

/** The same for a text that no serializer would write. */
function written(mediaType: string, text: string): TestImage {
  const bytes = Buffer.from(text);
  return { mediaType, bytes, digest: sha256(bytes), blobs: bad.blobs, children: [clean] };
}

async function expectRefused(what: TestImage, reason: string | RegExp): Promise<void> {
  scene.offer(what);
  const { message } = await scene.failure();
  expect(message).toMatch(/^could not read the manifest from the source /);
  expect(message).toMatch(reason);
  const { tags, manifests: stored, blobs } = scene.peer.repository('team/web');
  expect([tags.size, stored.size, blobs.size]).toEqual([0, 0, 0]);
}

describe('an image that is also an index is not copied', () => {
  test.each([OCI_IMAGE, DOCKER_IMAGE, OCI_INDEX, DOCKER_LIST, 'application/vnd.example+json', undefined])('with any media type: %s', async mediaType => {
    await expectRefused(either(mediaType, { config, layers, manifests }), "the manifest has both 'manifests' and 'config', so it can be read in two ways");
  });

  test.each([
    ['an empty list of manifests', OCI_IMAGE, { config, layers, manifests: [] }],
    ['an empty list of layers', OCI_INDEX, { manifests, layers: [] }],
    ['layers without a configuration', OCI_INDEX, { manifests, layers }],
    ['a configuration without layers', OCI_INDEX, { manifests, config }],
    ['a configuration of another type', OCI_INDEX, { manifests, config: 'none' }],
    ['the layers of schema 1', OCI_INDEX, { manifests, fsLayers: [] }],
    ['an image with the layers of schema 1', OCI_IMAGE, { config, layers, fsLayers: [{ blobSum: config.digest }] }],
  ])('with %s', async (_, mediaType, content) => {
    await expectRefused(either(mediaType, content), /the manifest has both '\w+' and '\w+', so it can be read in two ways/);
  });

  test.each([
    ['an image with the media type of an index', OCI_INDEX, { config, layers }],
    ['an image with the media type of a Docker list', DOCKER_LIST, { config, layers }],
    ['an index with the media type of an image', OCI_IMAGE, { manifests }],
    ['an index with the media type of a Docker image', DOCKER_IMAGE, { manifests }],
  ])('as %s', async (_, mediaType, content) => {
    await expectRefused(either(mediaType, content), 'the manifest is an image by one of its fields or media types and an index by another');
  });

  test('as a part of an index', async () => {
    const polyglot = either(OCI_IMAGE, { config, layers, manifests });

    await expectRefused(index([clean, polyglot]), "the manifest has both 'manifests' and 'config'");
  });

  test.each([
    ['an index that its parent calls an image', index([clean]), OCI_IMAGE],
    ['an image that its parent calls an index', clean, DOCKER_LIST],
  ])('as %s', async (_, child, mediaType) => {
    const entry = { mediaType, digest: child.digest, size: child.bytes.length };

    await expectRefused(manifest(OCI_INDEX, { manifests: [entry] }, [], [child]), 'is an image by one of its fields or media types and an index by another');
  });

  test('as a signature, and the log says why', async () => {
    const signature = attached('application/vnd.example.signature', scene.image);
    const polyglot = written(OCI_IMAGE, String(signature.bytes).replace('"layers"', '"manifests": [], "layers"'));
    scene.registry.repository('assets').add(listOf({ ...polyglot, blobs: signature.blobs }), tagOfList(scene.image));

    const { referrers } = await scene.copy({ referrers: true });

    expect(referrers).toMatch(/^0 copied, 1 not copied: .*the manifest has both 'manifests' and 'config', so it can be read in two ways/);
  });
});

describe('a property name that Go programs treat as another one is rejected', () => {
  const entry = JSON.stringify(manifests[0]);
  const imageWith = (more: string) => `{"schemaVersion":2,"mediaType":"${OCI_IMAGE}","config":${JSON.stringify(config)},"layers":${JSON.stringify(layers)}${more}}`;
  const indexWith = (more: string, list = `[${entry}]`) => `{"schemaVersion":2,"mediaType":"${OCI_INDEX}","manifests":${list}${more}}`;

  test.each([
    ['Manifests in an image', 'manifests', imageWith(`,"Manifests":[${entry}]`)],
    ['MANIFESTS in an image', 'manifests', imageWith(`,"MANIFESTS":[${entry}]`)],
    ['manifests with a long s', 'manifests', imageWith(`,"manife\u017fts":[${entry}]`)],
    ['Layers in an index', 'layers', indexWith(',"Layers":[]')],
    ['CONFIG in an index', 'config', indexWith(',"CONFIG":{}')],
    ['mediatype in an index', 'mediaType', indexWith(`,"mediatype":"${OCI_IMAGE}"`)],
    ['Digest in an entry', 'digest', indexWith('', `[{"Digest":"${bad.digest}",${entry.slice(1)}]`)],
    ['size with a long s in an entry', 'size', indexWith('', `[{"\u017fize":1,${entry.slice(1)}]`)],
    ['Platform in an entry', 'platform', indexWith('', `[{"Platform":{},${entry.slice(1)}]`)],
    ['Architecture in a platform', 'architecture', indexWith('', `[{"platform":{"architecture":"amd64","Architecture":"arm64"},${entry.slice(1)}]`)],
    ['DIGEST in the configuration', 'digest', imageWith('').replace('"digest"', '"DIGEST":"sha256:0","digest"')],
    ['Digest in a layer', 'digest', imageWith('').replace('"layers":[{', '"layers":[{"Digest":"sha256:0",')],
    ['Digest in the subject', 'digest', imageWith(`,"subject":{"Digest":"${bad.digest}","digest":"${bad.digest}"}`)],
  ])('%s', async (_, field, text) => {
    await expectRefused(written(text.includes('"config":') ? OCI_IMAGE : OCI_INDEX, text), `the manifest has a field that some programs take for '${field}'`);
  });

  test.each([
    ['manifests', indexWith(`,"manifests":[{"mediaType":"${OCI_IMAGE}","digest":"${bad.digest}","size":1}]`)],
    ['digest', indexWith('', `[{"digest":"${bad.digest}",${entry.slice(1)}]`)],
    ['mediaType as an escape', imageWith(`,"media\\u0054ype":"${OCI_INDEX}"`)],
  ])('and a duplicate one is rejected: %s', async (_, text) => {
    await expectRefused(written(OCI_INDEX, text), 'the manifest has the same name twice in one object');
  });
});

describe('the media type of a manifest and the Content-Type header', () => {
  async function sentAs(header: string | undefined, what: TestImage = scene.image): Promise<string> {
    const serve = serving(what);
    hostile = await HostileServer.start((request, response) => {
      const writeHead = response.writeHead.bind(response);
      const isManifest = request.url?.includes('/manifests/');
      if (isManifest) response.writeHead = ((status: number) => writeHead(status, header === undefined ? {} : { 'content-type': header })) as typeof response.writeHead;
      serve(request, response);
    });
    return scene.copy({ origins: { [NAME]: hostile.origin } }).then(() => 'copied', (error: Error) => error.message);
  }

  test.each([DOCKER_IMAGE, OCI_INDEX, DOCKER_LIST, 'application/vnd.docker.distribution.manifest.v1+prettyjws', `${DOCKER_IMAGE}; charset=utf-8`])(
    'must not differ: an OCI image that is sent as %s', async header => {
      expect(await sentAs(header)).toBe(
        `could not read the manifest from the source ${NAME}/assets:abc: `
        + `the registry sent it as '${header.split(';')[0]}', but the manifest itself says '${OCI_IMAGE}'`,
      );
      expect(scene.peer.repository('team/web').tags.size).toBe(0);
    });

  test.each([
    OCI_IMAGE, `${OCI_IMAGE}; charset=utf-8`, OCI_IMAGE.toUpperCase(), 'application/json', 'application/json; charset=utf-8', 'text/plain', 'application/octet-stream', '', undefined,
  ])('can differ if the kind is the same: an OCI image that is sent as %j is copied', async header => {
    expect(await sentAs(header)).toBe('copied');

    const [{ mediaType }] = scene.peer.repository('team/web').manifests.values();
    expect(mediaType).toBe(OCI_IMAGE);
  });

  test('is that of the header if the manifest has none', async () => {
    expect(await sentAs(OCI_IMAGE, manifest(OCI_IMAGE, { mediaType: undefined, config, layers }, bad.blobs))).toBe('copied');

    const [{ mediaType }] = scene.peer.repository('team/web').manifests.values();
    expect(mediaType).toBe(OCI_IMAGE);
  });

  test('is that of the header if that of the manifest is empty', async () => {
    expect(await sentAs(OCI_IMAGE, manifest(OCI_IMAGE, { mediaType: '', config, layers }, bad.blobs))).toBe('copied');
  });

  test('is derived from the fields if both are missing, as in other clients', async () => {
    expect(await sentAs('application/json', manifest(OCI_IMAGE, { mediaType: undefined, config, layers }, bad.blobs))).toBe('copied');

    const [{ mediaType }] = scene.peer.repository('team/web').manifests.values();
    expect(mediaType).toBe(OCI_IMAGE);
  });

  test('is required if the fields are ambiguous', async () => {
    expect(await sentAs('application/json', manifest(OCI_IMAGE, { mediaType: undefined, blobs: layers }, bad.blobs)))
      .toMatch(/: manifests of type 'application\/json' cannot be copied$/);
  });

  test.each([OCI_INDEX, DOCKER_LIST])('%s in the header of an image manifest is rejected', async header => {
    expect(await sentAs(header, manifest(OCI_IMAGE, { mediaType: undefined, config, layers }, bad.blobs)))
      .toMatch(/: the manifest is an image by one of its fields or media types and an index by another$/);
  });

  test.each([[OCI_INDEX], 1, { type: OCI_IMAGE }, true])('must be a text, not %j', async mediaType => {
    expect(await sentAs('application/json', manifest(OCI_IMAGE, { mediaType, config, layers }, bad.blobs)))
      .toMatch(/: the manifest has a media type that is not a string$/);
  });
});

describe('a valid manifest is copied:', () => {
  test.each([
    ['an image without layers, as programs in Go write it', OCI_IMAGE, { config, layers: null }],
    ['an image with nothing where an index has its manifests', OCI_IMAGE, { config, layers, manifests: null }],
    ['an index with nothing where an image has its content', OCI_INDEX, { manifests, config: null, layers: null, fsLayers: null }],
    ['an image with fields of its own', OCI_IMAGE, { config, layers, Config2: 1, history: [], size: 3, Digest: 'x', OS: 'linux' }],
    ['annotations that differ by case only', OCI_IMAGE, { config, layers, annotations: { a: '1', A: '2', Digest: 'x' } }],
    ['an index with unusual platforms', OCI_INDEX, { manifests: [{ ...manifests[0], platform: { 'os': 'windows', 'os.version': '10', 'OSVersion': 'x' } }] }],
  ])('%s', async (_, mediaType, content) => {
    scene.offer(either(mediaType, content));

    await scene.copy();

    expect(scene.peer.repository('team/web').tags.size).toBe(1);
  });
});
