import { TestRegistry } from './registry';
import { TestClock } from './registry-clock';
import { Guest } from './registry-guest';
import { image, index, sha256 } from './registry-images';
import { RegistryProfile, acr, ecr, gar, hub, plain } from './registry-profiles';

// The common behavior of all registries: the simulated ones follow the OCI distribution specification.
const PROFILES: Readonly<Record<string, () => RegistryProfile>> = {
  'Docker\'s own registry': () => plain(),
  'Amazon ECR': () => ecr({ clock: new TestClock() }),
  'Google Artifact Registry': () => gar({ clock: new TestClock() }),
  'Azure Container Registry': () => acr({ clock: new TestClock() }),
  'Docker Hub': () => hub({ clock: new TestClock() }),
};

const web = image('web');
const all = index([web, image('arm')]);
const hello = Buffer.from('hello');
const HELLO = sha256(hello);

describe.each(Object.entries(PROFILES))('%s', (_, profile) => {
  let registry: TestRegistry;
  let guest: Guest;

  beforeEach(async () => {
    registry = await TestRegistry.start({ profile: profile() });
    ['team/web', 'team/base'].forEach(name => registry.repository(name));
    guest = new Guest(registry);
  });
  afterEach(async () => registry.stop());

  test('says that it is a registry', async () => {
    await expect(guest.ask('GET', '/v2/')).resolves.toMatchObject({ status: 200 });
  });

  test('answers 404 for missing content', async () => {
    await expect(guest.ask('GET', `/v2/team/web/blobs/${HELLO}`)).resolves.toMatchObject({ status: 404 });
    await expect(guest.ask('HEAD', `/v2/team/web/blobs/${HELLO}`)).resolves.toMatchObject({ status: 404 });
    await expect(guest.pull('team/web', 'v1', web)).resolves.toMatchObject({ status: 404 });
  });

  test('accepts a blob in one piece and returns it, completely or in parts', async () => {
    const ended = await guest.end(await guest.begin('team/web'), hello, HELLO);

    expect(ended).toMatchObject({ status: 201, headers: { 'docker-content-digest': HELLO } });
    await expect(guest.ask('GET', ended.headers.location ?? '')).resolves.toMatchObject({ status: 200, body: hello });
    await expect(guest.ask('HEAD', `/v2/team/web/blobs/${HELLO}`)).resolves.toMatchObject({ status: 200, headers: { 'content-length': '5' } });
    await expect(guest.ask('GET', `/v2/team/web/blobs/${HELLO}`, { headers: { range: 'bytes=1-3' } }))
      .resolves.toMatchObject({ status: 206, headers: { 'content-range': 'bytes 1-3/5' }, body: Buffer.from('ell') });
  });

  test('accepts a blob as one stream', async () => {
    const streamed = await guest.chunk(await guest.begin('team/web'), hello);

    await expect(guest.end(streamed.headers.location ?? '', '', HELLO)).resolves.toMatchObject({ status: 201 });
    expect(registry.repository('team/web').blobs.get(HELLO)).toEqual(hello);
  });

  test('rejects bytes that do not match the digest', async () => {
    await expect(guest.end(await guest.begin('team/web'), 'wrong', HELLO)).resolves.toMatchObject({ status: 400 });
    expect(registry.repository('team/web').blobs.size).toBe(0);
  });

  test('deletes an upload that is cancelled', async () => {
    const upload = await guest.begin('team/web');

    await expect(guest.ask('DELETE', upload)).resolves.toMatchObject({ status: 204 });
    await expect(guest.end(upload, hello, HELLO)).resolves.toMatchObject({ status: 404 });
  });

  test('mounts a blob of an image in another repository, and begins an upload if it does not exist', async () => {
    registry.add('team/base', web, 'v1');
    const layer = sha256(web.blobs[1]);

    await expect(guest.ask('POST', `/v2/team/web/blobs/uploads/?mount=${layer}&from=team/base`)).resolves.toMatchObject({ status: 201 });
    await expect(guest.ask('HEAD', `/v2/team/web/blobs/${layer}`)).resolves.toMatchObject({ status: 200 });
    await expect(guest.ask('POST', `/v2/team/web/blobs/uploads/?mount=${HELLO}&from=team/base`)).resolves.toMatchObject({ status: 202 });
  });

  test('keeps a manifest unchanged, by its digest and by its tag', async () => {
    await guest.pushBlobs('team/web', web);

    await expect(guest.push('team/web', 'v1', web)).resolves.toMatchObject({ status: 201, headers: { 'docker-content-digest': web.digest } });
    for (const version of ['v1', web.digest]) {
      await expect(guest.pull('team/web', version, web))
        .resolves.toMatchObject({ status: 200, headers: { 'content-type': web.mediaType, 'docker-content-digest': web.digest }, body: web.bytes });
    }
  });

  test('rejects a manifest whose blobs are missing', async () => {
    const { status, body } = await guest.push('team/web', 'v1', web);

    expect(status).toBeGreaterThanOrEqual(400);
    expect(body.toString()).toMatch(/"code":"(MANIFEST_BLOB_UNKNOWN|BLOB_UPLOAD_UNKNOWN)"/);
    expect(registry.repository('team/web').tags.size).toBe(0);
  });

  test('rejects an index whose children are missing', async () => {
    registry.add('team/web', web, 'v1');

    const { status, body } = await guest.push('team/web', 'v2', all);

    expect(status).toBeGreaterThanOrEqual(400);
    expect(body.toString()).toContain('"code":"MANIFEST_BLOB_UNKNOWN"');
    expect(body.toString()).toContain(all.children[1].digest);
  });

  test('rejects a manifest under the digest of another', async () => {
    await guest.pushBlobs('team/web', web);

    await expect(guest.push('team/web', all.digest, web)).resolves.toMatchObject({ status: 400 });
  });

  test('lists its tags', async () => {
    registry.add('team/web', web, 'v2');
    registry.add('team/web', web, 'v1');

    const { body } = await guest.ask('GET', '/v2/team/web/tags/list');

    expect(JSON.parse(body.toString())).toEqual({ name: 'team/web', tags: ['v1', 'v2'] });
  });

  test('deletes a manifest with its tags, and a blob', async () => {
    registry.add('team/web', web, 'v1');

    await expect(guest.ask('DELETE', `/v2/team/web/manifests/${web.digest}`)).resolves.toMatchObject({ status: 202 });
    await expect(guest.pull('team/web', 'v1', web)).resolves.toMatchObject({ status: 404 });
    await expect(guest.ask('DELETE', `/v2/team/web/blobs/${sha256(web.blobs[0])}`)).resolves.toMatchObject({ status: 202 });
    await expect(guest.ask('HEAD', `/v2/team/web/blobs/${sha256(web.blobs[0])}`)).resolves.toMatchObject({ status: 404 });
  });
});
