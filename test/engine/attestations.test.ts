import { copyImage } from '../../src/engine/copy';
import { TestRegistry } from '../helpers/registry';
import { describeBytes, describeImage, listOf, tagOfList } from '../helpers/registry-artifacts';
import { Registries, failureOf, fixed } from '../helpers/registry-copy';
import { TestImage, image, manifest } from '../helpers/registry-images';
import { Manifests } from '../helpers/registry-manifests';
import { plain } from '../helpers/registry-profiles';
import { referrersApi } from '../helpers/registry-referrers';

// Attestations that BuildKit has pushed in an index beside its images.
const registries = new Registries();
afterEach(async () => registries.stop());

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const IN_TOTO = 'application/vnd.in-toto+json';
const PREDICATE = 'in-toto.io/predicate-type';
const [web, arm] = [image('web'), image('arm')];
const config = Buffer.from('{"architecture":"unknown","os":"unknown"}');
const CONFIG = describeBytes('application/vnd.oci.image.config.v1+json', config);
const text = (name: string) => Buffer.from(`statement ${name}`);
const layerOf = (name: string, annotations: unknown = { [PREDICATE]: name, other: 'left out' }) => ({ ...describeBytes(IN_TOTO, text(name)), annotations });

/** A manifest of statements, and its entry. */
const stating = (about: TestImage, layers: unknown, names: readonly string[] = []) => {
  const what = manifest(OCI_MANIFEST, { config: CONFIG, layers }, [config, ...names.map(text)]);
  const annotations: object = { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': about.digest };
  return { what, entry: { ...describeImage(what), platform: { os: 'unknown', architecture: 'unknown' }, annotations } };
};
const list = (entries: readonly object[], children: readonly TestImage[]) => manifest(OCI_INDEX, { manifests: entries }, [], children);

let registry: TestRegistry;
beforeEach(async () => { registry = await registries.start({ profile: plain({ manifests: new Manifests(undefined, referrersApi) }) }); });

const held = () => registry.repository('team/web');

async function publish(pushed: TestImage) {
  held().add(pushed);
  const destination = { host: registry.host, repository: 'team/web' };
  const options = { tags: fixed('v1'), isPushed: true, detachAttestations: true };
  return copyImage({ ...destination, version: pushed.digest }, destination, options, { origins: { [registry.host]: registry.origin } });
}

const statementsAbout = ({ digest }: TestImage) => held().referrers(digest).map(({ bytes }) => JSON.parse(String(bytes)));

test('each statement becomes a referrer of the image, with its type and its own layer', async () => {
  const { what, entry } = stating(web, [layerOf('slsa'), layerOf('spdx')], ['slsa', 'spdx']);

  await expect(publish(list([describeImage(web), entry], [web, what]))).resolves.toMatchObject({ digest: web.digest });
  expect(statementsAbout(web)).toEqual(['slsa', 'spdx'].map(name => ({
    schemaVersion: 2, mediaType: OCI_MANIFEST, artifactType: IN_TOTO, config: CONFIG, layers: [layerOf(name)],
    subject: describeImage(web), annotations: { [PREDICATE]: name },
  })));
  expect(held().tags.get('v1')).toBe(web.digest);
});

test('the statements are listed under a tag in a registry without the referrers API', async () => {
  registry = await registries.start();
  const { what, entry } = stating(web, [layerOf('slsa')], ['slsa']);
  await publish(list([describeImage(web), entry], [web, what]));

  const [stored] = held().referrers(web.digest);
  expect(JSON.parse(String(held().find(tagOfList(web))?.bytes)).manifests).toEqual([{
    mediaType: OCI_MANIFEST, digest: stored.digest, size: stored.bytes.length, artifactType: IN_TOTO, annotations: { [PREDICATE]: 'slsa' },
  }]);
});

test('the images of several platforms stay in an index without their attestations, each with its own', async () => {
  const [first, second] = [stating(web, [layerOf('a')], ['a']), stating(arm, [layerOf('b')], ['b'])];
  const { digest } = await publish(list([describeImage(web), describeImage(arm), first.entry, second.entry], [web, arm, first.what, second.what]));

  expect(JSON.parse(String(held().find(digest)?.bytes)).manifests).toEqual([describeImage(web), describeImage(arm)]);
  expect([web, arm].map(each => statementsAbout(each).map(({ layers }) => layers))).toEqual([[[layerOf('a')]], [[layerOf('b')]]]);
});

test.each<[string, unknown]>([
  ['no annotations', undefined], ['annotations that are null', null], ['another annotation only', { other: 'x' }], ['a type that is a number', { [PREDICATE]: 7 }],
])('a statement with %s becomes a referrer without the type of its predicate', async (_, annotations) => {
  const statement = { ...layerOf('slsa'), annotations };
  const { what, entry } = stating(web, [statement], ['slsa']);
  await publish(list([describeImage(web), entry], [web, what]));

  expect(statementsAbout(web)).toMatchObject([{ annotations: {} }]);
  expect(statementsAbout(web)[0].annotations).toEqual({});
});

test.each<[string, unknown, number]>([['null', null, 0], ['missing', undefined, 0], ['a list with null', [null, layerOf('slsa')], 1]])(
  'statements are read from layers that are %s', async (_, layers, count) => {
    const { what, entry } = stating(web, layers, ['slsa']);

    await expect(publish(list([describeImage(web), entry], [web, what]))).resolves.toMatchObject({ digest: web.digest });
    expect(statementsAbout(web)).toHaveLength(count);
  },
);

test.each([['an image', web], ['an index without attestations', listOf(web, arm)]])('%s stays as it is', async (_, what) => {
  await expect(publish(what)).resolves.toMatchObject({ digest: what.digest });
  expect(registry.count('PUT manifest')).toBe(1);
});

test.each<[string, object]>([
  ['no type', { 'vnd.docker.reference.digest': web.digest }], ['a digest that is a number', { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': 7 }],
])('an entry whose annotations have %s is not an attestation', async (_, annotations) => {
  const pushed = list([describeImage(web), { ...describeImage(arm), annotations }], [web, arm]);
  await expect(publish(pushed)).resolves.toMatchObject({ digest: pushed.digest });
});

test('an index that cannot be read fails with the reason', async () => {
  const pushed = list([describeBytes('application/vnd.oci.image.layer.v1.tar', config)], []);
  expect((await failureOf(publish(pushed))).message).toMatch(new RegExp(`^could not read the attestations at the destination \\S+@${pushed.digest}: its entry sha256:\\w+ is a layer`));
});
