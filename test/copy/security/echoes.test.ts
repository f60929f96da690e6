import { copyImage, copyPlatforms } from '../../../src/engine/copy';
import { HostileServer, serving } from '../../helpers/hostile';
import { NAME, Scene } from '../../helpers/hostile-scene';
import { attached, listOf, tagOfList } from '../../helpers/registry-artifacts';
import { TestClock } from '../../helpers/registry-clock';
import { failureOf, live, passwordFor } from '../../helpers/registry-copy';
import { RequestKind } from '../../helpers/registry-faults';
import { image, index, manifest, sha256 } from '../../helpers/registry-images';

// Lower-case letters, digits and hyphens, so it can be part of a host name.
const PASSWORD = 'password-canary-1';
const BASIC = Buffer.from(`me:${PASSWORD}`).toString('base64');
const TOKEN = 'token-canary-2';
const SIGNATURE = 'signature-canary-3';
const SECRETS = [PASSWORD, BASIC, BASIC.replace(/=+$/, ''), TOKEN, SIGNATURE];

let scene: Scene;
let hostile: HostileServer | undefined;
afterEach(async () => {
  await Promise.all([scene.close(), hostile?.stop()]);
  hostile = undefined;
});

/** All texts of a failed copy that anybody can read. */
async function said({ password = PASSWORD, origins }: { password?: string; origins?: Record<string, string> } = {}): Promise<string> {
  const failure = await scene.failure({ credentials: passwordFor(NAME, `me:${password}`), origins });
  return `${failure.message}\n${failure.stack}\n${JSON.stringify(failure)}`;
}

function expectNoSecret(text: string, ...more: readonly string[]): void {
  expect([...SECRETS, ...more].filter(secret => text.includes(secret))).toEqual([]);
}

describe('a secret that a registry repeats in its error', () => {
  test.each([
    ['the password', PASSWORD],
    ['user and password', `me:${PASSWORD}`],
    ['the header', `Authorization: Basic ${BASIC}`],
    ['the header without the padding at its end', `Basic ${BASIC.replace(/=+$/, '')}`],
    ['twice', `${PASSWORD} ${BASIC} ${PASSWORD}${PASSWORD}`],
    ['between letters', `xx${PASSWORD}xx`],
    ['with control characters around it', `\u001b[31m${PASSWORD}\u0000`],
    ['at the end of what is shown of a long text', `${'x'.repeat(290)}${PASSWORD}`],
    ['behind an address', `https://evil.example/ ${PASSWORD}`],
  ])('is not in the message (%s)', async (_, message) => {
    scene = await Scene.open();
    scene.registry.fail('GET manifest', { status: 403, code: 'DENIED', message }, { times: 99 });

    const text = await said();

    expect(text).toContain('the registry answered 403 DENIED (');
    expectNoSecret(text, PASSWORD.slice(0, 10));
  });

  test.each<[RequestKind, 'source' | 'destination']>([
    ['GET manifest', 'source'], ['GET blob', 'source'],
    ['HEAD manifest', 'destination'], ['HEAD blob', 'destination'], ['POST upload', 'destination'], ['PUT upload', 'destination'],
    ['PUT manifest', 'destination'],
  ])('is not in the message (%s at the %s)', async (kind, side) => {
    scene = await Scene.open({}, side);
    // After a rejected HEAD request, the engine sends a GET request.
    [kind, kind.replace('HEAD', 'GET') as RequestKind].forEach(each => {
      scene.registry.fail(each, { status: 403, message: `${PASSWORD} ${BASIC}` }, { times: 99 });
    });

    expectNoSecret(await said());
  });

  test('is not in the message if it is a token', async () => {
    scene = await Scene.open();
    hostile = await HostileServer.start(({ url = '', headers }, response) => {
      if (url.startsWith('/token')) response.end(JSON.stringify({ token: TOKEN }));
      else if (headers.authorization?.startsWith('Bearer')) response.writeHead(403).end(JSON.stringify({ errors: [{ code: 'DENIED', message: headers.authorization }] }));
      else response.writeHead(401, { 'www-authenticate': `Bearer realm="${hostile?.origin}/token"` }).end();
    });

    const text = await said({ origins: { [NAME]: hostile.origin } });

    expect(text).toContain('(Bearer ***)');
    expectNoSecret(text);
  });

  test.each([
    ['in capital letters', (text: string) => text.toUpperCase()],
    ['as a part of an address', encodeURIComponent],
  ])('is not in the message in another form (%s)', async (_, write) => {
    scene = await Scene.open();
    const password = 'canary+/$*(x';
    scene.registry.fail('GET manifest', { status: 403, code: 'DENIED', message: `no ${write(password)}!` }, { times: 99 });

    expect(await said({ password })).toContain('the registry answered 403 DENIED (no ***!)');
  });

  test('is not in the message if the error code repeats it', async () => {
    scene = await Scene.open();
    scene.registry.fail('GET manifest', { status: 403, code: 'PASSWORD_CANARY' }, { times: 99 });

    expectNoSecret(await said({ password: 'PASSWORD_CANARY' }), 'PASSWORD_CANARY');
  });

  test.each([
    ['plain', `https://s3.example/x?X-Amz-Signature=${SIGNATURE}`],
    ['in capital letters', `HTTPS://S3.EXAMPLE/x?X-Amz-Signature=${SIGNATURE}`],
    ['without a scheme', `s3.example/x?X-Amz-Signature=${SIGNATURE}`],
    ['in quotes', `"https://s3.example/x?X-Amz-Signature=${SIGNATURE}"`],
    ['of another scheme', `s3://bucket/x?X-Amz-Signature=${SIGNATURE}`],
  ])('is not in the message if it is a pre-signed URL (%s)', async (_, message) => {
    scene = await Scene.open();
    scene.registry.fail('GET manifest', { status: 403, code: 'DENIED', message: `see ${message} for more` }, { times: 99 });

    expectNoSecret(await said());
  });
});

describe('a secret that a registry repeats elsewhere', () => {
  test('is not in the message as the type of a manifest', async () => {
    scene = await Scene.open();
    scene.offer(manifest(`text/${PASSWORD}`, {}));

    expectNoSecret(await said());
  });

  test.each([
    ['the type of a manifest', (text: string) => manifest(`text/${'x'.repeat(25)}${text}`, {})],
    ['the type of an entry', (text: string) => index([{ ...image('other'), mediaType: `application/vnd.oci.image.layer.${text}` }])],
  ])('is not in the message in part, as %s that is too long to be shown', async (_, build) => {
    scene = await Scene.open();
    scene.offer(build(`${'x'.repeat(55)}${PASSWORD}`));

    expectNoSecret(await said(), PASSWORD.slice(0, 10));
  });

  test('is not in the message in part, as a host that is too long to be shown', async () => {
    scene = await Scene.open({ bearerRealm: () => `https://${'x'.repeat(60)}.${'y'.repeat(25)}.${PASSWORD}.evil.example/token` });

    expectNoSecret(await said(), PASSWORD.slice(0, 10));
  });

  test.each([
    ['as it is', (text: string) => text],
    ['in part, in a text that is too long to be shown', (text: string) => `${'x'.repeat(90)}${text}`],
  ])('is not in the report as the type of a referrer (%s)', async (_, write) => {
    scene = await Scene.open();
    const referrers = [PASSWORD, BASIC].map(secret => attached(write(secret), scene.image));
    scene.registry.repository('assets').add(listOf(...referrers), tagOfList(scene.image));
    scene.registry.fail('GET manifest', { status: 404 }, { nth: 3, times: 99 });

    const { referrers: report = '' } = await scene.copy({ credentials: passwordFor(NAME, `me:${PASSWORD}`), referrers: true });

    expect(report).toContain('0 copied, 2 not copied: ');
    expectNoSecret(report, PASSWORD.slice(0, 10), BASIC.slice(0, 10));
  });

  test('is not in the report as an omitted platform', async () => {
    scene = await Scene.open();
    const entries = [['amd64', undefined], [PASSWORD, BASIC], [BASIC, PASSWORD]].map(([architecture, version]) => ({
      mediaType: scene.image.mediaType, digest: sha256(Buffer.from(`${architecture}`)), size: 1, platform: { 'os': 'linux', architecture, 'os.version': version },
    }));
    const [own] = entries;
    Object.assign(own, { digest: scene.image.digest, size: scene.image.bytes.length });
    scene.offer(manifest('application/vnd.oci.image.index.v1+json', { manifests: entries }, [], [scene.image]));
    const origins = { [NAME]: scene.registry.origin, [scene.peer.host]: scene.peer.origin };

    const { leftOut = '' } = await copyImage({ host: NAME, repository: 'assets', version: 'abc' }, { host: scene.peer.host, repository: 'team/web' }, {
      tags: live, platforms: ['linux/amd64'],
    }, { clock: new TestClock(), origins, credentials: passwordFor(NAME, `me:${PASSWORD}`) });

    expect(leftOut).toContain('linux/***/***');
    expectNoSecret(leftOut.toUpperCase(), ...SECRETS.map(secret => secret.toUpperCase()));
  });

  test('is not in the message if it is the secret of the other side, and both are one registry', async () => {
    const server = await HostileServer.start(({ url = '', headers }, response) => {
      const isWriter = url.includes('push') || headers.authorization?.includes('writer');
      if (url.startsWith('/token')) response.end(JSON.stringify({ token: isWriter ? 'token-of-writer' : TOKEN }));
      else if (headers.authorization?.startsWith('Bearer') && isWriter) response.writeHead(403).end(JSON.stringify({ errors: [{ message: TOKEN }] }));
      else if (headers.authorization?.startsWith('Bearer')) serving(scene.image)({ method: 'GET', url } as never, response);
      else response.writeHead(401, { 'www-authenticate': `Bearer realm="${hostile?.origin}/token"` }).end();
    });
    hostile = server;
    scene = await Scene.open();

    const { message } = await failureOf(copyImage({ host: NAME, repository: 'assets', version: 'abc' }, { host: NAME, repository: 'team/web' }, { tags: live }, {
      clock: new TestClock(), origins: { [NAME]: server.origin }, credentials: passwordFor(NAME, `me:${PASSWORD}`),
    }));

    expect(message).toContain('the registry answered 403 (***)');
  });

  test('is not in the message as the Content-Type of an answer', async () => {
    scene = await Scene.open();
    hostile = await HostileServer.start((_, response) => response.writeHead(200, { 'content-type': `text/${BASIC}` }).end('{"schemaVersion":2}'));

    expectNoSecret(await said({ origins: { [NAME]: hostile.origin } }));
  });

  test('is not in the message as the host of a token endpoint', async () => {
    scene = await Scene.open({ bearerRealm: () => `https://${PASSWORD}.evil.example/token` });

    expectNoSecret(await said());
  });

  test('is not in the message as the host of a redirect', async () => {
    scene = await Scene.open();
    Object.assign(scene.resolver, { names: { [`${PASSWORD}.evil.example`]: [['10.0.0.1']] } });
    scene.registry.fail('GET manifest', { status: 307, headers: { location: `https://${PASSWORD}.evil.example/` } }, { times: 99 });

    expectNoSecret(await said());
  });

  test('is not in the message as the length of a blob or a digest', async () => {
    scene = await Scene.open();
    hostile = await HostileServer.start(serving(scene.image, { 'docker-content-digest': PASSWORD, 'retry-after': PASSWORD, 'oci-subject': PASSWORD }));

    await expect(scene.copy({ origins: { [NAME]: hostile.origin } })).resolves.toMatchObject({ streamed: 2 });
  });
});

describe('text from a registry is shown on one line without control characters', () => {
  const LINE = /^could not [\x20-\x7e]+$/;
  const TEXTS: readonly (readonly [string, string])[] = [
    ['line breaks', 'one\r\ntwo\nCreate WebImage ended with SUCCESS'],
    ['colours of a terminal', '\u001b[2J\u001b[31mred\u001b]0;title\u0007'],
    ['a zero byte', 'a\u0000b'],
    ['control characters of the second kind', 'a\u009b31mb\u0085c'],
    ['a change of the direction of writing', 'a\u202egnirts\u2066b'],
    ['line breaks of another alphabet', 'a\u2028b\u2029c'],
    ['half a pair of surrogates', 'a\ud83d'],
    ['letters without a width', 'a\u200b\ufeffb'],
  ];

  test.each(TEXTS)('in its error: %s', async (_, message) => {
    scene = await Scene.open();
    scene.registry.fail('GET manifest', { status: 403, code: 'DENIED', message }, { times: 99 });

    expect((await scene.failure()).message).toMatch(LINE);
  });

  test.each(TEXTS)('in the code of its error: %s', async (_, code) => {
    scene = await Scene.open();
    scene.registry.fail('GET manifest', { status: 403, code }, { times: 99 });

    expect((await scene.failure()).message).toMatch(/: the registry answered 403 \(scripted fault\)$/);
  });

  test.each(TEXTS)('in the type of a manifest: %s', async (_, text) => {
    scene = await Scene.open();
    hostile = await HostileServer.start(serving(manifest(`text/${text}`, {}), { 'content-type': 'application/json' }));

    const { message } = await scene.failure({ origins: { [NAME]: hostile.origin } });

    expect(message).toContain('cannot be copied');
    expect(message).toMatch(LINE);
  });

  test.each(TEXTS)('in the name of a platform: %s', async (_, text) => {
    scene = await Scene.open();
    const config = Buffer.from(JSON.stringify({ os: 'linux', architecture: text }));
    const described = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(config), size: config.length };
    const images = ['one', 'two'].map(name => manifest('application/vnd.oci.image.manifest.v1+json', { config: described, layers: [], name }, [config]));
    const sources = images.map((each, at) => scene.registry.add('assets', each, `v${at}`));
    const origins = Object.fromEntries([scene.registry, scene.peer].map(({ host, origin }) => [host, origin]));

    const { message } = await failureOf(copyPlatforms(
      sources, { host: scene.peer.host, repository: 'team/web' }, { tags: live }, { clock: new TestClock(), origins },
    ));

    expect(message).toContain('another image is for linux/');
    expect(message).toMatch(LINE);
  });

  test('and is shortened to a readable length', async () => {
    scene = await Scene.open();
    scene.registry.fail('GET manifest', { status: 403, code: 'X'.repeat(65), message: 'x'.repeat(60_000) }, { times: 99 });

    expect((await scene.failure()).message.length).toBeLessThan(500);
  });
});

test.each(['text/x\r\nX-Evil: 1', 'text/x\nAuthorization: Basic x', 'text/x\u0000'])('an invalid content type (%j) is never sent', async type => {
  scene = await Scene.open();
  const evil = manifest(type, {});
  const there = ['v1', evil.digest];
  // The destination claims to have the image, and that only one tag is missing.
  hostile = await HostileServer.start(({ method, url = '' }, response) => {
    const isThere = there.includes(url.slice(url.lastIndexOf('/') + 1));
    response.writeHead(isThere ? 200 : 404, { 'docker-content-digest': evil.digest }).end(isThere && method === 'GET' ? evil.bytes : undefined);
  });
  const tags = () => ['v1', 'v2'].map(name => ({ name, onOtherDigest: 'fail' }) as const);

  const failure = await failureOf(copyImage(
    { host: scene.peer.host, repository: 'assets', version: evil.digest }, { host: NAME, repository: 'team/web' }, { tags },
    { clock: new TestClock(), origins: { [NAME]: hostile.origin, [scene.peer.host]: scene.peer.origin } },
  ));

  expect(failure.message).toMatch(/^could not tag the image at the destination [\x20-\x7e]+$/);
  expect(hostile.caught.filter(({ method, headers }) => method === 'PUT' || headers['x-evil'] !== undefined)).toEqual([]);
});
