import { RequestListener } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { HttpRequest, HttpTransport, discard, sendFollowing } from '../../src/engine/http';
import { HostileServer } from '../helpers/hostile';
import { TestClock } from '../helpers/registry-clock';

// Bodies of answers, which are read or discarded, and redirects.
let clock: TestClock;
let server: HostileServer;
let transport: HttpTransport;
beforeEach(() => { clock = new TestClock(); });
afterEach(async () => {
  transport.close();
  await server.stop();
});

async function open(answer: RequestListener): Promise<void> {
  server = await HostileServer.start(answer);
  transport = new HttpTransport({ clock, trusted: [server.origin] });
}

const request = (more: Partial<HttpRequest> = {}): HttpRequest => ({ method: 'GET', url: new URL('/x', server.origin), headers: {}, ...more });
const send = async () => transport.send(request());

/** Reads a body of which one byte arrives, and checks that the reader still waits some milliseconds later. */
async function readSlowly({ firstByteAt, stillWaitsAfter }: { firstByteAt: number; stillWaitsAfter: number }): Promise<{ work: Promise<unknown> }> {
  let more = () => undefined as unknown;
  await open((_, response) => {
    more = () => response.write('x');
    response.flushHeaders();
  });
  const work = transport.read(await send(), 4 * 1024 * 1024);
  let failure: unknown;
  work.catch((error: unknown) => { failure = error; });
  clock.advance(firstByteAt);
  more();
  await pause(30);
  clock.advance(stillWaitsAfter);
  await pause(10);
  expect(failure).toBeUndefined();
  // In an object, because a returned promise would be awaited.
  return { work };
}

describe('a small body', () => {
  test('can have the maximum size and not more', async () => {
    await open((_, response) => response.end('12345'));
    expect(String(await transport.read(await send(), 5))).toBe('12345');
    await expect(transport.read(await send(), 4)).rejects.toMatchObject({ reason: 'the answer is larger than 4 bytes', retry: undefined });
    expect(clock.pending).toBe(0);
  });

  test('fails if nothing arrives for 30 seconds, and not while something arrives', async () => {
    const { work } = await readSlowly({ firstByteAt: 7_000, stillWaitsAfter: 29_999 });
    clock.advance(1);
    await expect(work).rejects.toMatchObject({ reason: 'nothing moved for 30 s', retry: 'transient' });
  });

  test('fails after its whole time even if bytes arrive', async () => {
    const { work } = await readSlowly({ firstByteAt: 20_000, stillWaitsAfter: 18_191 });
    clock.advance(1);
    await expect(work).rejects.toMatchObject({ reason: 'the answer took longer than 38 s', retry: 'transient' });
  });

  test('that breaks off fails', async () => {
    await open((_, response) => { response.writeHead(200, { 'content-length': 10 }).write('x', () => response.destroy()); });
    await expect(transport.read(await send(), 10)).rejects.toMatchObject({ retry: 'transient' });
  });
});

describe('a discarded answer', () => {
  const body = (size: number): RequestListener => (_, response) => {
    response.flushHeaders();
    setTimeout(() => response.end(Buffer.alloc(size)), 10);
  };
  const discardOne = async () => {
    const answer = await send();
    discard(answer);
    await new Promise(resolve => answer.body.once('close', resolve));
    await pause(10);
  };

  test.each([[64 * 1024, 1], [64 * 1024 + 1, 2]])('of %i bytes: two requests need %i connections', async (size, connections) => {
    await open(body(size));
    await discardOne();
    await discardOne();
    expect(server.connections).toBe(connections);
  });

  test('leaves its connection to the next request, any number of times', async () => {
    await open(body(10));
    for (let each = 0; each < 20; each++) await discardOne();
    expect(server.connections).toBe(1);
  });

  test('that has arrived completely leaves its connection to the next request', async () => {
    await open((_, response) => response.end('x'));
    for (let each = 0; each < 3; each++) {
      const answer = await send();
      await pause(30);
      discard(answer);
      await pause(10);
    }
    expect(server.connections).toBe(1);
  });

  test('that was closed before does not count as open', async () => {
    await open((_, response) => { response.write('x'); });
    for (let each = 0; each < 17; each++) {
      const answer = await send();
      answer.body.destroy();
      await new Promise(resolve => answer.body.once('close', resolve));
      discard(answer);
    }
    const last = await send();
    discard(last);
    expect(last.body.destroyed).toBe(false);
    last.body.destroy();
  });

  test('is closed at once if sixteen others are open, and the others are closed after a moment', async () => {
    await open((_, response) => { response.write('x'); });
    const answers = await Promise.all(Array.from({ length: 17 }, send));
    answers.forEach(discard);
    expect(answers.map(each => each.body.destroyed)).toEqual([...Array.from({ length: 16 }, () => false), true]);

    await Promise.all(answers.slice(0, 16).map(async each => new Promise(resolve => each.body.once('close', resolve))));
    await server.abandoned();
  });

  test('that breaks off is no error', async () => {
    await open(({ socket }, response) => { response.writeHead(200, { 'content-length': 10 }).write('x', () => setTimeout(() => socket.resetAndDestroy(), 20)); });
    const answer = await send();
    discard(answer);
    await new Promise(resolve => answer.body.once('close', resolve));
    expect(answer.body.complete).toBe(false);
  });
});

test('a transport that is closed ends its idle connections', async () => {
  await open((_, response) => response.end('x'));
  await transport.read(await send(), 1);
  await pause(10);
  const closed = Date.now();
  transport.close();
  await server.abandoned();
  // Otherwise the server closes them after five seconds.
  expect(Date.now() - closed).toBeLessThan(3_000);
  expect(server.connections).toBe(1);
});

describe('a redirect', () => {
  const redirecting = (status: number, location = '/x'): RequestListener => (_, response) => { response.writeHead(status, { location }).end(); };

  test.each([301, 302, 303, 307, 308])('with status %i is followed up to five times', async status => {
    await open(redirecting(status));
    await expect(sendFollowing(transport, request())).rejects.toMatchObject({ reason: 'it redirects more than 5 times', retry: undefined });
    expect(server.caught).toHaveLength(6);
  });

  test.each([300, 304, 305])('with status %i is not followed', async status => {
    await open(redirecting(status));
    await expect(sendFollowing(transport, request())).resolves.toMatchObject({ status });
  });

  test('without a Location is an answer', async () => {
    await open((_, response) => { response.writeHead(307).end(); });
    await expect(sendFollowing(transport, request())).resolves.toMatchObject({ status: 307 });
  });

  test('of a HEAD request is followed, and one of another method is not', async () => {
    await open((asked, response) => asked.url === '/x' ? redirecting(307, '/y')(asked, response) : response.writeHead(204).end());
    await expect(sendFollowing(transport, request({ method: 'HEAD' }))).resolves.toMatchObject({ status: 204 });
    await expect(sendFollowing(transport, request({ method: 'PUT' }))).rejects.toMatchObject({ reason: 'it redirects a PUT request' });
    expect(server.caught.map(({ method, url }) => `${method} ${url}`)).toEqual(['HEAD /x', 'HEAD /y', 'PUT /x']);
  });

  test('can be forbidden', async () => {
    await open(redirecting(302));
    await expect(sendFollowing(transport, request(), 0)).rejects.toMatchObject({ reason: 'it redirects, which is not allowed here' });
    expect(server.caught).toHaveLength(1);
  });

  test('keeps the headers at the same origin, and drops secrets at another one', async () => {
    const other = await HostileServer.start((_, response) => response.end());
    await open((asked, response) => redirecting(307, asked.url === '/x' ? '/y' : `${other.origin}/z`)(asked, response));
    transport = new HttpTransport({ clock, trusted: [server.origin, other.origin] });

    await sendFollowing(transport, request({ headers: { Authorization: 'secret', accept: 'a/b' } }));

    expect(server.caught.map(({ headers: { authorization } }) => authorization)).toEqual(['secret', 'secret']);
    expect(other.caught).toMatchObject([{ url: '/z', headers: { accept: 'a/b' } }]);
    expect(other.caught[0].headers).not.toHaveProperty('authorization');
    await other.stop();
  });
});
