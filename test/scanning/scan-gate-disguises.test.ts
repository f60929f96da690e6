import { AMD64, ATTESTED, CRITICAL, DOCKER_LIST, DOCKER_MANIFEST, DisguiseScene, LAYER, TAG, UNKNOWN, entry, unsafe } from '../helpers/disguise-scene';
import { OCI_INDEX, OCI_MANIFEST } from '../helpers/scan-cloud';
import { PASSED, STACK, basicScan } from '../helpers/scan-scene';

let scene: DisguiseScene;
beforeEach(async () => { scene = await DisguiseScene.open(); });
afterEach(async () => scene.cloud.stop());

const IN_TOTO = { mediaType: 'application/vnd.in-toto+json' };

describe('a manifest that is both an image and an index is rejected, although the image in the index is clean:', () => {
  test.each<[string, object]>([
    ['config and layers', { config: { digest: 'bad' }, layers: [LAYER] }], ['only layers', { layers: [LAYER] }], ['only a configuration', { config: { digest: 'bad' } }],
    ['no layers', { layers: [] }], ['the layers of schema 1', { fsLayers: [] }],
  ])('with %s', async (_, image) => {
    for (const own of [{}, { mediaType: OCI_MANIFEST }, { mediaType: OCI_INDEX }, { mediaType: DOCKER_MANIFEST }, { mediaType: 'application/vnd.example' }]) {
      for (const mediaType of [undefined, OCI_MANIFEST, OCI_INDEX]) {
        expect(await scene.deployText(JSON.stringify({ schemaVersion: 2, ...own, ...image, manifests: [entry(scene.clean)] }), mediaType)).toMatchObject(unsafe('has both \'manifests\' and \'\\w+\', .+'));
      }
    }
  });

  test('also as an entry of an index', async () => {
    const both = scene.cloud.add({ schemaVersion: 2, mediaType: OCI_MANIFEST, layers: [LAYER], manifests: [entry(scene.clean)] });

    expect(await scene.deployIndex(entry(both))).toMatchObject(unsafe('has both \'manifests\' and \'layers\', .+'));
  });

  test('also if it has passed before, because an older gate could have let it pass', async () => {
    const both = scene.cloud.add({ schemaVersion: 2, mediaType: OCI_MANIFEST, layers: [LAYER], manifests: [entry(scene.clean)] }, TAG);
    scene.cloud.tags.set(PASSED + both.slice(7, 19), both);

    expect(await scene.deploy()).toMatchObject({ Status: 'FAILED' });
  });

  test('but not in a rollback, which a gate never fails', async () => {
    scene.cloud.stacks.set(STACK, { status: 'UPDATE_ROLLBACK_IN_PROGRESS' });

    expect(await scene.deployText(JSON.stringify({ layers: [LAYER], manifests: [entry(scene.clean)] }), OCI_MANIFEST)).toMatchObject({ Status: 'SUCCESS' });
  });
});

describe('conflicting media types are rejected:', () => {
  const IMAGE = { schemaVersion: 2, config: { digest: 'bad' }, layers: [LAYER] };
  const index = () => ({ schemaVersion: 2, manifests: [entry(scene.clean)] });

  test.each<[string, () => object, string]>([
    ['an image that calls itself an index', () => ({ ...IMAGE, mediaType: OCI_INDEX }), OCI_MANIFEST],
    ['an image that ECR calls an index', () => IMAGE, OCI_INDEX],
    ['an image that ECR calls a list of Docker', () => ({ ...IMAGE, mediaType: OCI_MANIFEST }), DOCKER_LIST],
    ['an index that calls itself an image', () => ({ ...index(), mediaType: OCI_MANIFEST }), OCI_INDEX],
    ['an index that ECR calls an image', index, OCI_MANIFEST],
    ['an index that ECR calls an image of Docker', () => ({ ...index(), mediaType: OCI_INDEX }), DOCKER_MANIFEST],
    ['nothing but two media types', () => ({ mediaType: OCI_INDEX }), OCI_MANIFEST],
    ['a media type in capital letters', () => ({ ...IMAGE, mediaType: OCI_INDEX.toUpperCase() }), OCI_MANIFEST],
    ['a media type with a parameter', () => ({ ...IMAGE, mediaType: `${OCI_INDEX}; charset=utf-8` }), OCI_MANIFEST],
  ])('%s', async (_, json, mediaType) => {
    expect(await scene.deployText(JSON.stringify(json()), mediaType)).toMatchObject(unsafe());
  });

  test.each([OCI_MANIFEST, DOCKER_MANIFEST])('an index that is listed as an image (%s), with a critical image in it', async mediaType => {
    const inner = scene.index(entry(scene.bad));

    expect(await scene.deployIndex(entry(inner, { mediaType }))).toMatchObject(unsafe());
  });

  test.each([OCI_INDEX, DOCKER_LIST])('an image that is listed as an index (%s)', async mediaType => {
    const image = scene.findCritical(scene.cloud.add({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: {}, layers: [LAYER] }));

    expect(await scene.deployIndex(entry(image, { mediaType }))).toMatchObject(unsafe());
  });

  test.each([undefined, '', 'application/vnd.example', 7])('an index that is listed with an unknown type (%p) is checked', async mediaType => {
    const inner = scene.index(entry(scene.bad));

    expect(await scene.deployIndex(entry(inner, { mediaType }))).toMatchObject(CRITICAL);
  });

  test.each([[OCI_MANIFEST, DOCKER_MANIFEST], [DOCKER_MANIFEST, OCI_MANIFEST]])('but %s listed as %s is the same kind, and its scan is checked', async (own, mediaType) => {
    const image = scene.cloud.add({ schemaVersion: 2, mediaType: own, config: {}, layers: [LAYER] });
    scene.cloud.scans.set(image, [basicScan()]);
    expect(await scene.deployIndex(entry(image, { mediaType }))).toMatchObject({ Status: 'SUCCESS' });

    scene.findCritical(image);
    scene.cloud.tags.clear();
    expect(await scene.deployIndex(entry(image, { mediaType }))).toMatchObject(CRITICAL);
  });
});

describe('an image is checked although an index presents it as an attestation:', () => {
  test.each<[string, object]>([
    ['by its annotation and its platform', { platform: UNKNOWN, annotations: ATTESTED }], ['by its platform alone', { platform: UNKNOWN }],
    ['by its annotation alone', { annotations: ATTESTED }], ['by its artifact type', { platform: UNKNOWN, artifactType: 'application/vnd.in-toto+json' }],
    ['by another annotation', { platform: UNKNOWN, annotations: { 'com.example': 'x' } }],
  ])('%s', async (_, changes) => {
    expect(await scene.deployIndex(entry(scene.bad, changes))).toMatchObject(CRITICAL);
  });

  test.each<[string, object[]]>([['one real layer', [IN_TOTO, LAYER]], ['no layer', []], ['a layer without a media type', [{}]], ['a layer whose media type only ends like that', [{ mediaType: 'x/application/vnd.in-toto' }]]])(
    'and it has %s', async (_, layers) => {
      const image = scene.findCritical(scene.cloud.add({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: {}, layers }));

      expect(await scene.deployIndex(entry(image, { platform: UNKNOWN, annotations: ATTESTED }))).toMatchObject(CRITICAL);
    });

  test('but an entry that contains only statements and has no platform is skipped, with and without annotations', async () => {
    const statement = scene.findCritical(scene.attestation());

    expect(await scene.deployIndex(entry(statement, { platform: UNKNOWN, annotations: ATTESTED }), entry(statement, { platform: UNKNOWN }))).toMatchObject({ Status: 'SUCCESS' });
  });

  test.each([
    AMD64, { os: 'unknown', architecture: 'amd64' }, { os: 'linux', architecture: 'unknown' }, { os: 'unknown ', architecture: 'unknown' },
    { os: 'unknown\n', architecture: 'unknown' }, {}, undefined, null, 'unknown/unknown',
  ])(
    'and it contains statements for a platform that a runtime could have (%j)', async platform => {
      expect(await scene.deployIndex(entry(scene.findCritical(scene.attestation()), { platform, annotations: ATTESTED }))).toMatchObject(CRITICAL);
    });

  test('an attestation that is not in the repository fails the gate', async () => {
    expect(await scene.deployIndex(entry(`sha256:${'a'.repeat(64)}`, { platform: UNKNOWN, annotations: ATTESTED }))).toMatchObject({
      Status: 'FAILED', Reason: expect.stringContaining(`the image sha256:${'a'.repeat(64)} is not in the repository`),
    });
  });
});

describe('duplicate or similar property names are rejected, because programs that run images read them in different ways:', () => {
  const list = (...digests: string[]) => JSON.stringify(digests.map(digest => entry(digest)));

  test.each<[string, () => string]>([
    ['two lists of images', () => `{"manifests":${list(scene.bad)},"manifests":${list(scene.clean)}}`],
    ['one of them escaped', () => `{"manifests":${list(scene.bad)},"\\u006danifests":${list(scene.clean)}}`],
    ['two digests of an entry', () => `{"manifests":[{"digest":"${scene.bad}","digest":"${scene.clean}"}]}`],
    ['two platforms of an entry', () => `{"manifests":[{"digest":"${scene.clean}","platform":{},"platform":{}}]}`],
    ['two media types', () => `{"mediaType":"${OCI_INDEX}","manifests":${list(scene.clean)},"mediaType":"${OCI_INDEX}"}`],
  ])('%s', async (_, text) => {
    expect(await scene.deployText(text(), OCI_INDEX)).toMatchObject(unsafe('has the same name twice in one object'));
  });

  test.each<[string, () => string]>([
    ['Manifests', () => `{"manifests":${list(scene.clean)},"Manifests":${list(scene.bad)}}`], ['manifeſts', () => `{"manifests":${list(scene.clean)},"manifeſts":${list(scene.bad)}}`],
    ['LAYERS', () => `{"manifests":${list(scene.clean)},"LAYERS":[]}`], ['CONFIG', () => `{"manifests":${list(scene.clean)},"CONFIG":{}}`],
    ['Digest', () => `{"manifests":[{"digest":"${scene.clean}","Digest":"${scene.bad}"}]}`], ['PLATFORM', () => `{"manifests":[{"digest":"${scene.clean}","PLATFORM":{}}]}`],
    ['Os', () => `{"manifests":[{"digest":"${scene.clean}","platform":{"os":"unknown","architecture":"unknown","Os":"linux"}}]}`],
    ['MediaType', () => `{"MediaType":"${OCI_MANIFEST}","manifests":${list(scene.clean)}}`],
  ])('%s', async (_, text) => {
    expect(await scene.deployText(text(), OCI_INDEX)).toMatchObject(unsafe());
  });
});
