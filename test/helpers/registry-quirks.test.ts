import { TestRegistry } from './registry';
import { ecrAccess } from './registry-access';
import { Said, ask } from './registry-ask';
import { TestClock } from './registry-clock';
import { Guest } from './registry-guest';
import { image, layer, sha256 } from './registry-images';
import { EcrSettings, ecr } from './registry-profiles';
import { artifact, padded } from './registry-shapes';

// Special behavior of the simulated Amazon ECR. The tests of the copy depend on it.
const web = image('web');
const sbom = artifact('application/spdx+json', layer('sbom'), web);
const hello = Buffer.from('hello');
const HELLO = sha256(hello);
const LAYER = sha256(web.blobs[1]);

let clock: TestClock;
let registry: TestRegistry;
let guest: Guest;

async function begin(settings: Partial<EcrSettings> = {}): Promise<void> {
  registry = await TestRegistry.start({ profile: ecr({ clock, ...settings }) });
  registry.repository('team/web');
  guest = new Guest(registry);
}

beforeEach(() => { clock = new TestClock(); });
afterEach(async () => registry.stop());

const mount = async (name = LAYER) => guest.ask('POST', `/v2/team/web/blobs/uploads/?mount=${name}&from=team/base`);
const error = ({ status, body }: Said) => [status, JSON.parse(body.toString()).errors[0].code, JSON.parse(body.toString()).errors[0].message];

test('ECR answers chunks with 201 and the Range of the first chunk, and keeps all of them', async () => {
  await begin();
  const upload = await guest.begin('team/web');

  expect(await guest.chunk(upload, 'he', '0-1')).toMatchObject({ status: 201, headers: { range: '0-1' } });
  expect(await guest.chunk(upload, 'll', '2-3')).toMatchObject({ status: 201, headers: { range: '0-1' } });
  expect((await guest.ask('GET', upload)).status).toBe(404);
  expect(error(await guest.chunk(upload, 'll', '2-3'))).toEqual([416, 'BLOB_UPLOAD_INVALID', 'First byte of the layer part is 2 instead of 4']);
  expect((await guest.end(upload, 'o', HELLO, { 'content-range': '4-4' })).status).toBe(201);
  expect(registry.repository('team/web').blobs.get(HELLO)).toEqual(hello);
});

test('ECR does not restart a broken upload', async () => {
  await begin();
  const upload = await guest.begin('team/web');
  // The first request of the client has no password and is rejected.
  registry.fail('PUT upload', 'reset in the upload', { nth: 2 });
  await expect(guest.end(upload, hello, HELLO)).rejects.toThrow('socket hang up');

  expect(error(await guest.end(upload, hello, HELLO))).toEqual([416, 'BLOB_UPLOAD_INVALID', 'First byte of the layer part is 0 instead of 5']);
});

test('ECR cannot store an empty blob', async () => {
  await begin();

  const [status, code, message] = error(await guest.end(await guest.begin('team/web'), '', sha256(Buffer.alloc(0))));

  expect([status, code]).toEqual([400, 'BLOB_UPLOAD_INVALID']);
  expect(message).toContain('cannot be completed because it does not have any parts');
});

test('ECR mounts only blobs that an image of the other repository has', async () => {
  await begin();
  registry.repository('team/base').keep(hello, HELLO);
  registry.add('team/base', web, 'v1');

  expect([(await mount(HELLO)).status, (await mount()).status]).toEqual([202, 201]);
});

test('ECR mounts nothing between different keys', async () => {
  await begin();
  registry.add('team/base', web, 'v1');
  registry.repository('team/base').encryptionKey = 'another';

  expect((await mount()).status).toBe(202);
});

test('ECR mounts nothing if the setting is off', async () => {
  await begin({ blobMounting: 'disabled' });
  registry.add('team/base', web, 'v1');

  expect((await mount()).status).toBe(202);
});

test('ECR rejects an immutable tag even for the same image', async () => {
  await begin({ tags: tag => tag === 'floating' ? 'mutable' : 'immutable' });
  registry.add('team/web', web, 'v1');
  registry.add('team/web', web, 'floating');

  expect(error(await guest.push('team/web', 'v1', web))).toEqual(
    [400, 'TAG_INVALID', "The image tag 'v1' already exists in the 'team/web' repository and cannot be overwritten because the tag is immutable."],
  );
  expect((await guest.push('team/web', 'floating', web)).status).toBe(201);
});

test('ECR hides an archived image until it is pushed again', async () => {
  await begin({ tags: () => 'immutable' });
  registry.add('team/web', web, 'v1');
  registry.repository('team/web').archived.add(web.digest);

  expect((await guest.pull('team/web', 'v1', web)).status).toBe(404);
  expect((await guest.push('team/web', 'v1', web)).status).toBe(201);
  expect((await guest.pull('team/web', 'v1', web)).status).toBe(200);
});

test('ECR accepts ten manifests per second', async () => {
  await begin();
  registry.add('team/web', web, 'v1');
  const push = async () => (await guest.push('team/web', web.digest, web)).status;

  const burst: number[] = [];
  for (let each = 0; each < 11; each++) burst.push(await push());
  clock.advance(100);

  expect(burst).toEqual([...Array(10).fill(201), 429]);
  expect([await push(), await push()]).toEqual([201, 429]);
});

test('ECR accepts a password for twelve hours, and answers 403 afterwards', async () => {
  await begin();
  const { username, password } = registry.credentials ?? { username: '', password: '' };
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const ping = async (headers = {}) => ask('GET', `${registry.origin}/v2/`, { headers });

  expect(await ping()).toMatchObject({ status: 401, headers: { 'www-authenticate': expect.stringMatching(/^Basic realm=/) } });
  expect((await ping({ authorization })).status).toBe(200);
  clock.advance(12 * 60 * 60 * 1000);
  expect(error(await ping({ authorization }))).toEqual([403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.']);
});

test('ECR does not create repositories, and closes the connection of uploads to missing ones', async () => {
  await begin();

  expect(error(await guest.pull('team/never', 'v1', web))).toEqual([404, 'NAME_UNKNOWN', expect.stringContaining("'team/never' does not exist")]);
  await expect(guest.begin('team/never')).rejects.toThrow('socket hang up');
});

test('ECR rejects artifacts with a subject, if configured so', async () => {
  await begin({ artifacts: 'refused' });
  await guest.pushBlobs('team/web', sbom);
  await guest.pushBlobs('team/web', web);

  expect(error(await guest.push('team/web', sbom.digest, sbom)).slice(0, 2)).toEqual([405, 'UNSUPPORTED']);
  expect((await guest.push('team/web', 'v1', web)).status).toBe(201);
});

test('ECR lists all missing layers', async () => {
  await begin();

  const [status, code, message] = error(await guest.push('team/web', 'v1', web));

  expect([status, code]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
  expect(web.blobs.every(blob => message.includes(sha256(blob)))).toBe(true);
});

test('ECR accepts a manifest of four mebibytes and none that is larger', async () => {
  await begin();
  const [largest, larger] = [padded(4 * 1024 * 1024), padded(4 * 1024 * 1024 + 1)];
  await guest.pushBlobs('team/web', largest);

  expect((await guest.push('team/web', 'v1', largest)).status).toBe(201);
  expect(error(await guest.push('team/web', 'v2', larger)).slice(0, 2)).toEqual([405, 'UNSUPPORTED']);
});

test('ECR stores layers in a storage service that rejects a second authorization', async () => {
  await begin();
  registry.add('team/web', web, 'v1');
  const { headers: { location = '' } } = await ask('GET', `${registry.origin}/v2/team/web/blobs/${LAYER}`, {
    headers: { authorization: `Basic ${Buffer.from(`AWS:${ecrAccess(clock).issue()?.password}`).toString('base64')}` },
  });

  expect((await ask('GET', location)).body).toEqual(web.blobs[1]);
  expect(await ask('GET', location, { headers: { authorization: 'Basic eDp5' } })).toMatchObject({ status: 400 });
});
