import { kindOfManifest } from '../../src/engine/manifest';

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

describe('what can be read in two ways is refused:', () => {
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

  test.each([1, true, [OCI_INDEX], {}])('by a media type that is no text (%j)', mediaType => {
    expect(() => kindOfManifest({ mediaType, config })).toThrow('the manifest has a media type that is not a string');
  });
});

describe('a field that Go takes for another one is refused:', () => {
  const fields = ['schemaVersion', 'mediaType', 'artifactType', 'subject', 'annotations', 'manifests', 'config', 'layers', 'fsLayers'];
  const ofDescriptors = ['mediaType', 'digest', 'size', 'urls', 'annotations', 'data', 'artifactType', 'platform'];
  const ofPlatforms = ['architecture', 'os', 'os.version', 'os.features', 'variant'];
  const refused = (json: object, field: string) => {
    expect(() => kindOfManifest({ ...json })).toThrow(`the manifest has a field that some programs take for '${field}'`);
  };

  test.each(fields)('%s in another case in a manifest', field => refused({ [field.toUpperCase()]: null }, field));

  test.each(ofDescriptors)('%s in another case in whatever is described', field => {
    const descriptor = { [field.toUpperCase()]: 1 };
    const lists = [config, descriptor];
    [{ config: descriptor }, { subject: descriptor }, { layers: lists }, { manifests: lists }].forEach(json => refused(json, field));
  });

  test.each(ofPlatforms)('%s in another case in a platform', field => {
    refused({ manifests: [config, { ...config, platform: { [field.toUpperCase()]: 1 } }] }, field);
  });

  test.each([['layer\u017f', 'layers'], ['manifest\u017f', 'manifests']])('%s', (name, field) => refused({ [name]: [] }, field));

  test('but in annotations, and for names that nobody knows, case may differ', () => {
    const annotations = { Digest: 'a', digest: 'b' };
    expect(kindOfManifest({ config: { ...config, annotations }, layers: [], annotations, Foo: 1, foo: 2, digest: 1, Os: 'x' })).toBe('image');
  });

  test('and the known names are fine as they are', () => {
    const platform = Object.fromEntries(ofPlatforms.map(field => [field, 'x']));
    const descriptor = { ...Object.fromEntries(ofDescriptors.map(field => [field, 'x'])), platform };
    expect(kindOfManifest({ schemaVersion: 2, mediaType: OCI_INDEX, artifactType: 'x', subject: descriptor, annotations: {}, manifests: [descriptor, 'x', null] })).toBe('index');
  });
});
