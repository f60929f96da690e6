import { CopyHooks, CopyOptions, CredentialsProvider } from '../../src/engine/contract';
import { copyImage, copyPlatforms } from '../../src/engine/copy';
import { HostileServer, serving } from '../helpers/hostile';
import { TestRegistry } from '../helpers/registry';
import { attached, listOf, platformImage, tagOfList } from '../helpers/registry-artifacts';
import { TestClock } from '../helpers/registry-clock';
import { Registries, failureOf, fixed, passwordFor } from '../helpers/registry-copy';
import { digest, image, index, layer, manifest } from '../helpers/registry-images';

const registries = new Registries();
afterEach(async () => registries.stop());

const web = image('web', [layer('base')]);
const again = (named: string) => `again-${named.slice(7, 19)}`;
const AGAIN = again(web.digest);
let clock: TestClock;
let source: TestRegistry;
let destination: TestRegistry;
beforeEach(async () => {
  clock = new TestClock();
  [source, destination] = [await registries.start(), await registries.start()];
});

const hooks = (more: CopyHooks = {}): CopyHooks => ({
  clock, origins: { [source.host]: source.origin, [destination.host]: destination.origin }, ...more,
});
const to = () => ({ host: destination.host, repository: 'team/web' });
const held = () => destination.repository('team/web');
const copy = async (options: Partial<CopyOptions> = {}, more: CopyHooks = {}, version = 'abc') =>
  copyImage({ ...source.add('assets', web, 'abc'), version }, to(), { tags: fixed('v1'), ...options }, hooks(more));

describe('the tag for an image that the destination already had', () => {
  test('is written if the image has a tag already, or only its digest', async () => {
    held().add(web, 'v1');
    await copy({ againTag: again });
    expect(held().tags.get(AGAIN)).toBe(web.digest);

    held().tags.clear();
    await copy({ againTag: again });
    expect([held().tags.get(AGAIN), held().tags.get('v1')]).toEqual([web.digest, web.digest]);
  });

  test('is not written for a new image', async () => {
    await copy({ againTag: again });
    expect([...held().tags.keys()]).toEqual(['v1']);
  });

  test('is not written twice, and is moved from another image', async () => {
    held().add(web, 'v1');
    held().add(web, AGAIN);
    await copy({ againTag: again });
    expect(destination.count('PUT manifest')).toBe(0);

    held().add(image('other'), AGAIN);
    await copy({ againTag: again });
    expect(held().tags.get(AGAIN)).toBe(web.digest);
  });

  test('is not written for an image that was just built, unless it had a tag before', async () => {
    held().add(web);
    await copyImage({ ...to(), version: web.digest }, to(), { tags: fixed('v1'), againTag: again, isPushed: true }, hooks());
    expect([...held().tags.keys()]).toEqual(['v1']);

    await copyImage({ ...to(), version: web.digest }, to(), { tags: fixed('v1'), againTag: again, isPushed: true }, hooks());
    expect([...held().tags.keys()]).toEqual(['v1', AGAIN]);
  });
});

describe('an image that was just built and is named by a tag', () => {
  test('is read before its tags are written', async () => {
    held().add(web, 'built');
    await expect(copyImage({ ...to(), version: 'built' }, to(), { tags: fixed('v1'), isPushed: true }, hooks())).resolves.toMatchObject({ existing: 2 });
    expect(held().tags.get('v1')).toBe(web.digest);
  });
});

describe('an image by its digest', () => {
  test('is not read if it has all its tags', async () => {
    held().add(web, 'v1');
    await copy({}, {}, web.digest);
    expect(source.count()).toBe(0);
  });

  test('is read if some of its platforms are selected', async () => {
    const amd = platformImage({ os: 'linux', architecture: 'amd64' });
    held().add(amd, 'v1');
    source.add('assets', amd, 'amd');
    await expect(copy({ platforms: ['linux/arm64'] }, {}, amd.digest)).rejects.toThrow('it has no image for linux/arm64, only for linux/amd64');
  });
});

describe('before its tags, an image is written by its digest', () => {
  const written = () => destination.requests.filter(({ kind }) => kind === 'PUT manifest').map(({ url }) => url.slice(url.lastIndexOf('/') + 1));

  test('if it has no tags, or if its referrers are copied', async () => {
    await copy({ tags: () => [] });
    expect(written()).toEqual([web.digest]);
    await copy({ referrers: true });
    expect(written()).toEqual([web.digest, web.digest, 'v1']);
  });

  test('if its digest is not the one by which registries store manifests', async () => {
    const what = manifest(web.mediaType, JSON.parse(String(web.bytes)), web.blobs, [], 'sha512');
    expect(what.digest).toBe(digest(what.bytes, 'sha512'));
    source.add('assets', what, 'long');
    destination.fail('PUT manifest', { status: 400, code: 'UNSUPPORTED' }, { times: 99 });

    const { message } = await failureOf(copy({}, {}, what.digest));
    expect(message).toMatch(/^could not write the manifest at the destination \S+@sha512:/);
    expect(written()).toEqual([what.digest]);
  });

  test('but not otherwise', async () => {
    await copy();
    expect(written()).toEqual(['v1']);
  });
});

test.each(['MANIFEST_BLOB_UNKNOWN', 'BLOB_UNKNOWN', 'MANIFEST_UNKNOWN', 'BLOB_UPLOAD_UNKNOWN'])('an image that the registry calls incomplete (%s) is copied again, also by its digest', async code => {
  destination.fail('PUT manifest', { status: 400, code });
  await expect(copy({ tags: () => [] })).resolves.toMatchObject({ digest: web.digest });
  expect(destination.count('PUT manifest')).toBe(2);
});

test.each(['MANIFEST_INVALID', undefined])('another rejection of a manifest (%s) fails the copy', async code => {
  destination.fail('PUT manifest', { status: 400, code }, { times: 99 });
  await failureOf(copy());
  expect(destination.count('PUT manifest')).toBe(1);
});

test('an upload that the registry does not know is not a sign of an incomplete image', async () => {
  destination.fail('POST upload', { status: 400, code: 'BLOB_UNKNOWN' }, { times: 99 });
  await failureOf(copy({}, {}, 'abc'));
  expect(destination.count('HEAD blob')).toBe(web.blobs.length);
});

describe('an image that the source does not have', () => {
  const deleted = { status: 404, code: 'MANIFEST_UNKNOWN' };

  test('is only searched by the tag of its source', async () => {
    source.fail('GET manifest', deleted, { times: 99 });
    await expect(copy()).rejects.toThrow('the registry answered 404');
    expect(destination.count()).toBe(0);
  });

  test('gets the tag for an image that the destination already had', async () => {
    held().add(web, 'source-1');
    source.fail('GET manifest', deleted, { times: 99 });
    await copy({ sourceTag: 'source-1', againTag: again });
    expect([held().tags.get('v1'), held().tags.get(AGAIN)]).toEqual([web.digest, web.digest]);
  });
});

describe('the referrers of joined platforms', () => {
  test('are those of the platforms', async () => {
    const [amd, arm] = ['amd64', 'arm64'].map(architecture => platformImage({ os: 'linux', architecture }));
    const sources = [amd, arm].map((each, at) => source.add('assets', each, `tag-${at}`));
    source.repository('assets').add(listOf(attached('signature', arm)), tagOfList(arm));

    const { digest: joined, referrers } = await copyPlatforms(sources, to(), { tags: fixed('v1'), referrers: true }, hooks());

    expect(referrers).toBe('1 copied');
    // The new index exists only at the destination, so the source cannot have referrers of it.
    expect(source.requests.filter(({ url }) => url.includes(joined))).toEqual([]);
  });
});

describe('the time for referrers ends', () => {
  const signed = async (milliseconds: number, deadline?: number) => {
    source.repository('assets').add(listOf(attached('signature', web)), tagOfList(web));
    // A pause, so that no request stalls.
    source.when('GET referrers', () => { void clock.sleep(milliseconds); });
    return (await copy({ referrers: true }, deadline === undefined ? {} : { deadline: clock.now() + deadline })).referrers;
  };

  test.each([[119_999, '1 copied'], [120_000, /^0 copied, 1 not copied: .*\(no time is left for it\)$/]])('after two minutes: after %i ms', async (milliseconds, report) => {
    expect(await signed(milliseconds)).toEqual(typeof report === 'string' ? report : expect.stringMatching(report));
  });

  test.each([[24_999, '1 copied'], [25_000, /no time is left for it/]])('after a quarter of the time of the copy: after %i of 100,000 ms', async (milliseconds, report) => {
    expect(await signed(milliseconds, 100_000)).toEqual(typeof report === 'string' ? report : expect.stringMatching(report));
  });
});

describe('parts that are left out are all reported', () => {
  test('platforms and layers', async () => {
    const [amd, arm] = ['amd64', 'arm64'].map(architecture => platformImage({ os: 'linux', architecture }));
    const foreign = { mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar', digest: `sha256:${'1'.repeat(64)}`, size: 1 };
    const content = JSON.parse(String(amd.bytes));
    const lacking = manifest(amd.mediaType, { ...content, layers: [...content.layers, foreign] }, amd.blobs);
    const all = index([lacking, arm]);
    source.add('assets', all, 'all');

    const { leftOut } = await copy({ platforms: ['linux/amd64'] }, {}, 'all');
    expect(leftOut).toBe(`linux/arm64, and signatures of the complete index ${all.digest}; 1 nondistributable layers that the source does not hold: ${foreign.digest}`);
  });
});

describe('credentials', () => {
  const asked = (names: string[], name: string): CredentialsProvider => ({ credentialsFor: async host => { names.push(`${name} ${host}`); return undefined; } });

  test('of the source can differ from those of the destination', async () => {
    const names: string[] = [];
    await copy({}, { credentials: asked(names, 'both'), sourceCredentials: asked(names, 'source') });
    expect([...new Set(names)].sort()).toEqual([`both ${destination.host}`, `source ${source.host}`].sort());
  });

  test('that are shared are used for both sides', async () => {
    const names: string[] = [];
    await copy({}, { credentials: asked(names, 'both') });
    expect([...new Set(names)].sort()).toEqual([`both ${destination.host}`, `both ${source.host}`].sort());
  });

  test('that differ on one registry prevent mounts', async () => {
    const registry = await registries.start();
    const result = await copyImage(registry.add('assets', web, 'abc'), { host: registry.host, repository: 'team/web' }, { tags: fixed('v1') }, {
      clock, origins: { [registry.host]: registry.origin }, credentials: passwordFor(registry.host, 'a:1'), sourceCredentials: passwordFor(registry.host, 'b:2'),
    });
    expect(result).toMatchObject({ mounted: 0, streamed: 2 });
  });
});

describe('a copy that takes too long', () => {
  test('ends at its deadline, and leaves no timer behind', async () => {
    source.onStall = () => clock.advance(10_000);
    source.fail('GET manifest', 'stall', { times: 99 });
    expect((await failureOf(copy({}, { deadline: clock.now() + 10_000 }))).message).toMatch(/: the time allowed for the copy ran out$/);
    expect(clock.pending).toBe(0);
  });

  test('does not begin after its deadline', async () => {
    const work = copy({}, { deadline: clock.now() - 1 });
    clock.advance(0);
    expect((await failureOf(work)).message).toMatch(/: the time allowed for the copy ran out$/);
  });

  test('can be cancelled, before and after it begins', async () => {
    const controller = new AbortController();
    source.onStall = () => controller.abort();
    source.fail('GET manifest', 'stall');
    expect((await failureOf(copy({}, { signal: controller.signal }))).message).toMatch(/: the copy was cancelled$/);

    const before = source.count();
    expect((await failureOf(copy({}, { signal: controller.signal }))).message).toMatch(/: the copy was cancelled$/);
    expect(source.count()).toBe(before);
  });

  test('leaves no timer and no listener behind if it is fast', async () => {
    const controller = new AbortController();
    const removed = jest.spyOn(controller.signal, 'removeEventListener');
    await copy({}, { deadline: clock.now() + 10_000, signal: controller.signal });
    expect([clock.pending, removed.mock.calls.map(([name]) => name)]).toEqual([0, ['abort']]);
  });
});

test('connections are closed at the end of a copy', async () => {
  const server = await HostileServer.start(serving(web));
  await copyImage({ host: server.host, repository: 'assets', version: 'abc' }, to(), { tags: fixed('v1') }, hooks({
    origins: { [server.host]: server.origin, [destination.host]: destination.origin },
  }));
  const ended = Date.now();
  await server.abandoned();

  // Otherwise the server closes them after five seconds.
  expect(Date.now() - ended).toBeLessThan(3_000);
  expect(server.connections).toBeGreaterThan(0);
  await server.stop();
});
