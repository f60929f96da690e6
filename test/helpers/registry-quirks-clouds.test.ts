import { TestRegistry } from './registry';
import { Said, ask } from './registry-ask';
import { TestClock } from './registry-clock';
import { Guest } from './registry-guest';
import { digest, image, layer, sha256 } from './registry-images';
import { RegistryProfile, acr, gar, hub, plain, website } from './registry-profiles';
import { artifact, padded } from './registry-shapes';

// Special behavior of the other simulated registries. The tests of the copy depend on it.
const web = image('web');
const sbom = artifact('application/spdx+json', layer('sbom'), web);
const hello = Buffer.from('hello');
const HELLO = sha256(hello);
const [LAYER, MIB] = [sha256(web.blobs[1]), 1024 * 1024];

let clock: TestClock;
let registry: TestRegistry;
let guest: Guest;

async function start(profile: RegistryProfile): Promise<void> {
  registry = await TestRegistry.start({ profile });
  registry.repository('team/web');
  guest = new Guest(registry);
}

beforeEach(() => { clock = new TestClock(); });
afterEach(async () => registry.stop());

const error = ({ status, body }: Said) => [status, JSON.parse(body.toString()).errors[0].code, JSON.parse(body.toString()).errors[0].message];

describe('Docker\'s own registry', () => {
  beforeEach(async () => start(plain()));

  test('returns OCI manifests only to clients that accept their type', async () => {
    registry.add('team/web', web, 'v1');

    expect((await guest.ask('GET', '/v2/team/web/manifests/v1')).status).toBe(404);
    expect((await guest.ask('GET', '/v2/team/web/manifests/v1', { headers: { accept: '*/*' } })).status).toBe(404);
    expect((await guest.pull('team/web', 'v1', web)).status).toBe(200);
  });

  test('has no referrers API, but stores artifacts with a subject', async () => {
    await guest.pushBlobs('team/web', sbom);

    expect((await guest.push('team/web', sbom.digest, sbom)).headers['oci-subject']).toBeUndefined();
    expect((await guest.ask('GET', `/v2/team/web/referrers/${web.digest}`)).status).toBe(404);
  });

  test('accepts a manifest of four mebibytes and none that is larger', async () => {
    await guest.pushBlobs('team/web', padded(4 * MIB));

    expect((await guest.push('team/web', 'v1', padded(4 * MIB))).status).toBe(201);
    expect((await guest.push('team/web', 'v2', padded(4 * MIB + 1))).status).toBe(400);
  });

  test('changes the address of an upload whose connection broke, so the old one is invalid', async () => {
    const upload = await guest.begin('team/web');
    registry.fail('PUT upload', 'reset in the upload');
    await expect(guest.end(upload, hello, HELLO)).rejects.toThrow('socket hang up');

    expect(error(await guest.end(upload, hello, HELLO))).toEqual([404, 'BLOB_UPLOAD_INVALID', 'blob upload invalid']);
  });
});

describe('Google Artifact Registry', () => {
  beforeEach(async () => start(gar({ clock })));

  test('sends more headers than Node.js reads by default', async () => {
    const { headers } = await guest.ask('POST', '/v2/team/web/blobs/uploads/');

    expect(JSON.stringify(headers).length).toBeGreaterThan(21_000);
  });

  test('accepts no second chunk', async () => {
    const { headers: { location = '' } } = await guest.chunk(await guest.begin('team/web'), 'he');

    expect((await guest.chunk(location, 'llo')).status).toBe(405);
  });
});

describe('Azure Container Registry', () => {
  test('loses an upload whose connection broke', async () => {
    await start(acr({ clock }));
    const upload = await guest.begin('team/web');
    // The first request of the client has no token and is rejected.
    registry.fail('PUT upload', 'reset in the upload', { nth: 2 });
    await expect(guest.end(upload, hello, HELLO)).rejects.toThrow('socket hang up');

    expect(error(await guest.end(upload, hello, HELLO)).slice(0, 2)).toEqual([404, 'BLOB_UPLOAD_INVALID']);
  });

  test('sends Retry-After', async () => {
    await start(acr({ clock, bears: { requests: 2, seconds: 30 } }));
    const ping = async () => guest.ask('GET', '/v2/');
    await ping();
    await ping();
    clock.advance(10_000);

    expect(await ping()).toMatchObject({ status: 429, headers: { 'retry-after': '20' } });
    clock.advance(20_000);
    expect((await ping()).status).toBe(200);
  });
});

describe('Docker Hub', () => {
  beforeEach(async () => start(hub({ clock })));

  async function token(query: string, headers = {}): Promise<string> {
    const { body } = await ask('GET', `${registry.origin}/token?service=registry.docker.io&scope=${query}`, { headers });
    return `Bearer ${JSON.parse(body.toString()).token}`;
  }

  test('allows anonymous pulls and no anonymous pushes', async () => {
    registry.add('team/web', web, 'v1');
    const authorization = await token('repository:team/web:pull,push');

    expect((await ask('GET', `${registry.origin}/v2/team/web/blobs/${LAYER}`, { headers: { authorization } })).status).toBe(307);
    const refused = await ask('POST', `${registry.origin}/v2/team/web/blobs/uploads/`, { headers: { authorization } });
    expect(refused).toMatchObject({ status: 401, headers: { 'www-authenticate': expect.stringContaining('error="insufficient_scope"') } });
  });

  test('accepts a token for five minutes', async () => {
    registry.add('team/web', web, 'v1');
    const authorization = await token('repository:team/web:pull');
    clock.advance(300_000);

    expect((await ask('GET', `${registry.origin}/v2/team/web/blobs/${LAYER}`, { headers: { authorization } })).status).toBe(401);
  });

  test('rejects a wrong password at the token endpoint', async () => {
    const authorization = `Basic ${Buffer.from('me:wrong').toString('base64')}`;

    expect((await ask('GET', `${registry.origin}/token?scope=repository:team/web:pull`, { headers: { authorization } })).status).toBe(401);
  });

  test('rejects a chunk that is not the next one', async () => {
    const { headers: { location = '' } } = await guest.chunk(await guest.begin('team/web'), 'he', '0-1');

    expect(await guest.chunk(location, 'o', '4-4')).toMatchObject({ status: 416, headers: { range: '0-1' } });
  });

  test('stores manifests by SHA-512 digest', async () => {
    await guest.pushBlobs('team/web', web);
    const long = digest(web.bytes, 'sha512');

    expect(await guest.push('team/web', long, web)).toMatchObject({ status: 201, headers: { 'docker-content-digest': long } });
    expect(await guest.pull('team/web', long, web)).toMatchObject({ status: 200, body: web.bytes });
  });

  test('lists the referrers of an image, all of them or one type', async () => {
    registry.add('team/web', web, 'v1');
    await guest.pushBlobs('team/web', sbom);

    expect((await guest.push('team/web', sbom.digest, sbom)).headers['oci-subject']).toBe(web.digest);
    const list = async (query = '') => JSON.parse((await guest.ask('GET', `/v2/team/web/referrers/${web.digest}${query}`)).body.toString()).manifests;
    expect(await list()).toEqual([{ mediaType: sbom.mediaType, digest: sbom.digest, size: sbom.bytes.length, artifactType: 'application/spdx+json' }]);
    expect(await list('?artifactType=application/other')).toEqual([]);
  });
});

test('a host that is not a registry has a web page for every path', async () => {
  await start(website(200));

  expect(await guest.ask('HEAD', '/v2/team/web/manifests/v1')).toMatchObject({ status: 200, headers: { 'content-type': 'text/html' } });
  expect((await guest.ask('POST', '/v2/team/web/blobs/uploads/')).body.toString()).toContain('<!doctype html>');
});
