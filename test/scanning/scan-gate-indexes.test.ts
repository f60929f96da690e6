import { ARM64, CRITICAL, DisguiseScene, LAYER, TAG, UNKNOWN, entry, unsafe } from '../helpers/disguise-scene';
import { OCI_INDEX, OCI_MANIFEST } from '../helpers/scan-cloud';
import { basicScan } from '../helpers/scan-scene';

let scene: DisguiseScene;
beforeEach(async () => { scene = await DisguiseScene.open(); });
afterEach(async () => scene.cloud.stop());

describe('an image index', () => {
  const indexed = (digest: string) => entry(digest, { mediaType: OCI_INDEX, platform: undefined });
  const nested = (levels: number): string => levels === 0 ? scene.bad : scene.index(levels === 1 ? entry(scene.bad) : indexed(nested(levels - 1)));

  test('with nested indexes is checked up to eight levels deep', async () => {
    expect(await scene.deployIndex(indexed(nested(7)))).toMatchObject(CRITICAL);
  });

  test('with deeper nesting is rejected', async () => {
    expect((await scene.deployIndex(indexed(nested(8)))).Reason).toBe('indexes are nested deeper than 8 levels');
  });

  test('that lists the same image twice is scanned for both platforms, even if one of them looks like an attestation', async () => {
    expect((await scene.deployIndex(entry(scene.bad, { platform: UNKNOWN }), entry(scene.bad), entry(scene.bad, { platform: ARM64 }))).Reason).toContain('(unknown/unknown, linux/amd64, linux/arm64)');
  });

  test('that lists another index many times reads it once, at any depth', async () => {
    let inner = scene.index(entry(scene.bad));
    for (let level = 0; level < 6; level++) {
      inner = scene.index(...Array.from({ length: 100 }, () => indexed(inner)));
    }

    expect(await scene.deployIndex(indexed(inner))).toMatchObject(CRITICAL);
    expect(scene.cloud.calls.filter(({ action }) => action === 'ecr:BatchGetImage')).toHaveLength(11);
  });

  test('with nested indexes of more than a thousand entries in total is rejected', async () => {
    const inner = (size: number) => scene.index(...Array.from({ length: 400 }, () => entry(scene.clean, { size })));

    expect((await scene.deployIndex(...[1, 2, 3].map(size => (indexed(inner(size)))), entry(scene.bad))).Reason).toMatch(/^the index sha256:[a-f0-9]{64} has more than 1000 manifests$/);
  });

  test('with a thousand entries is checked, and with more it is rejected', async () => {
    const deploy = async (entries: number) => scene.deployIndex(...Array.from({ length: entries - 2 }, () => entry(scene.clean)), entry(scene.bad));

    expect(await deploy(1000)).toMatchObject(CRITICAL);
    expect((await deploy(1001)).Reason).toMatch(/has more than 1000 manifests$/);
  });

  test('whose manifests are larger than 32 MiB is rejected', async () => {
    const image = (at: number) => ({ schemaVersion: 2, mediaType: OCI_MANIFEST, layers: [], annotations: { a: `${at}`.repeat(4_000_000) } });
    const large = Array.from({ length: 9 }, (_, at) => entry(scene.cloud.add(image(at))));

    expect((await scene.deployIndex(...large, entry(scene.bad))).Reason).toMatch(/^the manifests of the index sha256:[a-f0-9]{64} are larger than 33554432 bytes$/);
  });

  test.each([undefined, 7, 'clean', 'sha256:1', `sha256:${'A'.repeat(64)}`, `sha512:${'a'.repeat(128)}`])('that lists an entry without a digest (%p) is rejected, and no tag is read instead', async digest => {
    scene.cloud.tags.set('clean', scene.clean);

    expect((await scene.deployIndex({ ...entry(scene.bad), digest })).Reason).toMatch(/^the index sha256:[a-f0-9]{64} lists something without a digest$/);
  });

  test.each([null, 'text', 7, []])('that lists an invalid entry (%j) is rejected', async item => {
    expect(await scene.deployText(JSON.stringify({ schemaVersion: 2, manifests: [entry(scene.clean), item] }), OCI_INDEX)).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('lists something without a digest') });
  });

  test('whose list of manifests is invalid has no image that can run', async () => {
    expect((await scene.deployText(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: { 0: entry(scene.clean) } }), OCI_INDEX)).Reason).toMatch(/has no image that can run$/);
  });
});

describe('the gate fails if ECR returns', () => {
  const answer = (changes: object) => {
    const changed = (image: object) => ({ ...image, ...changes });
    scene.cloud.rewrites.set('BatchGetImage', reply => ({ images: Object(reply).images.map(changed) }));
  };

  test('an image with another digest', async () => {
    scene.cloud.tags.set(TAG, scene.clean);
    answer({ imageId: { imageDigest: scene.clean } });

    expect((await scene.deploy({ Digest: scene.bad })).Reason).toBe(`ECR returned another image than ${scene.bad}`);
  });

  test('a manifest that does not match its digest', async () => {
    scene.cloud.tags.set(TAG, scene.clean);
    answer({ imageManifest: '{}' });

    expect((await scene.deploy()).Reason).toBe(`ECR returned a manifest that does not have the digest ${scene.clean}`);
  });

  test('the findings of another image', async () => {
    scene.cloud.tags.set(TAG, scene.bad);
    scene.cloud.scans.set(scene.bad, [{ ...basicScan(), imageId: { imageDigest: scene.clean } }]);

    expect((await scene.deploy()).Reason).toBe(`ECR returned the findings of another image than ${scene.bad}`);
  });

  test('an endless list of findings', async () => {
    scene.cloud.tags.set(TAG, scene.clean);
    scene.cloud.scans.set(scene.clean, [{ ...basicScan(), nextToken: 'again' }]);
    scene.cloud.rewrites.set('DescribeImageScanFindings', reply => ({ ...Object(reply), nextToken: 'again' }));

    expect((await scene.deploy()).Reason).toBe(`ECR lists findings of ${scene.clean} without an end`);
  });

  test('but findings with the digest of the image count', async () => {
    scene.cloud.tags.set(TAG, scene.clean);
    scene.cloud.scans.set(scene.clean, [{ ...basicScan(), imageId: { imageDigest: scene.clean } }]);

    expect(await scene.deploy()).toMatchObject({ Status: 'SUCCESS' });
  });
});

describe('a manifest is rejected before it is parsed if it', () => {
  test.each<[string, string, string]>([
    ['is nested too deep', `{"manifests":${'['.repeat(100)}${']'.repeat(100)}}`, 'is nested deeper than 64 levels'],
    ['has very many values', `{"layers":[${'{},'.repeat(400_000)}{}]}`, 'has more than 300000 values'],
    ['is no JSON', '{"layers":', 'is not a JSON object'], ['is no object', '[]', 'is not a JSON object'],
  ])('%s', async (_, text, why) => {
    expect(await scene.deployText(text, OCI_MANIFEST)).toMatchObject(unsafe(why));
  });

  test('is larger than the limit of ECR', async () => {
    const short = JSON.stringify({ schemaVersion: 2, layers: [], annotations: { a: '' } });
    const text = (bytes: number) => short.replace('""', `"${'x'.repeat(bytes - short.length)}"`);

    expect(await scene.deployText(text(4 * 1024 * 1024), OCI_MANIFEST)).toMatchObject(CRITICAL);
    expect((await scene.deployText(text(4 * 1024 * 1024 + 1), OCI_MANIFEST)).Reason).toMatch(/^the manifest of sha256:[a-f0-9]{64} is larger than 4194304 bytes$/);
  });
});

describe('an image with layers outside the repository is not clean, because they are not scanned:', () => {
  test.each([
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', 'application/vnd.oci.image.layer.nondistributable.v1.tar', 'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  ])('%s', async mediaType => {
    const image = scene.cloud.add({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: {}, layers: [LAYER, { mediaType, urls: ['https://example.com/layer'] }] }, TAG);
    scene.cloud.scans.set(image, [basicScan()]);
    const why = 'it has layers that are not in the repository, so no scan sees them; use an image without foreign (nondistributable) layers';

    expect((await scene.deploy()).Reason).toContain(`it is unknown whether it is clean: ${why}`);
    expect((await scene.deployIndex(entry(image, { platform: ARM64 }))).Reason).toContain(`it is unknown whether it is clean: linux/arm64: ${why}`);
    expect(scene.clock.sleeps).toEqual([]);
  });
});
