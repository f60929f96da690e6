import { TestRegistry } from '../../helpers/registry';
import { Registries, live } from '../../helpers/registry-copy';
import { TestImage, image, index, layer, manifest, sha256 } from '../../helpers/registry-images';

const registries = new Registries();
afterEach(async () => registries.stop());

const describeBytes = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: sha256(bytes), size: bytes.length });
const refer = (subject: TestImage) => describeBytes(subject.mediaType, subject.bytes);

/** A signature, or what else is attached to an image. */
function attached(kind: string, subject: TestImage): TestImage {
  const config = Buffer.from('{}');
  const content = Buffer.from(`${kind} of ${subject.digest}`);
  return manifest('application/vnd.oci.image.manifest.v1+json', {
    artifactType: kind,
    config: describeBytes('application/vnd.oci.empty.v1+json', config),
    layers: [describeBytes('application/octet-stream', content)],
    subject: refer(subject),
  }, [config, content]);
}

/** The index under which clients keep referrers. */
function listOf(...referrers: readonly TestImage[]): TestImage {
  const manifests = referrers.map(each => ({ ...refer(each), artifactType: JSON.parse(String(each.bytes)).artifactType }));
  return manifest('application/vnd.oci.image.index.v1+json', { manifests }, [], referrers);
}

const tagOf = ({ digest }: TestImage) => digest.replace(':', '-');

const web = image('web', [layer('base'), layer('app')]);
const signature = attached('application/vnd.example.signature', web);
let source: TestRegistry;
let destination: TestRegistry;

beforeEach(async () => {
  [source, destination] = [await registries.start(), await registries.start({ immutableTags: true })];
  source.add('assets', web, 'abc');
});

async function copy(version = 'abc') {
  return registries.copy({ host: source.host, repository: 'assets', version }, destination, { referrers: true });
}

const held = () => destination.repository('team/web');

test('an image that nothing refers to is copied as ever', async () => {
  await expect(copy()).resolves.toMatchObject({ digest: web.digest, referrers: '0 copied' });
});

test('a signature comes with its image, and is listed where the registry keeps no list', async () => {
  source.repository('assets').add(listOf(signature), tagOf(web));

  await expect(copy()).resolves.toMatchObject({ referrers: '1 copied' });
  expect(held().manifests.get(signature.digest)?.bytes).toEqual(signature.bytes);
  const list = JSON.parse(String(held().find(tagOf(web))?.bytes));
  expect(list.manifests).toEqual([expect.objectContaining({ digest: signature.digest, artifactType: 'application/vnd.example.signature' })]);
});

test('what refers to a referrer comes too, and what refers to the image of one platform', async () => {
  const arm = image('arm');
  const all = index([web, arm]);
  const countersignature = attached('application/vnd.example.countersignature', signature);
  const bill = attached('application/vnd.example.sbom', arm);
  source.add('assets', all, 'all');
  source.repository('assets').add(listOf(signature), tagOf(web));
  source.repository('assets').add(listOf(countersignature), tagOf(signature));
  source.repository('assets').add(listOf(bill), tagOf(arm));

  await expect(copy('all')).resolves.toMatchObject({ referrers: '3 copied' });
  expect([signature, countersignature, bill].every(({ digest }) => held().manifests.has(digest))).toBe(true);
});

test('the tags of cosign come too', async () => {
  source.repository('assets').add(image('cosign signature'), `${tagOf(web)}.sig`);
  source.repository('assets').add(image('cosign attestation'), `${tagOf(web)}.att`);

  await expect(copy()).resolves.toMatchObject({ referrers: '2 copied' });
  expect([...held().tags.keys()]).toEqual(expect.arrayContaining([`${tagOf(web)}.sig`, `${tagOf(web)}.att`]));
});

test('what is listed at the destination already stays listed', async () => {
  destination = await registries.start();
  const own = attached('application/vnd.example.own', web);
  held().add(web);
  held().add(listOf(own), tagOf(web));
  source.repository('assets').add(listOf(signature), tagOf(web));

  await copy();

  const list = JSON.parse(String(held().find(tagOf(web))?.bytes));
  expect(list.manifests.map(({ digest }: { digest: string }) => digest)).toEqual([own.digest, signature.digest]);
});

test('what cannot be copied is told with its reason, and the image arrives all the same', async () => {
  source.repository('assets').add(listOf(signature), tagOf(web));
  source.repository('assets').manifests.delete(signature.digest);

  const { referrers } = await copy();

  expect(referrers).toMatch(/^0 copied, 1 not copied: application\/vnd\.example\.signature sha256:\w+ \(could not read the manifest from the source \S+: the registry answered 404 MANIFEST_UNKNOWN\)$/);
  expect(held().tags.get(live(web.digest)[0].name)).toBe(web.digest);
});

test('the tag of the image comes after everything that refers to it', async () => {
  source.repository('assets').add(listOf(signature), tagOf(web));

  await copy();

  const written = destination.requests.filter(({ kind }) => kind === 'PUT manifest').map(({ url }) => url.slice(url.lastIndexOf('/') + 1));
  expect(written).toEqual([web.digest, signature.digest, tagOf(web), live(web.digest)[0].name]);
});

test('an image that is there already is not asked for what refers to it', async () => {
  await copy();
  const before = source.count() + destination.count();

  await expect(copy()).resolves.not.toHaveProperty('referrers');
  expect(source.count() + destination.count() - before).toBe(2);
});
