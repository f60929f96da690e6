import { TestRegistry } from '../helpers/registry';
import { attached, describeImage, platformImage } from '../helpers/registry-artifacts';
import { TestClock } from '../helpers/registry-clock';
import { Registries, failureOf, live } from '../helpers/registry-copy';
import { TestImage, image, layer, manifest, sha256 } from '../helpers/registry-images';
import { Manifests } from '../helpers/registry-manifests';
import { plain } from '../helpers/registry-profiles';
import { referrersApi } from '../helpers/registry-referrers';

// Docker Hub counts the manifests that an address reads with GET, but not those that it checks with HEAD.
const registries = new Registries();
afterEach(async () => registries.stop());

const INDEX = 'application/vnd.oci.image.index.v1+json';
const PLATFORMS = ['amd64', '386', 'arm/v5', 'arm/v7', 'arm64/v8', 'ppc64le', 'riscv64', 's390x'];
const built = PLATFORMS.map(name => {
  const [architecture, variant] = name.split('/');
  const platform = { architecture, os: 'linux', ...(variant && { variant }) };
  const runs = platformImage(platform, [layer(name)]);
  return { name: `linux/${name}`, platform, runs, provenance: image(`provenance of ${name}`) };
});
const entries = built.flatMap(({ platform, runs, provenance }) => [
  { ...describeImage(runs), platform, annotations: { 'com.docker.official-images.bashbrew.arch': platform.architecture } },
  {
    ...describeImage(provenance), platform: { architecture: 'unknown', os: 'unknown' },
    annotations: { 'vnd.docker.reference.digest': runs.digest, 'vnd.docker.reference.type': 'attestation-manifest' },
  },
]);
const all = manifest(INDEX, { manifests: entries, annotations: { note: 'kept' } }, [], built.flatMap(({ runs, provenance }) => [runs, provenance]));

let source: TestRegistry;
let destination: TestRegistry;
beforeEach(async () => { [source, destination] = [await registries.start(), await registries.start({ immutableTags: true })]; });

const held = () => destination.repository('team/web');

async function copy(platforms?: readonly string[], what: TestImage = all, version = 'abc') {
  source.add('assets', what, 'abc');
  return registries.copy({ host: source.host, repository: 'assets', version }, destination, { referrers: true, platforms, clock: new TestClock() });
}

describe('the number of manifests that are read from the source is', () => {
  test('one per manifest, if the registry has no referrers API', async () => {
    await copy();
    expect(source.count('GET manifest')).toBe(1 + 2 * PLATFORMS.length);
  });

  test('one per manifest, if the registry has the referrers API', async () => {
    source = await registries.start({ profile: plain({ manifests: new Manifests(() => 'mutable', referrersApi) }) });
    await copy();
    expect(source.count('GET manifest')).toBe(1 + 2 * PLATFORMS.length);
  });

  test('one for the index, and two for each selected platform', async () => {
    await copy(['linux/amd64', 'linux/arm64']);
    expect(source.count('GET manifest')).toBe(1 + 2 * 2);
  });

  test('one, if the image is unchanged', async () => {
    await copy();
    const before = source.count('GET manifest');
    await copy();
    expect(source.count('GET manifest') - before).toBe(1);
  });

  test('zero, if the image is named by its digest and unchanged', async () => {
    await copy();
    const before = source.count();
    await copy(undefined, all, all.digest);
    expect(source.count() - before).toBe(0);
  });
});

describe('a copy of selected platforms', () => {
  const bytesOf = (digest: string) => JSON.parse(String(held().find(digest)?.bytes));

  test('has an index of only these, with their attestations and all properties of the original', async () => {
    const { digest, leftOut } = await copy(['linux/amd64', 'linux/arm64']);

    expect(bytesOf(digest)).toEqual({ ...JSON.parse(String(all.bytes)), manifests: [entries[0], entries[1], entries[8], entries[9]] });
    expect(held().tags.get(live(digest)[0].name)).toBe(digest);
    expect([...held().manifests.keys()].sort()).toEqual([digest, ...[0, 1, 8, 9].map(at => entries[at].digest)].sort());
    expect(leftOut).toBe(`linux/386, linux/arm/v5, linux/arm/v7, linux/ppc64le, linux/riscv64, linux/s390x, and signatures of the complete index ${all.digest}`);
  });

  test('has the same digest each time, in any order and notation of the platforms', async () => {
    const { digest } = await copy(['linux/amd64', 'linux/arm64']);

    for (const platforms of [['linux/arm64/v8', 'linux/x86_64'], ['aarch64', 'AMD64', 'linux/amd64'], ['Linux/ARM64', 'linux/amd64/v1']]) {
      await expect(copy(platforms)).resolves.toMatchObject({ digest, streamed: 0 });
    }
  });

  test('is the same for a source by digest', async () => {
    const { digest } = await copy(['linux/amd64']);
    await expect(copy(['linux/amd64'], all, all.digest)).resolves.toMatchObject({ digest });
    expect(digest).not.toBe(all.digest);
  });

  test('with all platforms is the whole image with its original digest', async () => {
    const result = await copy(built.map(({ name }) => name));
    expect(result).toMatchObject({ digest: all.digest });
    expect(result).not.toHaveProperty('leftOut');
  });

  test('includes the signatures of these platforms', async () => {
    const signature = attached('signature', built[0].runs);
    source = await registries.start({ profile: plain({ manifests: new Manifests(() => 'mutable', referrersApi) }) });
    source.repository('assets').add(signature);
    [built[1].runs, all].forEach(each => source.repository('assets').add(attached('signature', each)));

    await expect(copy(['linux/amd64'])).resolves.toMatchObject({ referrers: '1 copied' });
    expect(held().manifests.has(signature.digest)).toBe(true);
  });

  test.each([
    ['that the index does not have', ['linux/amd64', 'linux/loong64'], 'linux/loong64'],
    ['with another variant only', ['linux/arm/v6'], 'linux/arm/v6'],
    ['of another system', ['windows/amd64'], 'windows/amd64'],
  ])('%s fails before anything is uploaded, and the message has the available platforms', async (_, platforms, name) => {
    expect((await failureOf(copy(platforms))).message).toMatch(new RegExp(
      `^could not select the platforms from the source \\S+@${all.digest}: it has no image for ${name}, only for linux/amd64, linux/386, linux/arm/v5, linux/arm/v7, linux/arm64, linux/ppc64le, linux/riscv64, linux/s390x$`,
    ));
    expect(destination.count('POST upload', 'PUT manifest')).toBe(0);
  });

  test('of an image for one of these platforms is that image', async () => {
    await expect(copy(['linux/arm64', 'linux/amd64'], built[0].runs)).resolves.toMatchObject({ digest: built[0].runs.digest });
  });

  test('of an image for another platform fails', async () => {
    await expect(copy(['linux/arm64'], built[0].runs)).rejects.toThrow(/: it has no image for linux\/arm64, only for linux\/amd64$/);
  });

  test('of an image without a platform is that image', async () => {
    const unnamed = platformImage({});
    await expect(copy(['linux/arm64'], unnamed)).resolves.toMatchObject({ digest: unnamed.digest });
  });

  test('reads the platform from the image if the index does not have it', async () => {
    const [amd, arm] = [built[0].runs, built[4].runs];
    const index = manifest(INDEX, { manifests: [amd, arm].map(describeImage) }, [], [amd, arm]);

    const { digest } = await copy(['linux/arm64'], index);

    expect(bytesOf(digest).manifests).toEqual([describeImage(arm)]);
  });

  test('keeps a nested index, which could contain them', async () => {
    const inner = manifest(INDEX, { manifests: entries.slice(0, 2) }, [], [built[0].runs, built[0].provenance]);
    const outer = manifest(INDEX, { manifests: [describeImage(inner), entries[8], entries[4]] }, [], [inner, built[4].runs, built[2].runs]);

    const { digest } = await copy(['linux/amd64', 'linux/arm64'], outer);

    expect(bytesOf(digest).manifests.map((each: { digest: string }) => each.digest)).toEqual([inner.digest, built[4].runs.digest]);
  });

  test('keeps artifacts without a platform', async () => {
    const text = manifest('application/vnd.oci.image.manifest.v1+json', {
      config: { mediaType: 'text/plain', digest: sha256(Buffer.from('no JSON')), size: 7 }, layers: [],
    }, [Buffer.from('no JSON')]);
    const list = manifest(INDEX, { manifests: [entries[0], entries[8], describeImage(text)] }, [], [built[0].runs, built[4].runs, text]);

    const { digest } = await copy(['linux/amd64'], list);

    expect(bytesOf(digest).manifests).toEqual([entries[0], describeImage(text)]);
    await expect(copy(['linux/amd64'], text)).resolves.toMatchObject({ digest: text.digest });
  });

  test('of an index with more than a thousand manifests fails before they are read', async () => {
    const many = Array.from({ length: 1001 }, (_, at) => ({ mediaType: entries[0].mediaType, digest: sha256(Buffer.from(`${at}`)), size: 1 }));
    await expect(copy(['linux/amd64'], manifest(INDEX, { manifests: many }))).rejects.toThrow(/: it has more than 1000 manifests$/);
    expect(source.count('GET manifest')).toBe(1);
  });

  test('includes every version of Windows', async () => {
    const windows = ['10.0.17763.1', '10.0.20348.1'].map(version => ({ version, runs: platformImage({ 'os': 'windows', 'architecture': 'amd64', 'os.version': version }) }));
    const list = manifest(INDEX, {
      manifests: [...windows.map(({ version, runs }) => ({ ...describeImage(runs), platform: { 'os': 'windows', 'architecture': 'amd64', 'os.version': version } })), entries[0]],
    }, [], [...windows.map(({ runs }) => runs), built[0].runs]);

    const { digest } = await copy(['windows/amd64'], list);

    expect(bytesOf(digest).manifests).toHaveLength(2);
    expect(sha256(Buffer.from(JSON.stringify(bytesOf(digest))))).toBe(digest);
  });
});
