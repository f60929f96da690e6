import { IncomingHttpHeaders, IncomingMessage, createServer, request as httpRequest } from 'node:http';
import { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { FaultProxy } from '../../helpers/fault-proxy';
import { Fault } from '../../helpers/fault-proxy-faults';
import { FaultRule } from '../../helpers/fault-proxy-plan';
import { TestRegistry } from '../../helpers/registry';
import { TestClock } from '../../helpers/registry-clock';
import { sha256 } from '../../helpers/registry-images';

const BLOB = Buffer.from('0123456789'.repeat(100));
const DIGEST = sha256(BLOB);
const GET = `/v2/team/web/blobs/${DIGEST}`;

let registry: TestRegistry;
let proxy: FaultProxy;
let clock: TestClock;

beforeEach(async () => {
  registry = await TestRegistry.start();
  registry.repository('team/web').blobs.set(DIGEST, BLOB);
  proxy = await FaultProxy.start({ upstream: registry.origin });
  clock = new TestClock();
});
afterEach(async () => {
  await proxy.stop();
  await registry.stop();
});

interface Seen {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The view of a client that does not know about the proxy: an answer, or the code of an error. */
async function send(path: string, { method = 'GET', body }: { readonly method?: string; readonly body?: Buffer } = {}): Promise<Seen | string> {
  return new Promise(resolve => {
    const failed = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message);
    const outgoing = httpRequest(new URL(path, proxy.origin), { method, agent: false }, response => {
      buffer(response).then(content => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: content }), failed);
    });
    outgoing.on('error', failed).end(body);
  });
}

function arm(fault: Fault, more: Partial<FaultRule> = {}): void {
  proxy.plan.begin([{ at: { number: 1 }, fault, ...more }], clock);
}

async function upload(body = BLOB): Promise<Seen | string> {
  const begun = await send('/v2/team/web/blobs/uploads/', { method: 'POST', body: Buffer.alloc(0) });
  if (typeof begun === 'string') throw new Error(begun);
  return send(`${begun.headers.location}&digest=${DIGEST}`, { method: 'PUT', body });
}

describe('without a fault, the fault proxy', () => {
  test('passes requests and answers on unchanged', async () => {
    registry.repository('team/web').blobs.clear();

    await expect(upload()).resolves.toMatchObject({ status: 201 });
    await expect(send(GET)).resolves.toMatchObject({ status: 200, body: BLOB });
    await expect(send('/v2/team/web/manifests/nope', { method: 'HEAD' })).resolves.toMatchObject({ status: 404 });
  });

  test('numbers and names the requests', async () => {
    await upload();
    await upload();
    await send('/v2/team/web/manifests/nope');
    await send(`/v2/team/web/blobs/uploads/?mount=${DIGEST}&from=assets`, { method: 'POST' });

    expect(proxy.plan.trace.map(({ number, key, nth, status }) => ({ number, key, nth, status }))).toEqual([
      { number: 1, key: 'registry POST upload team/web', nth: 1, status: 202 },
      { number: 2, key: `registry PUT upload team/web ${DIGEST}`, nth: 1, status: 201 },
      { number: 3, key: 'registry POST upload team/web', nth: 2, status: 202 },
      { number: 4, key: `registry PUT upload team/web ${DIGEST}`, nth: 2, status: 201 },
      { number: 5, key: 'registry GET manifest team/web nope', nth: 1, status: 404 },
      { number: 6, key: `registry mount team/web ${DIGEST}`, nth: 1, status: 202 },
    ]);
  });

  test('keeps clients behind itself even if the registry names its own address', async () => {
    registry.fail('GET blob', { status: 307, headers: { location: `${registry.origin}/storage/x` } });
    registry.fail('GET blob', { status: 307, headers: { location: 'https://elsewhere.example/storage/x' } });

    await expect(send(GET)).resolves.toMatchObject({ headers: { location: `${proxy.origin}/storage/x` } });
    await expect(send(GET)).resolves.toMatchObject({ headers: { location: 'https://elsewhere.example/storage/x' } });
  });
});

describe('a fault occurs', () => {
  test.each<[string, FaultRule['at'], readonly number[]]>([
    ['at a number', { number: 2 }, [200, 503, 200, 200]],
    ['at a kind', { kind: 'GET blob' }, [503, 200, 200, 200]],
    ['at the third of a kind', { kind: 'GET blob', nth: 3 }, [200, 200, 503, 200]],
    ['at a key', { key: `registry GET blob team/web ${DIGEST}`, nth: 4 }, [200, 200, 200, 503]],
  ])('%s', async (_, at, statuses) => {
    arm('503', { at });
    for (const status of statuses) await expect(send(GET)).resolves.toMatchObject({ status });
    expect(proxy.plan.fired).toBe(1);
  });

  test.each([[3, [503, 503, 503, 200]], [Infinity, [503, 503, 503, 503]]])('%d times, only at repetitions of the same request', async (times, statuses) => {
    arm('503', { times });
    for (const status of statuses) {
      await expect(send(GET)).resolves.toMatchObject({ status });
      await expect(send(GET, { method: 'HEAD' })).resolves.toMatchObject({ status: 200 });
    }
  });
});

describe('instead of the registry, the fault proxy answers', () => {
  test.each<[Fault, number, Record<string, string>]>([
    ['408', 408, {}],
    ['429', 429, {}],
    ['429 Retry-After seconds', 429, { 'retry-after': '7' }],
    ['429 Retry-After date', 429, { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' }],
    ['500', 500, {}],
    ['502', 502, { 'content-type': 'text/html' }],
    ['503', 503, {}],
    ['504', 504, { 'content-type': 'text/html' }],
    ['522', 522, { 'content-type': 'text/html' }],
    ['401 expired', 401, { 'www-authenticate': expect.stringMatching(/^Bearer realm="http:.*token"/) }],
  ])('%s', async (fault, status, headers) => {
    arm(fault);
    await expect(send(GET)).resolves.toMatchObject({ status, headers });
    expect(registry.count()).toBe(0);
  });
});

describe('the fault proxy breaks connections', () => {
  test('before the answer, and the registry never sees the request', async () => {
    arm('reset before the answer');
    await expect(send(GET)).resolves.toBe('ECONNRESET');
    expect(registry.count()).toBe(0);
  });

  test.each<Fault>(['answer lost', 'handled twice, answers lost'])('after the registry has completed the request: %s', async fault => {
    proxy.plan.begin([{ at: { kind: 'PUT upload' }, fault }], clock);
    registry.repository('team/web').blobs.clear();

    await expect(upload()).resolves.toBe('ECONNRESET');

    expect(registry.repository('team/web').blobs.get(DIGEST)).toEqual(BLOB);
    expect(registry.count('PUT upload')).toBe(fault === 'answer lost' ? 1 : 2);
  });

  test.each([['0', 0], ['1', 1], ['25%', 250], ['50%', 500], ['75%', 750], ['n-1', 999]] as const)('in an upload at %s', async (offset, bytes) => {
    proxy.plan.begin([{ at: { kind: 'PUT upload' }, fault: `reset at ${offset} of the request` }], clock);

    await expect(upload()).resolves.toMatch(/ECONNRESET|EPIPE/);

    expect(registry.requests.filter(({ kind }) => kind === 'PUT upload').every(seen => seen.bytes <= bytes)).toBe(true);
    expect(registry.repository('team/web').blobs.get(DIGEST)).toBe(BLOB);
  });

  test.each([['0', 0], ['1', 1], ['25%', 250], ['50%', 500], ['75%', 750], ['n-1', 999]] as const)('in a download at %s', async (offset, bytes) => {
    arm(`reset at ${offset} of the answer`);
    const chunks: Buffer[] = [];
    const outcome = await new Promise<string | undefined>(resolve => {
      const outgoing = httpRequest(proxy.origin + GET, { agent: false }, response => {
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      });
      // Newer versions of Node.js report the broken connection here, too.
      outgoing.on('error', () => undefined).end();
    });

    expect(outcome).toBe('ECONNRESET');
    expect(Buffer.concat(chunks)).toEqual(BLOB.subarray(0, bytes));
  });

  test('in the headers of an answer without a body', async () => {
    arm('reset in the answer');
    await expect(send(GET, { method: 'HEAD' })).resolves.toBe('ECONNRESET');
  });

  test('after a complete answer', async () => {
    arm('reset at n of the answer');
    await expect(send(GET)).resolves.toMatchObject({ status: 200, body: BLOB });
  });
});

describe('the fault proxy corrupts bodies', () => {
  test.each<[Fault, Buffer]>([
    ['truncated body', BLOB.subarray(0, 500)],
    ['one byte too many', Buffer.concat([BLOB, Buffer.from('!')])],
    ['one wrong byte', Buffer.concat([BLOB.subarray(0, 500), Buffer.from('1'), BLOB.subarray(501)])],
  ])('%s', async (fault, body) => {
    arm(fault);
    await expect(send(GET)).resolves.toMatchObject({ status: 200, body });
  });

  test('with a Content-Length that is one byte too large', async () => {
    arm('wrong Content-Length');
    await expect(send(GET)).resolves.toBe('ECONNRESET');
  });
});

describe('the fault proxy delays answers', () => {
  test.each<Fault>(['stall', 'stall in the answer'])('%s', async fault => {
    const stalled = new Promise<void>(resolve => { proxy.plan.onStall = resolve; });
    arm(fault);
    const outcome = send(GET);
    await stalled;
    expect(proxy.connections).toBe(1);
    await proxy.stop();
    await expect(outcome).resolves.toBe('ECONNRESET');
  });

  test('with one byte every five seconds', async () => {
    arm('slow loris');
    await expect(send(GET)).resolves.toMatchObject({ status: 200, body: BLOB });
    expect(clock.sleeps).toEqual(Array.from(BLOB, () => 5000));
  });

  test('with one byte of the headers every five seconds if there is no body', async () => {
    arm('slow loris');
    await expect(send(GET, { method: 'HEAD' })).resolves.toMatchObject({ status: 200 });
    expect(clock.sleeps.length).toBeGreaterThan(50);
  });
});

test('a request that the client aborts ends at the registry too', async () => {
  const upstream = createServer();
  await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', resolve));
  const front = await FaultProxy.start({ upstream: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}` });
  const arrived = new Promise<IncomingMessage>(resolve => upstream.once('request', resolve));
  const outgoing = httpRequest(`${front.origin}/v2/team/web/blobs/uploads/x`, { method: 'PUT', headers: { 'content-length': '100' } });
  outgoing.on('error', () => undefined).write('some');
  const seen = await arrived;
  const ended = new Promise<string | undefined>(resolve => seen.on('error', (error: NodeJS.ErrnoException) => resolve(error.code)));

  outgoing.destroy();

  await expect(ended).resolves.toBe('ECONNRESET');
  await front.stop();
  upstream.close();
});
