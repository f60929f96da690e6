import { Failure } from '../../src/engine/errors';
import { isForeign, kindOfManifest, mediaTypeOf, newIndex, readManifest, simplified } from '../../src/engine/manifest';

const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_IMAGE = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';

const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: 'sha256:1', size: 1 };

test.each([
  [{ config }, [], 'image'],
  [{ layers: [] }, [], 'image'],
  [{ fsLayers: [] }, [], 'image'],
  [{ manifests: [] }, [], 'index'],
  [{ mediaType: OCI_IMAGE }, [], 'image'],
  [{ mediaType: DOCKER_IMAGE }, [], 'image'],
  [{ mediaType: OCI_INDEX }, [], 'index'],
  [{ mediaType: DOCKER_LIST }, [], 'index'],
  [{}, [OCI_IMAGE], 'image'],
  [{}, [undefined, DOCKER_LIST], 'index'],
  [{}, [`${OCI_INDEX}; charset=utf-8`], 'index'],
  [{}, [` ${OCI_INDEX.toUpperCase()} `], 'index'],
  [{ mediaType: '', config }, [OCI_IMAGE], 'image'],
  [{ mediaType: null, manifests: [] }, [OCI_INDEX], 'index'],
  [{ mediaType: OCI_IMAGE, config, layers: [] }, [DOCKER_IMAGE, 'application/json'], 'image'],
  [{ mediaType: OCI_INDEX, manifests: [], config: null, layers: null, fsLayers: null }, [], 'index'],
  [{ mediaType: 'application/vnd.example+json', manifests: [] }, [], 'index'],
  [{}, [], undefined],
  [{ mediaType: 'application/vnd.oci.artifact.manifest.v1+json', blobs: [] }, ['application/json', undefined], undefined],
])('%j with the media types %j is of the kind %s', (json, mediaTypes, kind) => {
  expect(kindOfManifest(json, ...mediaTypes)).toBe(kind);
});

describe('an ambiguous manifest is rejected:', () => {
  test.each([
    [{ manifests: [], config }, "'manifests' and 'config'"],
    [{ manifests: [], layers: [] }, "'manifests' and 'layers'"],
    [{ manifests: [], fsLayers: [] }, "'manifests' and 'fsLayers'"],
    [{ layers: [], fsLayers: [] }, "'layers' and 'fsLayers'"],
    [{ manifests: false, config: 0 }, "'manifests' and 'config'"],
  ])('%j by its fields', (json, fields) => {
    expect(() => kindOfManifest(json)).toThrow(`the manifest has both ${fields}, so it can be read in two ways`);
  });

  test.each([
    [{ manifests: [], mediaType: OCI_IMAGE }, []],
    [{ manifests: [] }, [DOCKER_IMAGE]],
    [{ config, mediaType: DOCKER_LIST }, []],
    [{ layers: [] }, [OCI_INDEX]],
    [{ mediaType: OCI_IMAGE }, [OCI_INDEX]],
    [{}, [OCI_IMAGE, DOCKER_LIST]],
  ])('%j by its media types %j', (json, mediaTypes) => {
    expect(() => kindOfManifest(json, ...mediaTypes)).toThrow('the manifest is an image by one of its fields or media types and an index by another');
  });

  test.each([1, true, [OCI_INDEX], {}])('by a media type that is not a text (%j)', mediaType => {
    expect(() => kindOfManifest({ mediaType, config })).toThrow('the manifest has a media type that is not a string');
  });
});

describe('a field that Go reads as another one is rejected:', () => {
  const fields = ['schemaVersion', 'mediaType', 'artifactType', 'subject', 'annotations', 'manifests', 'config', 'layers', 'fsLayers'];
  const ofDescriptors = ['mediaType', 'digest', 'size', 'urls', 'annotations', 'data', 'artifactType', 'platform'];
  const ofPlatforms = ['architecture', 'os', 'os.version', 'os.features', 'variant'];
  const refused = (json: object, field: string) => {
    expect(() => kindOfManifest({ ...json })).toThrow(`the manifest has a field that some programs take for '${field}'`);
  };

  test.each(fields)('%s in another case in a manifest', field => refused({ [field.toUpperCase()]: null }, field));

  test.each(ofDescriptors)('%s in another case in a descriptor', field => {
    const descriptor = { [field.toUpperCase()]: 1 };
    const lists = [config, descriptor];
    [{ config: descriptor }, { subject: descriptor }, { layers: lists }, { manifests: lists }].forEach(json => refused(json, field));
  });

  test.each(ofPlatforms)('%s in another case in a platform', field => {
    refused({ manifests: [config, { ...config, platform: { [field.toUpperCase()]: 1 } }] }, field);
  });

  test.each([['layer\u017f', 'layers'], ['manifest\u017f', 'manifests']])('%s', (name, field) => refused({ [name]: [] }, field));

  test('but unknown names and annotations can have any case', () => {
    const annotations = { Digest: 'a', digest: 'b' };
    expect(kindOfManifest({ config: { ...config, annotations }, layers: [], annotations, Foo: 1, foo: 2, digest: 1, Os: 'x' })).toBe('image');
  });

  test('and the known names are accepted', () => {
    const platform = Object.fromEntries(ofPlatforms.map(field => [field, 'x']));
    const descriptor = { ...Object.fromEntries(ofDescriptors.map(field => [field, 'x'])), platform };
    expect(kindOfManifest({ schemaVersion: 2, mediaType: OCI_INDEX, artifactType: 'x', subject: descriptor, annotations: {}, manifests: [descriptor, 'x', null] })).toBe('index');
  });
});

const DIGEST = `sha256:${'a'.repeat(64)}`;
const bytesOf = (json: object) => Buffer.from(JSON.stringify(json));

describe('the media type with which a manifest is sent is', () => {
  test.each<[string, object, string, string]>([
    ['its own', { mediaType: OCI_IMAGE }, '', OCI_IMAGE], ['that of the manifest, if the header is the same', { mediaType: OCI_IMAGE }, `${OCI_IMAGE.toUpperCase()}; a=b`, OCI_IMAGE],
    ['that of the manifest, if the header is unspecific', { mediaType: OCI_IMAGE }, 'application/json', OCI_IMAGE], ['its own, even an unknown one', { mediaType: 'a/b' }, 'c/d', 'a/b'],
    ['that of the registry', { config: {} }, `${DOCKER_IMAGE}; charset=utf-8`, DOCKER_IMAGE], ['that of the registry, even an unknown one', { config: {} }, 'a/b', 'a/b'],
    ...['', 'application/json', 'application/octet-stream', 'text/plain', 'text/json', 'binary/octet-stream'].flatMap((header): [string, object, string, string][] => [
      [`that of OCI for an index, after '${header}'`, { manifests: [] }, header, OCI_INDEX], [`that of OCI for an image, after '${header}'`, { config: {} }, header, OCI_IMAGE],
      [`nothing better than '${header}' for something else`, { layers: [] }, header, header], [`not that of OCI for Docker schema 1, after '${header}'`, { schemaVersion: 1, config: {} }, header, header],
    ]),
  ])('%s', (_, json, header, mediaType) => {
    expect(mediaTypeOf(bytesOf(json), header)).toBe(mediaType);
  });

  test.each([OCI_INDEX, DOCKER_IMAGE, DOCKER_LIST, 'application/vnd.docker.distribution.manifest.v1+prettyjws'])('unknown if the registry says %s and the manifest says something else', header => {
    expect(() => mediaTypeOf(bytesOf({ mediaType: OCI_IMAGE }), header)).toThrow(`the registry sent it as '${header}', but the manifest itself says '${OCI_IMAGE}'`);
    expect(() => mediaTypeOf(bytesOf({ mediaType: 'x'.repeat(101) }), header)).toThrow(new Failure(`the registry sent it as '${header}', but the manifest itself says 'a text of 101 characters'`));
  });

  test('that of the registry if its own is empty, and unknown if it is not JSON', () => {
    expect(mediaTypeOf(bytesOf({ mediaType: '', config: {} }), DOCKER_IMAGE)).toBe(DOCKER_IMAGE);
    expect(() => mediaTypeOf(Buffer.from('x'), OCI_IMAGE)).toThrow('the manifest is not a JSON object');
  });

  test('in lower case and without parameters', () => {
    expect([simplified(' A/B ; c=d'), simplified(), simplified('a/b')]).toEqual(['a/b', '', 'a/b']);
  });
});

describe('the references of a manifest', () => {
  const read = (json: object, mediaType = OCI_IMAGE, listedAs?: string) =>
    readManifest({ mediaType, digest: DIGEST, bytes: bytesOf(json) }, listedAs);
  const blob = (mediaType: string, more = {}) => ({ mediaType, digest: DIGEST, size: 1, ...more });
  const layer = 'application/vnd.oci.image.layer.v1.tar+gzip';
  const foreign = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';

  test('are its configuration and its layers, including embedded data', () => {
    expect(read({ config: blob(config.mediaType), layers: [blob(layer, { data: 'YQ==' }), blob(foreign)] })).toMatchObject({
      kind: 'image', children: [], blobs: [
        { mediaType: config.mediaType, digest: DIGEST, size: 1, isForeign: false }, { mediaType: layer, data: 'YQ==', isForeign: false }, { mediaType: foreign, isForeign: true },
      ],
    });
    expect(read({ config: blob(config.mediaType), layers: null }).blobs).toHaveLength(1);
    expect('data' in read({ config: blob('a', { data: 7 }) }).blobs[0]).toBe(false);
  });

  test('are the manifests of an index, with their entries', () => {
    const entry = blob(OCI_IMAGE, { platform: { os: 'linux' } });
    expect(read({ manifests: [entry] }, OCI_INDEX)).toEqual({ kind: 'index', blobs: [], children: [{ mediaType: OCI_IMAGE, digest: DIGEST, size: 1, json: entry }] });
    expect(read({ manifests: [{ digest: DIGEST, size: 0 }] }, DOCKER_LIST).children).toMatchObject([{ mediaType: '', size: 0 }]);
  });

  test.each<[string, object, string, string]>([
    ['a value that is not a list', { config: blob('a'), layers: {} }, OCI_IMAGE, 'the manifest has a malformed list of descriptors'],
    ...[null, 'x', {}, { digest: DIGEST }, { digest: 7, size: 1 }, { digest: 'sha256:1', size: 1 }, { digest: DIGEST, size: -1 }, { digest: DIGEST, size: 1.5 }, { digest: DIGEST, size: '1' }, { digest: DIGEST, size: 2 ** 53 }]
      .map((each): [string, object, string, string] => [JSON.stringify(each), { config: blob('a'), layers: [each] }, OCI_IMAGE, 'the manifest has a malformed descriptor (digest sha256 or sha512 and a size are needed)']),
    ['a digest in a list', { config: blob('a', { digest: [DIGEST] }) }, OCI_IMAGE, 'the manifest has a malformed descriptor'],
    ['a build cache without layers', { manifests: [blob('application/vnd.buildkit.cacheconfig.v0')] }, OCI_INDEX,
      `its entry ${DIGEST} is a configuration (application/vnd.buildkit.cacheconfig.v0); use the tag of the image`],
    ['a layer with a long media type', { manifests: [blob(`application/vnd.oci.image.layer.${'x'.repeat(100)}`)] }, OCI_INDEX,
      'is a layer (a text of 132 characters), not an image'],
    ['an image without a configuration', { layers: [] }, OCI_IMAGE, 'the manifest has a malformed descriptor'],
    ['a Docker schema 1 image by its version', { schemaVersion: 1 }, OCI_IMAGE, 'it is a Docker schema 1 image'],
    ['a Docker schema 1 image by its type', {}, 'application/vnd.docker.distribution.manifest.v1+json', 'it is a Docker schema 1 image'],
    ['another kind of manifest', { mediaType: 'application/vnd.example+json', config: blob('a') }, OCI_IMAGE, "manifests of type 'application/vnd.example+json' cannot be copied"],
    ['another kind of index', { mediaType: 'application/vnd.example+json', manifests: [] }, OCI_INDEX, "manifests of type 'application/vnd.example+json' cannot be copied"],
    ['a kind with a long name', { mediaType: 'x'.repeat(101), config: blob('a') }, OCI_IMAGE, "manifests of type 'a text of 101 characters' cannot be copied"],
    ['a layer in an index', { manifests: [blob(layer)] }, OCI_INDEX, `its entry ${DIGEST} is a layer (${layer}), not an image`],
    ['a configuration in an index', { manifests: [blob(OCI_IMAGE), blob(config.mediaType)] }, OCI_INDEX, `its entry ${DIGEST} is a configuration (${config.mediaType}), not an image`],
    ['a build cache', { manifests: [blob(layer), blob('application/vnd.buildkit.cacheconfig.v0')] }, OCI_INDEX,
      `it is a build cache of BuildKit, not an image: its entry ${DIGEST} is a layer (${layer}); use the tag of the image instead of that of the cache`],
  ])('are not read from %s', (_, json, mediaType, reason) => {
    expect(() => read(json, mediaType)).toThrow(Failure);
    expect(() => read(json, mediaType)).toThrow(reason);
  });

  test('are not read from invalid JSON', () => {
    expect(() => readManifest({ mediaType: OCI_IMAGE, digest: DIGEST, bytes: Buffer.from('x') })).toThrow('the manifest is not a JSON object');
  });

  test.each([
    [foreign, true], ['application/vnd.oci.image.layer.nondistributable.v1.tar', true], [foreign.toUpperCase(), true], [layer, false], [`x${foreign}`, false], ['application/vnd.oci.image.layer.nondistributablex', false],
  ])('%s is downloaded from elsewhere: %p', (mediaType, expected) => {
    expect(isForeign(mediaType)).toBe(expected);
  });

  test('are written as a Docker manifest list if all images have Docker types, and otherwise as an OCI index', () => {
    const index = newIndex([{ mediaType: DOCKER_IMAGE, a: 1 }]);
    expect(index.mediaType).toBe(DOCKER_LIST);
    expect(JSON.parse(String(index.bytes))).toEqual({ schemaVersion: 2, mediaType: DOCKER_LIST, manifests: [{ mediaType: DOCKER_IMAGE, a: 1 }] });
    expect(newIndex([{ mediaType: DOCKER_IMAGE }, { mediaType: OCI_IMAGE }]).mediaType).toBe(OCI_INDEX);
    expect(index.digest).toBe(newIndex([{ mediaType: DOCKER_IMAGE, a: 1 }]).digest);
  });
});
