import { TestRegistry } from '../helpers/registry';
import { Answer, Call } from '../helpers/registry-answers';
import { TestClock } from '../helpers/registry-clock';
import { Registries, failureOf, live, passwordFor } from '../helpers/registry-copy';
import { RequestKind } from '../helpers/registry-faults';
import { TestImage, image, layer, sha256 } from '../helpers/registry-images';
import { expectWhole } from '../helpers/registry-laws';

// Differences of proxies, caches and less common registries that other clients accept.
const registries = new Registries();
afterEach(async () => registries.stop());

const web = image('web', [layer('base', 100_000), layer('app')]);
let clock: TestClock;
let source: TestRegistry;
let destination: TestRegistry;

beforeEach(async () => {
  clock = new TestClock();
  [source, destination] = [await registries.start(), await registries.start()];
});

const copy = async (to = destination, what: TestImage = web) => registries.copy(source.add('assets', what, 'abc'), to, { clock });
const expectCopied = (to = destination) => expectWhole(to.repository('team/web'), web, ...live(web.digest).map(({ name }) => name));

describe('an error of a gateway is retried', () => {
  // https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
  const STATUSES = [408, 425, 429, 499, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 529, 530, 561, 598, 599];

  test.each(STATUSES)('with status %i, for any request', async status => {
    const kinds: readonly RequestKind[] = ['GET manifest', 'GET blob'];
    kinds.forEach(kind => source.fail(kind, { status }));
    (['HEAD manifest', 'HEAD blob', 'POST upload', 'PUT upload', 'PUT manifest'] as const).forEach(kind => destination.fail(kind, { status }));

    await copy();

    expectCopied();
  });

  test('for a token request too', async () => {
    source = await registries.start({ bearerRealm: origin => `${origin}/token` });
    source.fail('GET token', { status: 522 });

    await copy();

    expectCopied();
    expect(source.count('GET token')).toBe(2);
  });

  test('and a rate limit of the token endpoint counts as one of the registry', async () => {
    source = await registries.start({ bearerRealm: origin => `${origin}/token` });
    source.fail('GET token', { status: 429 }, { times: 99 });

    await expect(copy()).rejects.toMatchObject({ side: 'source', status: 429, message: expect.stringContaining('its token endpoint answered 429') });
  });

  test.each([400, 402, 403, 409, 411, 413, 451, 501, 505, 507, 508, 511])('but status %i is final', async status => {
    source.fail('GET manifest', { status }, { times: 99 });

    await failureOf(copy());

    expect(source.count('GET manifest')).toBe(1);
  });
});

describe('a first byte that arrives late', () => {
  test.each([[45, 2], [100, 3], [200, 3], [280, 4]])('after %i s from a caching proxy is awaited in attempt %i', async (seconds, attempt) => {
    const [only] = [image('one blob', [])];
    source.onStall = () => clock.advance(seconds * 1000);
    source.fail('GET blob', 'late answer', { times: 99 });

    await expect(copy(destination, only)).resolves.toMatchObject({ streamed: 1 });

    expect(source.count('GET blob')).toBe(attempt);
    expect(clock.pending).toBe(0);
  });

  test('or never fails the copy after four attempts, before its time is over', async () => {
    const began = clock.now();
    source.onStall = () => clock.advance(301_000);
    source.fail('GET blob', 'stall', { times: 99 });

    await expect(copy(destination, image('one blob', []))).rejects.toThrow(/: nothing moved for 300 s \(tried 4 times\)$/);
    expect(clock.now() - began).toBeGreaterThan(4 * 300_000);
  });

  test('is not awaited longer than the copy may take', async () => {
    source.onStall = () => clock.advance(45_000);
    source.fail('GET blob', 'stall', { times: 99 });

    await expect(registries.copy(source.add('assets', image('one blob', []), 'abc'), destination, { clock, deadline: clock.now() + 60_000 }))
      .rejects.toThrow('the time allowed for the copy ran out');
  });
});

describe('a redirect to a registry that requires an anonymous token', () => {
  let guest: TestRegistry;
  const headers = (kind: string) => guest.requests.filter(each => each.kind === kind).map(({ headers: { authorization } }) => authorization?.split('-')[0]);

  beforeEach(async () => {
    guest = await registries.start({ bearerRealm: origin => `${origin}/token` });
    guest.add('mirror', web, 'abc');
  });

  const away = async (basic?: string) => {
    const moved = ({ url, kind }: Call, answer: Answer): Answer => ['GET', 'HEAD'].includes(kind.split(' ')[0]) && url.pathname.startsWith('/v2/assets/')
      ? { status: 307, headers: { location: guest.origin + url.pathname.replace('assets', 'mirror') } } : answer;
    source = await registries.start({ change: moved, ...basic === undefined ? {} : { basic } });
  };

  test('gets one for manifests and blobs, which is reused', async () => {
    await away();

    await registries.copy({ host: source.host, repository: 'assets', version: 'abc' }, destination, { clock });

    expectCopied();
    expect(guest.requests.filter(({ kind }) => kind === 'GET token').map(({ url }) => url)).toEqual([
      '/token?service=test&scope=repository%3Amirror%3Apull',
    ]);
    expect(headers('GET manifest')).toEqual([undefined, 'Bearer token']);
  });

  test('gets one for HEAD too', async () => {
    await away();
    const copied = await registries.copy({ host: source.host, repository: 'assets', version: 'abc' }, destination, { clock, referrers: true });

    expect(copied.referrers).toBe('0 copied');
    expect(headers('HEAD manifest')).toContain('Bearer token');
  });

  test('never gets the password of the first registry', async () => {
    await away('me:first-canary');

    await registries.copy({ host: source.host, repository: 'assets', version: 'abc' }, destination, { clock, credentials: passwordFor(source.host, 'me:first-canary') });

    expectCopied();
    expect(guest.requests.filter(each => each.headers.authorization?.startsWith('Basic'))).toEqual([]);
    expect(JSON.stringify(guest.requests.map(each => each.headers))).not.toContain('canary-first');
  });

  test('gets a new token if the old one has expired', async () => {
    await away();
    guest.fail('GET blob', { status: 401, headers: { 'www-authenticate': `Bearer realm="${guest.origin}/token",service="test",scope="repository:mirror:pull"` } }, { nth: 4 });

    await registries.copy({ host: source.host, repository: 'assets', version: 'abc' }, destination, { clock });

    expectCopied();
  });

  test('and rejects it fails the copy', async () => {
    await away();
    guest.fail('GET manifest', { status: 401, headers: { 'www-authenticate': `Bearer realm="${guest.origin}/token",service="test",scope="repository:mirror:pull"` } }, { times: 99 });

    const { message } = await failureOf(registries.copy({ host: source.host, repository: 'assets', version: 'abc' }, destination, { clock }));

    expect(message).toContain('the registry answered 401');
    expect(guest.count('GET manifest')).toBeLessThanOrEqual(4);
  });
});

describe('a registry without HEAD', () => {
  test.each([400, 403, 405, 406, 415, 501])('can be the destination, which answers %i', async status => {
    destination.fail('HEAD manifest', { status }, { times: 99 });
    destination.fail('HEAD blob', { status }, { times: 99 });
    destination.repository('team/web').keep(web.blobs[1], sha256(web.blobs[1]));

    await expect(copy()).resolves.toMatchObject({ existing: 1, streamed: 2 });
    expectCopied();
    await expect(copy()).resolves.toMatchObject({ streamed: 0 });
  });

  test('can be the destination and reject partial GET requests: then the blob is uploaded', async () => {
    destination.fail('HEAD blob', { status: 405 }, { times: 99 });
    destination.fail('GET blob', { status: 405 }, { times: 99 });

    await expect(copy()).resolves.toMatchObject({ streamed: 3 });
    expectCopied();
  });

  test('can be the source, whose referrers are found', async () => {
    source.fail('HEAD manifest', { status: 405 }, { times: 99 });
    source.repository('assets').add(image('cosign signature'), `${web.digest.replace(':', '-')}.sig`);

    await expect(registries.copy(source.add('assets', web, 'abc'), destination, { clock, referrers: true })).resolves.toMatchObject({ referrers: '1 copied' });
  });

  test('and that rejects GET too fails the copy with the reason', async () => {
    destination.fail('HEAD manifest', { status: 403 }, { times: 99 });
    destination.fail('GET manifest', { status: 403, code: 'DENIED', message: 'not for you' }, { times: 99 });

    await expect(copy()).rejects.toThrow(/^could not look up the manifest at the destination \S+: the registry answered 403 DENIED \(not for you\)$/);
  });
});

describe('a rejected mount becomes an upload', () => {
  test.each([400, 401, 403, 404, 405, 409, 415, 422, 501])('with %i', async status => {
    destination.fail('mount', { status }, { times: 99 });

    await expect(registries.copy(destination.add('assets', web, 'abc'), destination, { clock })).resolves.toMatchObject({ mounted: 0, streamed: 3 });

    expectCopied();
    // Blobs are copied four at a time, and one rejection counts for all that follow.
    expect(destination.count('mount')).toBeLessThanOrEqual(4);
  });

  test('with the error code of a wrong digest', async () => {
    destination.fail('mount', { status: 400, code: 'DIGEST_INVALID' }, { times: 99 });

    await expect(registries.copy(destination.add('assets', web, 'abc'), destination, { clock })).resolves.toMatchObject({ mounted: 0, streamed: 3 });
  });

  test('unless the registry fails completely', async () => {
    destination.fail('mount', { status: 503 }, { times: 99 });

    await expect(registries.copy(destination.add('assets', web, 'abc'), destination, { clock })).rejects.toThrow(/^could not mount the blob .* 503 .*\(tried 6 times\)$/);
    expect(destination.count('POST upload')).toBe(0);
  });

  test('if the mount is accepted without a Location', async () => {
    destination = await registries.start({ mount: false, change: ({ kind }, answer) => kind === 'mount' ? { status: 202 } : answer });

    await expect(registries.copy(destination.add('assets', web, 'abc'), destination, { clock })).resolves.toMatchObject({ mounted: 0, streamed: 3 });
    expectCopied();
  });
});

describe('small differences in answers are accepted', () => {
  const changing = async (change: (call: Call, answer: Answer) => Answer) => registries.start({ change });
  const without = (name: string) => (_: Call, { headers = {}, ...answer }: Answer): Answer => ({
    ...answer, headers: Object.fromEntries(Object.entries(headers).filter(([each]) => each !== name)),
  });

  test.each<[string, (call: Call, answer: Answer) => Answer]>([
    ['200 instead of 201', (_, answer) => answer.status === 201 ? { ...answer, status: 200 } : answer],
    ['204 instead of 201', ({ kind }, answer) => answer.status === 201 && kind.startsWith('PUT') ? { ...answer, status: 204 } : answer],
    ['201 for an upload that was begun', ({ kind }, answer) => kind === 'POST upload' ? { ...answer, status: 201 } : answer],
    ['200 for an upload that was begun', ({ kind }, answer) => kind === 'POST upload' ? { ...answer, status: 200 } : answer],
    ['a relative Location', ({ kind }, answer) => kind === 'POST upload' ? { ...answer, headers: { location: new URL(answer.headers?.location ?? '').pathname + new URL(answer.headers?.location ?? '').search } } : answer],
    ['a minimum size of chunks', ({ kind }, answer) => kind === 'POST upload' ? { ...answer, headers: { ...answer.headers, 'OCI-Chunk-Min-Length': '5242880' } } : answer],
    ['no digest in a header', without('docker-content-digest')],
    ['an invalid digest in a header', (_, answer) => ({ ...answer, headers: { ...answer.headers, 'docker-content-digest': 'latest' } })],
    ['no Content-Type', without('content-type')],
    ['no Location after an upload', (call, answer) => call.kind.startsWith('PUT') ? without('location')(call, answer) : answer],
  ])('%s', async (_, change) => {
    const [from, to] = [await changing(change), await changing(change)];

    await registries.copy(from.add('assets', web, 'abc'), to, { clock });
    expectCopied(to);
    await expect(registries.copy(from.add('assets', web, 'abc'), to, { clock })).resolves.toMatchObject({ streamed: 0 });
  });

  test.each([
    { token: '', access_token: 'VALID' }, { token: null, access_token: 'VALID' }, { access_token: 'VALID' }, { token: 'VALID', access_token: '' }, { token: 1, access_token: 'VALID' },
  ])('a token as %j', async body => {
    source = await registries.start({
      bearerRealm: origin => `${origin}/token`,
      change: ({ kind }, answer) => kind !== 'GET token' ? answer : {
        ...answer, body: Buffer.from(JSON.stringify(body).replace('VALID', JSON.parse(String(answer.body)).token)),
      },
    });

    await copy();

    expectCopied();
  });
});
