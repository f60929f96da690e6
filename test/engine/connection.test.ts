import { RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { Authenticator } from '../../src/engine/auth';
import { HostPace } from '../../src/engine/clock';
import { Exchange, RepositoryConnection } from '../../src/engine/connection';
import { CredentialsProvider } from '../../src/engine/contract';
import { CopyError, Failure } from '../../src/engine/errors';
import { HttpTransport, discard } from '../../src/engine/http';
import { HostileServer } from '../helpers/hostile';
import { TestClock } from '../helpers/registry-clock';

// Single requests of one repository: authorization, and what is said about a failure.
const [first, second] = ['first-secret', 'second-secret'].map(password => ({ username: 'me', password }));
const basic = ({ password }: typeof first) => `Basic ${Buffer.from(`me:${password}`).toString('base64')}`;
const HOST = 'registry.example';
let clock: TestClock;
let registry: HostileServer;
let elsewhere: HostileServer;
let transport: HttpTransport;
let connection: RepositoryConnection;
const renewable: CredentialsProvider = { credentialsFor: async (_, rejected) => rejected === undefined ? first : second };
const fixed: CredentialsProvider = { credentialsFor: async (_, rejected) => rejected === undefined ? first : undefined };

const endings: (() => Promise<void> | void)[] = [];
beforeEach(() => { clock = new TestClock(); });
afterEach(async () => { await Promise.all(endings.splice(0).map(async end => end())); });

interface Options {
  readonly provider?: CredentialsProvider;
  readonly other?: RequestListener;
  readonly signal?: AbortSignal;
}

/** Connects to a registry that answers like this; a second server can be the target of a redirect. */
async function open(answer: RequestListener, { provider, other, signal }: Options = {}): Promise<void> {
  [registry, elsewhere] = [await HostileServer.start(answer), await HostileServer.start(other)];
  transport = new HttpTransport({ clock, signal, trusted: [registry.origin, elsewhere.origin] });
  const opened = { transport, servers: [registry, elsewhere] };
  endings.push(() => opened.transport.close(), ...opened.servers.map(each => async () => each.stop()));
  const origin = new URL(registry.origin);
  connection = new RepositoryConnection({
    side: 'source', repository: { host: HOST, repository: 'team/web' }, origin, transport, clock, signal, pace: new HostPace(clock),
    authenticator: new Authenticator({ host: HOST, origin, scopes: ['repository:team/web:pull'], provider, transport, clock }),
  });
}

const exchange = async (more: Partial<Exchange> = {}) =>
  connection.exchange({ operation: 'read it', version: 'abc', method: 'GET', target: 'manifests/abc', expected: [200], ...more });
const failure = async (more: Partial<Exchange> = {}) => exchange(more).then(() => { throw new Error('it should have failed'); }, (error: unknown) => error as CopyError);
const seen = () => registry.caught.map(({ method, headers }) => [method, headers.authorization]);
const refuse = (response: ServerResponse, status: number, error?: object, headers = {}) =>
  response.writeHead(status, headers).end(error === undefined ? '' : JSON.stringify({ errors: [error] }));
const challenge = { 'www-authenticate': 'Basic realm="r"' };
const WHERE = `could not read it from the source ${HOST}/team/web:abc: `;

describe('a rejected login', () => {
  const picky: RequestListener = ({ headers: { authorization } }, response) => authorization === basic(second) ? response.end('ok') : refuse(response, 401, undefined, challenge);

  test('is repeated once with the next password', async () => {
    await open(picky, { provider: renewable });
    expect((await exchange()).status).toBe(200);
    expect(seen()).toEqual([['GET', basic(first)], ['GET', basic(second)]]);
  });

  test('fails with the second answer if that is another rejection', async () => {
    await open(({ headers: { authorization } }, response) => authorization === basic(second)
      ? refuse(response, 403, { code: 'DENIED', message: `not for ${second.password}` }) : refuse(response, 401, undefined, challenge), { provider: renewable });
    expect(await failure()).toMatchObject({ message: `${WHERE}the registry answered 403 DENIED (not for ***)`, status: 403, code: 'DENIED', retry: undefined });
    expect(seen()).toHaveLength(2);
  });

  test('fails if there is no other password, and the answer is read', async () => {
    await open((_, response) => refuse(response, 401, { code: 'UNAUTHORIZED', message: 'who?' }, challenge), { provider: fixed });
    expect((await failure()).message).toBe(`${WHERE}the registry answered 401 UNAUTHORIZED (who?)`);
    expect(seen()).toHaveLength(1);
  });

  test('of an upload cannot be repeated here, because a part of its body is sent', async () => {
    await open(picky, { provider: renewable });
    const body = { source: Readable.from([Buffer.from('x')]), size: 1, check: { next: (chunk: Buffer) => chunk, end: () => undefined } };
    expect(await failure({ method: 'PUT', target: 'blobs/uploads/1', body }))
      .toMatchObject({ message: `${WHERE}the token ran out`, status: 401, retry: 'unauthorized' });
    expect(seen()).toEqual([['PUT', basic(first)]]);
  });

  test('of a manifest is repeated with its body', async () => {
    await open(picky, { provider: renewable });
    await exchange({ method: 'PUT', body: Buffer.from('manifest') });
    transport.close();
    await registry.abandoned();
    expect(registry.caught.map(({ body }) => body)).toEqual(['manifest', 'manifest']);
  });

  test('that ECR reports as 403 without a challenge is repeated', async () => {
    await open(({ headers: { authorization } }, response) => authorization === basic(second)
      ? response.end('ok') : refuse(response, 403, { code: 'DENIED', message: 'Your Authorization Token has expired. Reauthenticate and try again.' }), { provider: renewable });
    expect((await exchange()).status).toBe(200);
  });

  test.each([[403, 'not allowed'], [404, 'your authorization token has expired']])('is not assumed for %i (%s)', async (status, message) => {
    await open((_, response) => refuse(response, status, { code: 'X', message }), { provider: renewable });
    expect((await failure()).message).toBe(`${WHERE}the registry answered ${status} X (${message})`);
    expect(seen()).toHaveLength(1);
  });
});

describe('another server', () => {
  const away: RequestListener = (_, response) => response.writeHead(307, { location: `${elsewhere.origin}/x` }).end();
  const authorizations = () => elsewhere.caught.map(({ method, url, headers }) => [method, url.split('?')[0], headers.authorization]);
  const withToken = (tokens: readonly string[]): RequestListener => ({ url = '', headers: { authorization } }, response) => {
    const number = elsewhere.caught.filter(each => each.url.startsWith('/token')).length;
    if (url.startsWith('/token')) response.end(JSON.stringify({ token: tokens[number - 1] ?? tokens.at(-1) }));
    else if (authorization === 'Bearer good') response.end('ok');
    else refuse(response, 401, undefined, { 'www-authenticate': `Bearer realm="${elsewhere.origin}/token",scope="repository:mirror:pull"` });
  };

  test('never gets the password, and no renewed one, if a redirect leads there', async () => {
    await open(away, { provider: renewable, other: (_, response) => refuse(response, 401, { code: 'UNAUTHORIZED' }, challenge) });
    expect((await failure()).message).toBe(`${WHERE}the registry answered 401 UNAUTHORIZED`);
    expect([seen(), authorizations()]).toEqual([[['GET', basic(first)]], [['GET', '/x', undefined]]]);
  });

  test('does not get the password if an upload goes there', async () => {
    await open((_, response) => response.end(), { provider: renewable, other: (_, response) => { response.writeHead(201).end(); } });
    await exchange({ method: 'PUT', target: new URL('/x', elsewhere.origin), body: Buffer.from('x'), expected: [201] });
    expect(authorizations()).toEqual([['PUT', '/x', undefined]]);
    expect(elsewhere.caught[0].headers['user-agent']).toBe('cdk-container-delivery');
  });

  test('gets an anonymous token, and a second one if the first is rejected', async () => {
    await open(away, { provider: fixed, other: withToken(['old', 'good']) });
    const answer = await exchange({ headers: { accept: 'a/b' } });
    expect(answer.status).toBe(200);
    expect(authorizations()).toEqual([
      ['GET', '/x', undefined], ['GET', '/token', undefined], ['GET', '/x', 'Bearer old'], ['GET', '/token', undefined], ['GET', '/x', 'Bearer good'],
    ]);
    expect(elsewhere.caught.at(-1)?.headers).toMatchObject({ 'accept': 'a/b', 'user-agent': 'cdk-container-delivery' });
  });

  test('gets no third token, and not the same one twice', async () => {
    await open(away, { other: withToken(['a', 'b', 'good']) });
    expect((await failure()).message).toBe(`${WHERE}the registry answered 401`);
    expect(authorizations().map(([, , authorization]) => authorization).filter(Boolean)).toEqual(['Bearer a', 'Bearer b']);

    await open(away, { other: withToken(['same']) });
    expect((await failure()).message).toBe(`${WHERE}the registry answered 401`);
    expect(authorizations().map(([, , authorization]) => authorization).filter(Boolean)).toEqual(['Bearer same']);
  });

  test('gets an anonymous token for HEAD too', async () => {
    await open(away, { other: withToken(['good']) });
    expect((await exchange({ method: 'HEAD' })).status).toBe(200);
    expect(authorizations().map(([method]) => method)).toEqual(['HEAD', 'GET', 'HEAD']);
  });

  test.each([[403, 1], [401, 3]])('gets a token only if it requires one: after %i', async (status, requests) => {
    await open(away, {
      other: ({ url, headers: { authorization } }, response) => {
        if (url?.startsWith('/token')) response.end('{"token":"a"}');
        else refuse(response, status, undefined, authorization === undefined ? { 'www-authenticate': `Bearer realm="${elsewhere.origin}/token"` } : {});
      },
    });
    expect((await failure()).message).toBe(`${WHERE}the registry answered ${status}`);
    expect(elsewhere.caught).toHaveLength(requests);
  });

  test('gets no token for a write', async () => {
    await open((_, response) => response.end(), { other: withToken(['good']) });
    expect((await failure({ method: 'PUT', target: new URL('/x', elsewhere.origin), body: Buffer.from('x') })).message).toBe(`${WHERE}the registry answered 401`);
    expect(authorizations()).toEqual([['PUT', '/x', undefined]]);
  });

  test('gets no token if its endpoint is wrong, and the failure is its answer; a token endpoint that is busy fails the request', async () => {
    await open(away, { other: (_, response) => refuse(response, 401, { code: 'UNAUTHORIZED' }, { 'www-authenticate': 'Bearer realm="http://insecure.example/"' }) });
    expect(await failure()).toMatchObject({ message: `${WHERE}the registry answered 401 UNAUTHORIZED`, retry: undefined });

    await open(away, {
      other: ({ url }, response) => url?.startsWith('/token') ? refuse(response, 503)
        : refuse(response, 401, undefined, { 'www-authenticate': `Bearer realm="${elsewhere.origin}/token"` }),
    });
    expect(await failure()).toMatchObject({ message: `${WHERE}its token endpoint answered 503`, retry: 'transient' });
  });
});

describe('a failure says', () => {
  test.each<[string, Partial<Exchange>, string | undefined]>([
    ['an upload', { method: 'PUT', target: 'blobs/uploads/1', body: Buffer.from('x') }, 'transient'], ['a manifest', { method: 'PUT', body: Buffer.from('x') }, undefined],
  ])('whether %s that the registry does not know can be repeated', async (_, more, retry) => {
    for (const code of ['BLOB_UPLOAD_UNKNOWN', 'BLOB_UPLOAD_INVALID']) {
      await open((__, response) => refuse(response, 404, { code }));
      expect(await failure(more)).toMatchObject({ retry, code });
    }
  });

  test.each([[404, 'OTHER'], [404, undefined], [400, 'BLOB_UPLOAD_UNKNOWN']])('that an upload cannot be repeated after %i %s', async (status, code) => {
    await open((_, response) => refuse(response, status, { code }));
    expect(await failure({ method: 'PUT', target: 'blobs/uploads/1', body: Buffer.from('x') })).toMatchObject({ retry: undefined, status });
  });

  test('how long to wait, and the next request waits that long', async () => {
    await open((_, response) => refuse(response, 429, undefined, { 'retry-after': '7' }));
    expect(await failure()).toMatchObject({ retry: 'busy', retryAfter: 7_000 });
    await failure();
    expect(clock.sleeps).toEqual([7_000]);
  });

  test('how long to wait, also after failures that do not say it', async () => {
    const answers: RequestListener[] = [
      ({ socket }) => socket.destroy(), (_, response) => refuse(response, 500), (_, response) => refuse(response, 429, undefined, { 'retry-after': '7' }),
    ];
    await open((request, response) => (answers.shift() ?? ((_, last) => last.end()))(request, response));
    for (let failures = 0; failures < 3; failures++) await failure();
    await exchange();
    expect(clock.sleeps).toEqual([7_000]);
  });

  test('how long a token endpoint asks to wait', async () => {
    await open(({ url }, response) => url?.startsWith('/token') ? refuse(response, 429, undefined, { 'retry-after': '7' })
      : refuse(response, 401, undefined, { 'www-authenticate': `Bearer realm="${registry.origin}/token"` }));
    expect(await failure()).toMatchObject({ message: `${WHERE}its token endpoint answered 429`, status: 429, retry: 'busy', retryAfter: 7_000 });
    await failure();
    expect(clock.sleeps).toEqual([7_000]);
  });

  test('the answer to GET if a HEAD request is rejected, unless that is another one', async () => {
    await open(({ method }, response) => method === 'HEAD' ? refuse(response, 403) : refuse(response, 403, { code: 'DENIED', message: 'no' }), { provider: fixed });
    expect((await failure({ method: 'HEAD' })).message).toBe(`${WHERE}the registry answered 403 DENIED (no)`);
    expect(seen()).toEqual([['HEAD', basic(first)], ['GET', basic(first)]]);

    await open(({ method }, response) => method === 'HEAD' ? refuse(response, 403) : refuse(response, 404, { code: 'X' }));
    expect((await failure({ method: 'HEAD' })).message).toBe(`${WHERE}the registry answered 403`);

    await open(({ method, socket }, response) => method === 'HEAD' ? refuse(response, 403) : socket.destroy());
    expect(await failure({ method: 'HEAD' })).toMatchObject({ message: `${WHERE}the registry answered 403`, retry: undefined });
  });

  test('that the connection failed if the body of a rejection breaks off', async () => {
    await open((_, response) => { response.writeHead(403, { 'content-length': 10 }).write('x', () => response.destroy()); });
    expect(await failure()).toMatchObject({ message: expect.stringMatching(/: the connection failed \(\w+\)$/), retry: 'transient' });
  });

  test('that the copy was cancelled during the body of a rejection', async () => {
    const controller = new AbortController();
    await open((_, response) => { response.writeHead(403, { 'content-length': 10 }).write('x', () => setTimeout(() => controller.abort(new Failure('it is over')), 20)); }, { signal: controller.signal });
    expect((await failure()).message).toBe(`${WHERE}it is over`);
  });

  test('only the status if the body of a rejection is too large', async () => {
    await open((_, response) => refuse(response, 403, { code: 'DENIED', message: 'x'.repeat(64 * 1024) }));
    expect((await failure()).message).toBe(`${WHERE}the registry answered 403`);
  });

  test('nothing about the source if the feed of an upload failed', async () => {
    await open((_, response) => response.end());
    const feed = new Failure('the other side', { retry: 'transient', party: 'feed' });
    await expect(connection.saying({ operation: 'upload' }, () => { throw feed; })).rejects.toBe(feed);
    const known = connection.error({ operation: 'read' }, { reason: 'known' });
    await expect(connection.saying({ operation: 'upload' }, () => { throw known; })).rejects.toBe(known);
    await expect(connection.saying({ operation: 'upload' }, () => { throw new Failure('here', { retry: 'corrupt', status: 400 }); }))
      .rejects.toMatchObject({ message: `could not upload from the source ${HOST}/team/web: here`, retry: 'corrupt', status: 400 });
  });

  test('a text of the registry on one line and without secrets of at least eight characters', async () => {
    await open((_, response) => response.end(), { provider: fixed });
    discard(await exchange());
    expect(connection.clean(`a\n${first.password} b`)).toBe('a *** b');
  });
});

test('both sides have the same login if host and credentials are the same', async () => {
  await open((_, response) => response.end(), { provider: fixed });
  const other = (host: string, provider?: CredentialsProvider) => new RepositoryConnection({
    side: 'destination', repository: { host, repository: 'x' }, origin: new URL(registry.origin), transport, clock, pace: new HostPace(clock),
    authenticator: new Authenticator({ host, origin: new URL(registry.origin), scopes: [], provider, transport, clock }),
  });
  expect([other(HOST, fixed), other(HOST, renewable), other('other.example', fixed)].map(each => connection.sharesLogin(each))).toEqual([true, false, false]);
});

test('the writes of manifests are limited to the rate of ECR, and other requests are not', async () => {
  await open((_, response) => response.end());
  const send = async (more: Partial<Exchange>) => { for (let requests = 0; requests < 20; requests++) discard(await exchange(more)); };

  await send({});
  await send({ method: 'PUT', target: 'blobs/uploads/1', body: Buffer.from('x') });
  expect(clock.sleeps).toEqual([]);
  await send({ method: 'PUT', body: Buffer.from('x') });
  expect(clock.sleeps.length).toBeGreaterThan(0);
});
