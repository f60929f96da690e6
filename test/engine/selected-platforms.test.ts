import { TestRegistry } from '../helpers/registry';
import { describeBytes, describeImage, platformImage } from '../helpers/registry-artifacts';
import { Registries, failureOf } from '../helpers/registry-copy';
import { TestImage, image, index, manifest, sha256 } from '../helpers/registry-images';

// The messages and the rare cases of a copy of selected platforms. request-budget.test.ts has the usual ones.
const registries = new Registries();
afterEach(async () => registries.stop());

const INDEX = 'application/vnd.oci.image.index.v1+json';
const [amd, arm] = ['amd64', 'arm64'].map(architecture => platformImage({ os: 'linux', architecture }));
const provenance = image('provenance');
const UNKNOWN = { os: 'unknown', architecture: 'unknown' };
const listed = (runs: TestImage) => ({ ...describeImage(runs), platform: JSON.parse(String(runs.blobs[0])) });
const statement = (about: string, more: object = { platform: UNKNOWN }) => ({
  ...describeImage(provenance), ...more, annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': about },
});
const list = (manifests: readonly object[], children: readonly TestImage[] = [amd, arm, provenance]) => manifest(INDEX, { manifests }, [], children);

let source: TestRegistry;
let destination: TestRegistry;
beforeEach(async () => { [source, destination] = [await registries.start(), await registries.start()]; });

const select = async (what: TestImage, ...platforms: readonly string[]) => registries.copy(source.add('assets', what, 'abc'), destination, { platforms });
const copied = (digest: string) => JSON.parse(String(destination.repository('team/web').find(digest)?.bytes)).manifests;

describe('attachments of a builder are not platforms', () => {
  const attachment = { ...describeImage(provenance), platform: UNKNOWN };

  test('in the message that a platform is missing', async () => {
    const { message } = await failureOf(select(list([listed(amd), attachment]), 'linux/arm64'));
    expect(message).toMatch(/: it has no image for linux\/arm64, only for linux\/amd64$/);
  });

  test('in the report, and each stays or goes with its image', async () => {
    const { digest, leftOut } = await select(list([listed(amd), listed(arm), attachment, statement(arm.digest)]), 'linux/arm64');

    expect(copied(digest)).toEqual([listed(arm), statement(arm.digest)]);
    expect(leftOut).toMatch(/^linux\/amd64, and signatures of the complete index sha256:/);
  });

  test('also if their entries have no platform', async () => {
    const { digest } = await select(list([listed(amd), listed(arm), statement(amd.digest, {})]), 'linux/arm64');

    expect(copied(digest)).toEqual([listed(arm)]);
    expect(source.requests.filter(({ url }) => url.endsWith(provenance.digest))).toEqual([]);
  });

  test('and those of an image that the index does not have are left out and reported', async () => {
    const { digest, leftOut } = await select(list([listed(amd), statement(sha256(Buffer.from('gone')))]), 'linux/amd64');

    expect(copied(digest)).toEqual([listed(amd)]);
    expect(leftOut).toMatch(/^attachments of unknown images, and signatures of the complete index sha256:[0-9a-f]{64}$/);
  });
});

test('an index of up to a thousand manifests can be reduced', async () => {
  const others = Array.from({ length: 999 }, (_, at) => ({ mediaType: arm.mediaType, digest: sha256(Buffer.from(`${at}`)), size: 1, platform: { os: 'linux', architecture: 'arm64' } }));
  const { digest } = await select(list([listed(amd), ...others], [amd]), 'linux/amd64');
  expect(copied(digest)).toEqual([listed(amd)]);
});

test('an index with more manifests is rejected', async () => {
  const many = Array.from({ length: 1001 }, (_, at) => ({ mediaType: arm.mediaType, digest: sha256(Buffer.from(`${at}`)), size: 1, platform: {} }));
  const { message } = await failureOf(select(list(many, []), 'linux/amd64'));
  expect(message).toMatch(/^could not select the platforms from the source \S+@sha256:\w+: it has more than 1000 manifests$/);
});

describe('the message that a platform is missing', () => {
  const windows = (count: number) => list(Array.from({ length: count }, (_, at) => ({ ...describeImage(amd), digest: sha256(Buffer.from(`${at}`)), platform: { os: 'windows', architecture: `a${at}` } })), []);
  const names = (count: number) => Array.from({ length: count }, (_, at) => `windows/a${at}`).join(', ');

  test('names the operation, the image and its platform', async () => {
    const { message } = await failureOf(select(amd, 'linux/arm64', 'linux/s390x'));
    expect(message).toMatch(new RegExp(`^could not select the platforms from the source \\S+@${amd.digest}: it has no image for linux/arm64, linux/s390x, only for linux/amd64$`));
  });

  test('has each platform once', async () => {
    const version = (name: string) => ({ ...describeImage(amd), digest: sha256(Buffer.from(name)), platform: { os: 'linux', architecture: 'amd64' } });
    const { message } = await failureOf(select(list([version('1'), version('2')], []), 'linux/arm64'));
    expect(message).toMatch(/, only for linux\/amd64$/);
  });

  test('has up to twenty platforms', async () => {
    expect((await failureOf(select(windows(20), 'linux/amd64'))).message).toMatch(new RegExp(`, only for ${names(20)}$`));
    expect((await failureOf(select(windows(21), 'linux/amd64'))).message).toMatch(new RegExp(`, only for ${names(20)} and others$`));
  });

  test('says if there is no platform at all', async () => {
    const { message } = await failureOf(select(index([]), 'linux/amd64'));
    expect(message).toMatch(/: it has no image for linux\/amd64, only for no platform$/);
  });
});

describe('an image without a usual platform', () => {
  test.each([{ os: 'linux' }, { architecture: 'amd64' }])('is selected, because it may be the right one: %j', async platform => {
    const unnamed = platformImage(platform);
    await expect(select(unnamed, 'linux/arm64')).resolves.toMatchObject({ digest: unnamed.digest });
  });

  test('whose configuration is not JSON is rejected', async () => {
    const text = Buffer.from('no JSON');
    const config = describeBytes('application/vnd.oci.image.config.v1+json', text);
    const { message } = await failureOf(select(manifest(amd.mediaType, { config, layers: [] }, [text]), 'linux/arm64'));
    expect(message).toMatch(new RegExp(`^could not read the platform from the source \\S+@${config.digest}: the configuration is not`));
  });

  test('in an index is rejected if it cannot be read', async () => {
    const both = manifest(amd.mediaType, { ...JSON.parse(String(amd.bytes)), manifests: [] }, amd.blobs);
    const { message } = await failureOf(select(list([describeImage(both)], [both]), 'linux/amd64'));
    expect(message).toMatch(new RegExp(`^could not read the manifest from the source \\S+@${both.digest}: the manifest has both 'manifests' and 'config'`));
  });
});
