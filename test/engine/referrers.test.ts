import { TestRegistry } from '../helpers/registry';
import { attached, listOf, tagOfList } from '../helpers/registry-artifacts';
import { TestClock } from '../helpers/registry-clock';
import { Registries, live } from '../helpers/registry-copy';
import { image, index, layer, manifest, sha256 } from '../helpers/registry-images';
import { Manifests } from '../helpers/registry-manifests';
import { plain } from '../helpers/registry-profiles';
import { pagedReferrersApi, referrersApi } from '../helpers/registry-referrers';

const registries = new Registries();
afterEach(async () => registries.stop());

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

test('an image without referrers is copied as usual', async () => {
  await expect(copy()).resolves.toMatchObject({ digest: web.digest, referrers: '0 copied' });
});

test('a signature is copied with its image, and listed under a tag if the registry has no referrers API', async () => {
  source.repository('assets').add(listOf(signature), tagOfList(web));

  await expect(copy()).resolves.toMatchObject({ referrers: '1 copied' });
  expect(held().manifests.get(signature.digest)?.bytes).toEqual(signature.bytes);
  const list = JSON.parse(String(held().find(tagOfList(web))?.bytes));
  expect(list.manifests).toEqual([expect.objectContaining({ digest: signature.digest, artifactType: 'application/vnd.example.signature' })]);
});

test('referrers of referrers, and referrers of the image of one platform are copied too', async () => {
  const arm = image('arm');
  const all = index([web, arm]);
  const countersignature = attached('application/vnd.example.countersignature', signature);
  const bill = attached('application/vnd.example.sbom', arm);
  source.add('assets', all, 'all');
  source.repository('assets').add(listOf(signature), tagOfList(web));
  source.repository('assets').add(listOf(countersignature), tagOfList(signature));
  source.repository('assets').add(listOf(bill), tagOfList(arm));

  await expect(copy('all')).resolves.toMatchObject({ referrers: '3 copied' });
  expect([signature, countersignature, bill].every(({ digest }) => held().manifests.has(digest))).toBe(true);
});

test('the tags of cosign are copied too', async () => {
  source.repository('assets').add(image('cosign signature'), `${tagOfList(web)}.sig`);
  source.repository('assets').add(image('cosign attestation'), `${tagOfList(web)}.att`);

  await expect(copy()).resolves.toMatchObject({ referrers: '2 copied' });
  expect([...held().tags.keys()]).toEqual(expect.arrayContaining([`${tagOfList(web)}.sig`, `${tagOfList(web)}.att`]));
});

test('the entries in the list of the destination stay', async () => {
  destination = await registries.start();
  const own = attached('application/vnd.example.own', web);
  held().add(web);
  held().add(listOf(own), tagOfList(web));
  source.repository('assets').add(listOf(signature), tagOfList(web));

  await copy();

  const list = JSON.parse(String(held().find(tagOfList(web))?.bytes));
  expect(list.manifests.map(({ digest }: { digest: string }) => digest)).toEqual([own.digest, signature.digest]);
});

test('a referrer that cannot be copied is reported with its reason, and the image is copied anyway', async () => {
  source.repository('assets').add(listOf(signature), tagOfList(web));
  source.repository('assets').manifests.delete(signature.digest);

  const { referrers } = await copy();

  expect(referrers).toMatch(/^0 copied, 1 not copied: application\/vnd\.example\.signature sha256:\w+ \(could not read the manifest from the source \S+: the registry answered 404 MANIFEST_UNKNOWN\)$/);
  expect(held().tags.get(live(web.digest)[0].name)).toBe(web.digest);
});

test('the tag of the image is written after all of its referrers', async () => {
  source.repository('assets').add(listOf(signature), tagOfList(web));

  await copy();

  const written = destination.requests.filter(({ kind }) => kind === 'PUT manifest').map(({ url }) => url.slice(url.lastIndexOf('/') + 1));
  expect(written).toEqual([web.digest, signature.digest, tagOfList(web), live(web.digest)[0].name]);
});

test('the referrers of an existing image are not requested', async () => {
  await copy();
  const before = source.count() + destination.count();

  await expect(copy()).resolves.not.toHaveProperty('referrers');
  expect(source.count() + destination.count() - before).toBe(2);
});

test('a referrer in the fourth level is reported, not omitted silently', async () => {
  const chain = [web];
  for (const kind of ['first', 'second', 'third', 'fourth']) chain.push(attached(kind, chain[chain.length - 1]));
  chain.slice(1).forEach((each, position) => source.repository('assets').add(listOf(each), tagOfList(chain[position])));

  const { referrers } = await copy();

  expect(referrers).toBe(`3 copied, 1 not copied: fourth ${chain[4].digest} (further than 3 referrers from the image)`);
  expect(chain.slice(0, 4).every(({ digest }) => held().manifests.has(digest))).toBe(true);
});

describe('a list with several pages', () => {
  beforeEach(async () => {
    source = await registries.start({ profile: plain({ manifests: new Manifests(() => 'mutable', pagedReferrersApi(2)) }) });
    source.add('assets', web, 'abc');
  });

  test('is read to its end', async () => {
    ['a', 'b', 'c', 'd', 'e'].forEach(kind => source.repository('assets').add(attached(kind, web)));

    await expect(copy()).resolves.toMatchObject({ referrers: '5 copied' });
  });

  test('is reported as too long if it does not end', async () => {
    Array.from({ length: 41 }, (_, number) => source.repository('assets').add(attached(`signature ${number}`, web)));

    await expect(copy()).resolves.toMatchObject({
      referrers: `40 copied, 1 not copied: the rest of what refers to ${web.digest} (only a part of the list was read)`,
    });
  });
});

test('more than two hundred referrers are not copied, and at most fifty are named', async () => {
  const missing = Array.from({ length: 230 }, (_, number) => ({ mediaType: web.mediaType, digest: sha256(Buffer.from(`${number}`)), size: 2 }));
  source.repository('assets').add(manifest('application/vnd.oci.image.index.v1+json', { manifests: missing }), tagOfList(web));

  const { referrers = '' } = await copy();

  expect(referrers).toMatch(/^0 copied, 230 not copied: .*; and 180 more$/);
  expect(referrers.match(/a referrer sha256:/g)).toHaveLength(50);
  const asked = missing.filter(({ digest }) => source.requests.some(({ kind, url }) => kind === 'GET manifest' && url.endsWith(digest)));
  expect(asked).toHaveLength(200);
});

test('two hundred is the limit for an image with all its platforms, not for each of them', async () => {
  const arm = image('arm');
  source.add('assets', index([web, arm]), 'all');
  [web, arm].forEach((each, platform) => {
    const missing = Array.from({ length: 101 }, (_, number) => ({ mediaType: web.mediaType, digest: sha256(Buffer.from(`${platform} ${number}`)), size: 2 }));
    source.repository('assets').add(manifest('application/vnd.oci.image.index.v1+json', { manifests: missing }), tagOfList(each));
  });

  await expect(copy('all')).resolves.toMatchObject({ referrers: expect.stringMatching(/^0 copied, 202 not copied: /) });

  // The index and its images, and the lists of the two.
  expect(source.count('GET manifest')).toBe(5 + 200);
});

test('a signature that the destination already has under the cosign tag stays', async () => {
  destination = await registries.start();
  const [own, other] = [image('their own signature'), image('the signature of the source')];
  held().add(own, `${tagOfList(web)}.sig`);
  source.repository('assets').add(other, `${tagOfList(web)}.sig`);

  await expect(copy()).resolves.toMatchObject({ referrers: `0 copied, 1 not copied: ${tagOfList(web)}.sig (the destination has its own)` });
  expect(held().tags.get(`${tagOfList(web)}.sig`)).toBe(own.digest);
});

test('an image does not wait for signatures that stall', async () => {
  const clock = new TestClock();
  const signatures = Array.from({ length: 15 }, (_, number) => attached(`signature ${number}`, web));
  source.repository('assets').add(listOf(...signatures), tagOfList(web));
  source.onStall = () => clock.advance(31_000);
  // The first manifest is the image, the next one is the list.
  source.fail('GET manifest', 'stall', { nth: 3, times: 99 });

  const { referrers } = await registries.copy({ host: source.host, repository: 'assets', version: 'abc' }, destination, {
    referrers: true, clock, deadline: clock.now() + 870_000,
  });

  expect(referrers).toMatch(/^0 copied, \d+ not copied: .*\(no time is left for it\)/);
  expect(held().tags.get(live(web.digest)[0].name)).toBe(web.digest);
});

test('a list in the destination has each referrer once, also after a second copy', async () => {
  destination = await registries.start();
  const own = attached('application/vnd.example.own', web);
  const second = attached('application/vnd.example.second', web);
  held().add(web);
  held().add(listOf(own, signature), tagOfList(web));
  source.repository('assets').add(listOf(signature, second), tagOfList(web));

  await copy();

  const list = JSON.parse(String(held().find(tagOfList(web))?.bytes));
  expect(list.manifests.map(({ digest }: { digest: string }) => digest)).toEqual([own, signature, second].map(({ digest }) => digest));
});

test('a registry with the referrers API gets no tag for the list', async () => {
  destination = await registries.start({ profile: plain({ manifests: new Manifests(() => 'mutable', referrersApi) }) });
  source.repository('assets').add(listOf(signature), tagOfList(web));

  await expect(copy()).resolves.toMatchObject({ referrers: '1 copied' });
  expect([...held().tags.keys()]).toEqual([live(web.digest)[0].name]);
});

test('a cosign tag that already exists in the destination is not written again', async () => {
  const same = image('cosign signature');
  held().add(same, `${tagOfList(web)}.sig`);
  source.repository('assets').add(same, `${tagOfList(web)}.sig`);

  await expect(copy()).resolves.toMatchObject({ referrers: '0 copied' });
  expect(destination.requests.filter(({ kind, url }) => kind === 'PUT manifest' && url.endsWith('.sig'))).toEqual([]);
});

test('cosign tags are searched in the same three levels as referrers', async () => {
  const chain = [web];
  for (const kind of ['first', 'second', 'third']) chain.push(attached(kind, chain[chain.length - 1]));
  chain.slice(1).forEach((each, position) => source.repository('assets').add(listOf(each), tagOfList(chain[position])));
  const [, , second, third] = chain.map(each => `${tagOfList(each)}.sig`);
  [second, third].forEach(tag => source.repository('assets').add(image(tag), tag));

  await expect(copy()).resolves.toMatchObject({ referrers: '4 copied' });
  expect([held().tags.has(second), held().tags.has(third)]).toEqual([true, false]);
});

test('a list that cannot be read is reported, and so is each missing referrer', async () => {
  const arm = image('arm');
  const [lost, other] = ['lost', 'other'].map(kind => attached(kind, arm));
  source = await registries.start({
    change: ({ kind, reference }, answer) => kind === 'GET referrers' && reference === web.digest ? { status: 200, body: Buffer.from('{"manifests":[{}]}') } : answer,
  });
  source.add('assets', index([web, arm]), 'all');
  source.repository('assets').add(listOf(lost, other), tagOfList(arm));
  [lost, other].forEach(({ digest }) => source.repository('assets').manifests.delete(digest));

  const { referrers = '' } = await copy('all');

  const missing = ({ digest }: { digest: string }, kind: string) => `${kind} ${digest} \\(could not read the manifest from the source [^;]+\\)`;
  expect(referrers).toMatch(new RegExp(`^0 copied, 3 not copied: the list of what refers to ${web.digest} \\(could not list the referrers from the source \\S+: [^;]+\\); `
    + `${missing(lost, 'lost')}; ${missing(other, 'other')}$`));
});

test('if a list has more than two hundred entries, the rest is counted', async () => {
  const many = Array.from({ length: 205 }, (_, number) => image(`refers to nothing ${number}`, []));
  source.repository('assets').add(listOf(...many), tagOfList(web));

  await expect(copy()).resolves.toMatchObject({ referrers: `0 copied, 5 not copied: 5 more that refer to ${web.digest} (there are more than 200)` });
});

test('if the time is over, the images whose referrers were not requested are named', async () => {
  const [clock, arm] = [new TestClock(), image('arm')];
  source.add('assets', index([web, arm]), 'all');
  source.when('HEAD manifest', () => clock.advance(200_000));

  const { referrers } = await registries.copy({ host: source.host, repository: 'assets', version: 'all' }, destination, { referrers: true, clock });

  expect(referrers).toMatch(/^0 copied, 3 not copied: /);
  expect(referrers).toContain(`what refers to ${arm.digest} (no time is left for it)`);
});
