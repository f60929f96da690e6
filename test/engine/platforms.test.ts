import { CopyOptions } from '../../src/engine/contract';
import { copyPlatforms } from '../../src/engine/copy';
import { formatPlatform, isSamePlatform, parsePlatform, readPlatform } from '../../src/engine/platforms';
import { TestRegistry } from '../helpers/registry';
import { describeBytes, describeImage, platformImage } from '../helpers/registry-artifacts';
import { TestClock } from '../helpers/registry-clock';
import { Registries, failureOf, live } from '../helpers/registry-copy';
import { TestImage, image, layer, manifest } from '../helpers/registry-images';

const registries = new Registries();
afterEach(async () => registries.stop());

/** A typical index of a builder. */
function built(platform: object, runs: TestImage, attached: TestImage): TestImage {
  const manifests = [
    { ...describeImage(runs), platform },
    { ...describeImage(attached), platform: { os: 'unknown', architecture: 'unknown' } },
  ];
  return manifest('application/vnd.oci.image.index.v1+json', { manifests }, [], [runs, attached]);
}

const amd = platformImage({ os: 'linux', architecture: 'amd64' });
const arm = platformImage({ os: 'linux', architecture: 'arm64', variant: 'v8' });

let registry: TestRegistry;
beforeEach(async () => { registry = await registries.start({ immutableTags: true }); });

async function join(destination: TestRegistry, ...images: readonly TestImage[]) {
  return joinWith({}, destination, ...images);
}

async function joinWith(options: Partial<CopyOptions>, destination: TestRegistry, ...images: readonly TestImage[]) {
  const sources = images.map((each, at) => registry.add('assets', each, `tag-${at}`));
  const origins = { [registry.host]: registry.origin, [destination.host]: destination.origin };
  return copyPlatforms(sources, { host: destination.host, repository: 'team/web' }, { tags: live, ...options }, { clock: new TestClock(), origins });
}

test('images of two platforms become one index that names each with its platform, in order', async () => {
  const { digest } = await join(registry, amd, arm);

  const index = registry.repository('team/web').find(live(digest)[0].name);
  expect(JSON.parse(String(index?.bytes))).toEqual({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      { mediaType: amd.mediaType, digest: amd.digest, size: amd.bytes.length, platform: { os: 'linux', architecture: 'amd64' } },
      { mediaType: arm.mediaType, digest: arm.digest, size: arm.bytes.length, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
    ],
  });
  expect(registry.repository('team/web').find(amd.digest)?.bytes).toEqual(amd.bytes);
});

test('unusual platform names become the names that every client knows', async () => {
  const { digest } = await join(registry, ...[
    { os: 'Linux', architecture: 'x86_64' }, { os: 'linux', architecture: 'armhf' }, { os: 'LINUX', architecture: 'arm64' }, { os: 'linux', architecture: 's390x', variant: 7 },
  ].map(platform => platformImage(platform)));

  const { manifests } = JSON.parse(String(registry.repository('team/web').find(digest)?.bytes));
  expect(manifests.map(({ platform }: { platform: object }) => platform)).toEqual([
    { os: 'linux', architecture: 'amd64' }, { os: 'linux', architecture: 'arm', variant: 'v7' }, { os: 'linux', architecture: 'arm64' }, { os: 'linux', architecture: 's390x' },
  ]);
});

test('the index contains the Windows version, so that a host finds the right image', async () => {
  const version = (given: unknown) => platformImage({ 'os': 'windows', 'architecture': 'amd64', 'os.version': given });
  const { digest } = await join(registry, version('10.0.20348.1'), platformImage({ 'os': 'linux', 'architecture': 'amd64', 'os.version': 7 }));

  const { manifests } = JSON.parse(String(registry.repository('team/web').find(digest)?.bytes));
  expect(manifests.map(({ platform }: { platform: object }) => platform)).toEqual([
    { 'os': 'windows', 'architecture': 'amd64', 'os.version': '10.0.20348.1' }, { os: 'linux', architecture: 'amd64' },
  ]);
});

test('within one registry, no layer is read', async () => {
  await expect(join(registry, amd, arm)).resolves.toMatchObject({ mounted: 3, streamed: 0 });
  const config = 1;
  expect(registry.count('GET blob')).toBe(2 * config);
});

test('if the images are joined again, the index is the same and nothing is uploaded', async () => {
  const first = await join(registry, amd, arm);
  const uploads = registry.count('mount', 'POST upload', 'PUT upload', 'PUT manifest');

  expect((await join(registry, amd, arm)).digest).toBe(first.digest);
  expect(registry.count('mount', 'POST upload', 'PUT upload', 'PUT manifest')).toBe(uploads);
});

test('one changed platform uploads only its own layers', async () => {
  const destination = await registries.start();
  await join(destination, amd, arm);
  const changed = platformImage({ os: 'linux', architecture: 'arm64', variant: 'v8' }, [layer('base'), layer('changed')]);

  await expect(join(destination, amd, changed)).resolves.toMatchObject({ streamed: 1 });
});

test('attachments of a builder to a platform stay with it', async () => {
  const first = built({ os: 'linux', architecture: 'amd64' }, amd, image('provenance'));
  const second = built({ os: 'linux', architecture: 'arm64' }, arm, image('provenance of arm'));

  const { digest } = await join(registry, first, second);

  const { manifests } = JSON.parse(String(registry.repository('team/web').find(digest)?.bytes));
  expect(manifests.map(({ platform }: { platform: { architecture: string } }) => platform.architecture)).toEqual(['amd64', 'unknown', 'arm64', 'unknown']);
});

test('images in the format of Docker make a manifest list in the format of Docker', async () => {
  const docker = (each: TestImage) => manifest(
    'application/vnd.docker.distribution.manifest.v2+json', { ...JSON.parse(String(each.bytes)), mediaType: undefined }, each.blobs,
  );
  const { digest } = await join(registry, docker(amd), docker(arm));

  expect(registry.repository('team/web').find(digest)?.mediaType).toBe('application/vnd.docker.distribution.manifest.list.v2+json');
});

describe('two images of one platform are rejected before anything is uploaded', () => {
  const REFUSED = /^could not join the platforms from the source \S+assets:tag-1: another image is for linux\/amd64 already, \S+\/assets:tag-0: name each platform once/;

  test.each([{ os: 'linux', architecture: 'amd64' }, { os: 'Linux', architecture: 'x86_64' }, { os: 'linux', architecture: 'amd64', variant: 'v1' }])(
    'and the message names both, also if they write it differently: %j', async platform => {
      const { message } = await failureOf(join(registry, amd, platformImage(platform, [layer('other')])));

      expect(message).toMatch(REFUSED);
      expect(message).not.toContain('Docker');
      expect(registry.count('mount', 'PUT manifest')).toBe(0);
    },
  );

  test('and the message names the build as a possible reason, if the app builds the images', async () => {
    const { message } = await failureOf(joinWith({ sourceTag: 'live-source' }, registry, amd, platformImage({ os: 'linux', architecture: 'amd64' }, [layer('other')])));

    expect(message).toMatch(REFUSED);
    expect(message).toMatch(/\. If one of them was built for another platform, fix its build, and delete its tag, because an existing tag is not built again: Docker without BuildKit/);
  });

  test('but two variants are two platforms', async () => {
    await expect(join(registry, amd, platformImage({ os: 'linux', architecture: 'amd64', variant: 'v3' }, [layer('other')]))).resolves.toMatchObject({ streamed: 0 });
  });
});

test('an arm64 image with and without v8 has the same platform', async () => {
  await expect(join(registry, arm, platformImage({ os: 'linux', architecture: 'arm64' }, [layer('other')]))).rejects.toThrow('another image is for linux/arm64 already');
});

test('two indexes whose images have no platform are rejected', async () => {
  const [first, second] = [image('first'), image('second')].map(each => manifest('application/vnd.oci.image.index.v1+json', { manifests: [describeImage(each)] }, [], [each]));
  await expect(join(registry, first, second)).rejects.toThrow(/assets:tag-1: another image is for no platform already, \S+\/assets:tag-0: name each platform once$/);
});

test('an empty index has no platform', async () => {
  await expect(join(registry, amd, manifest('application/vnd.oci.image.index.v1+json', { manifests: [] }))).rejects
    .toThrow(/^could not join the platforms from the source .*assets:tag-1: it is an index of no image$/);
});

test.each([{ os: 'linux' }, { architecture: 'amd64' }, { os: '', architecture: 'amd64' }])('an image whose configuration names no platform is rejected: %j', async platform => {
  await expect(join(registry, amd, platformImage(platform))).rejects.toThrow(/^could not read the platform from the source .*: its configuration does not name one$/);
});

test('an image whose configuration is not JSON is rejected', async () => {
  const text = Buffer.from('no JSON');
  const broken = manifest(amd.mediaType, { ...JSON.parse(String(amd.bytes)), config: describeBytes('application/vnd.oci.image.config.v1+json', text) }, [text, ...amd.blobs]);
  await expect(join(registry, broken)).rejects.toThrow(/^could not read the platform from the source \S+: the configuration is not/);
});

test('an image whose configuration is missing is rejected', async () => {
  registry.fail('GET blob', { status: 404, code: 'BLOB_UNKNOWN' }, { times: 99 });
  await expect(join(registry, amd)).rejects.toThrow(/^could not read the blob from the source \S+@sha256:[0-9a-f]{64}: the registry answered 404 BLOB_UNKNOWN/);
});

test('an embedded configuration is not read from the registry', async () => {
  const [config, ...layers] = amd.blobs;
  const content = JSON.parse(String(amd.bytes));
  const inline = manifest(amd.mediaType, { ...content, config: { ...content.config, data: config.toString('base64') } }, [config, ...layers]);
  await join(registry, inline);
  expect(registry.count('GET blob')).toBe(0);
});

test('a manifest that is both an image and an index is rejected', async () => {
  const both = manifest(amd.mediaType, { ...JSON.parse(String(amd.bytes)), manifests: [describeImage(arm)] }, amd.blobs);
  await expect(join(registry, both)).rejects.toThrow(new RegExp(`^could not read the manifest from the source \\S+@${both.digest}: `));
});

test('an index that no registry would accept is rejected before it is written', async () => {
  const large = ['386', 'amd64', 'arm64'].map(architecture => {
    const runs = platformImage({ os: 'linux', architecture });
    const entry = { ...describeImage(runs), platform: { os: 'linux', architecture }, annotations: { note: 'x'.repeat(1_500_000) } };
    return manifest('application/vnd.oci.image.index.v1+json', { manifests: [entry] }, [], [runs]);
  });
  await expect(join(registry, ...large)).rejects
    .toThrow(/^could not join the platforms from the source \S+assets:tag-2: the index of all platforms is larger than 4194304 bytes$/);
  expect(registry.count('mount', 'PUT manifest')).toBe(0);
  await expect(join(registry, ...large.slice(1))).resolves.toMatchObject({ digest: expect.anything() });
});

describe('the name of a platform', () => {
  const named = (os: unknown, architecture: unknown, variant?: unknown, more = {}) =>
    formatPlatform(readPlatform({ os, architecture, variant, ...more }));

  test.each<[unknown, unknown, unknown, string]>([
    ['linux', 'amd64', undefined, 'linux/amd64'], [' Linux ', 'AMD64', '', 'linux/amd64'], ['linux', 'x86_64', undefined, 'linux/amd64'], ['linux', 'x86-64', 'v2', 'linux/amd64/v2'],
    ['linux', 'amd64', 'v1', 'linux/amd64'], ['linux', 'aarch64', undefined, 'linux/arm64'], ['linux', 'arm64', 'v8', 'linux/arm64'], ['linux', 'arm64', '8', 'linux/arm64'],
    ['linux', 'arm64', 'v9', 'linux/arm64/v9'], ['linux', 'arm64', 'v8.0', 'linux/arm64'], ['linux', 'arm64', 'v8.1', 'linux/arm64/v8.1'], ['linux', 'arm64', 'v18.0', 'linux/arm64/v18'],
    ['linux', 'arm64', 'xv8.0', 'linux/arm64/xv8.0'], ['linux', 'arm64', 'v8.0x', 'linux/arm64/v8.0x'], ['linux', 'arm', undefined, 'linux/arm/v7'], ['linux', 'arm', '6', 'linux/arm/v6'],
    ['linux', 'arm', 'v5', 'linux/arm/v5'], ['linux', 'armhf', 'v5', 'linux/arm/v7'], ['linux', 'armel', 'v7', 'linux/arm/v6'], ['linux', 'i386', 'v1', 'linux/386'], ['linux', '386', 'v1', 'linux/386/v1'],
    ['linux', 'ppc64le', '9', 'linux/ppc64le/9'], ['linux', 'riscv64', 'v1', 'linux/riscv64/v1'], ['linux', 'arm/v6', undefined, 'linux/arm/v6'], ['linux', 'arm/v6', 'v7', 'linux/arm/v7'],
    ['linux', 'a/b/c', undefined, 'linux/a/b/c'], ['macOS', 'arm64', undefined, 'darwin/arm64'], ['linux', undefined, 'v7', 'linux'], [undefined, 'amd64', undefined, 'amd64'], [7, ['amd64'], {}, ''], ['  ', ' ', ' ', ''],
    [' ', 'amd64', undefined, 'amd64'], ['linux', 'amd64', '2', 'linux/amd64/v2'],
  ])('%j, %j, %j is %s', (os, architecture, variant, name) => {
    expect(named(os, architecture, variant)).toBe(name);
  });

  test('has the Windows version, which is not compared', () => {
    expect(named('windows', 'amd64', undefined, { 'os.version': '10.0.1' })).toBe('windows/amd64/10.0.1');
    expect([named('windows', 'amd64', undefined, { 'os.version': '' }), named('windows', 'amd64', undefined, { 'os.version': 10 })]).toEqual(['windows/amd64', 'windows/amd64']);
    expect(isSamePlatform(readPlatform({ 'os': 'windows', 'architecture': 'amd64', 'os.version': '1' }), parsePlatform('windows/amd64'))).toBe(true);
  });

  test('of another value is empty', () => {
    expect([readPlatform(null), readPlatform('linux'), readPlatform(undefined)].map(formatPlatform)).toEqual(['', '', '']);
  });

  test.each([['arm64', 'linux/arm64'], [' linux/arm64/v8 ', 'linux/arm64'], ['windows/amd64', 'windows/amd64'], ['linux/arm/v6', 'linux/arm/v6']])('%s is accepted', (text, name) => {
    expect(formatPlatform(parsePlatform(text))).toBe(name);
  });

  test('differs by system, architecture or variant', () => {
    const all = ['linux/arm/v7', 'windows/arm/v7', 'linux/arm64', 'linux/arm/v6', 'linux/amd64'].map(parsePlatform);
    expect(all.map(each => isSamePlatform(each, all[0]))).toEqual([true, false, false, false, false]);
    expect(all.map(each => isSamePlatform(each, all[4]))).toEqual([false, false, false, false, true]);
  });
});
