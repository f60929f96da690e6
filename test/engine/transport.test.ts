import { RequestListener } from 'node:http';
import { AddressInfo, Server, Socket, createServer } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../../src/engine/errors';
import { HttpRequest, HttpTransport, StreamedBody, discard } from '../../src/engine/http';
import { HostileServer, Resolver } from '../helpers/hostile';
import { selfSigned } from '../helpers/hostile-certificate';
import { TestClock } from '../helpers/registry-clock';

// Single requests: their time limits, and the end of the connection that is named after a failure.
let clock: TestClock;
let server: HostileServer;
const servers: HostileServer[] = [];
const raws: Server[] = [];
let transport: HttpTransport;
const sockets: Socket[] = [];
beforeEach(() => { clock = new TestClock(); });
afterEach(async () => {
  transport.close();
  sockets.splice(0).forEach(socket => socket.destroy());
  raws.splice(0).forEach(raw => raw.close());
  await Promise.all(servers.splice(0).map(async each => each.stop()));
});

/** Starts a server, and a transport that may connect to it. */
async function open(answer: RequestListener, signal?: AbortSignal): Promise<void> {
  server = await HostileServer.start(answer);
  servers.push(server);
  transport = new HttpTransport({ clock, signal, trusted: [server.origin] });
}

/** Starts a server with this behavior of each connection. */
async function openRaw(serve: (socket: Socket) => void): Promise<URL> {
  const raw = createServer(socket => {
    sockets.push(socket.on('error', () => undefined));
    serve(socket);
  });
  raws.push(raw);
  await new Promise<void>(resolve => raw.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(raw.address() as AddressInfo).port}/`);
  transport = new HttpTransport({ clock, trusted: [url.origin] });
  return url;
}

/** Sends exactly these texts, one after the other. */
const sending = (...texts: readonly string[]) => (socket: Socket) => {
  socket.once('data', () => texts.forEach((text, at) => setTimeout(() => socket.write(text), at * 50)));
};
const send = async (more: Partial<HttpRequest> = {}) => transport.send({ method: 'GET', url: more.url ?? new URL('/x', server.origin), headers: {}, ...more });
const until = async (isSo: () => boolean) => { while (!isSo()) await pause(5); };

/** The failure after this time; fails if there is one a millisecond before. */
async function failsAfter(milliseconds: number, work: Promise<unknown>, isReady: () => boolean): Promise<Failure> {
  let failure: unknown;
  const end = work.catch((error: unknown) => { failure = error; });
  await until(isReady);
  clock.advance(milliseconds - 1);
  await pause(20);
  expect(failure).toBeUndefined();
  clock.advance(1);
  await end;
  expect(clock.pending).toBe(0);
  return failure as Failure;
}

/** A body of which the test sends each chunk. */
function streamed(size: number, check: Partial<StreamedBody['check']> = {}): StreamedBody {
  return { source: new Readable({ read: () => undefined }), size, check: { next: chunk => chunk, end: () => undefined, ...check } };
}

describe('a request that gets no answer fails', () => {
  const arrived = () => server.caught.length > 0;

  test('after 30 seconds', async () => {
    await open(() => undefined);
    expect(await failsAfter(30_000, send(), arrived)).toMatchObject({ reason: 'nothing moved for 30 s', retry: 'transient', party: 'peer' });
  });

  test('after its own time limit, so that the next attempt waits longer', async () => {
    await open(() => undefined);
    expect(await failsAfter(90_000, send({ patience: 90_000 }), arrived)).toMatchObject({ reason: 'nothing moved for 90 s', retry: 'slow', party: 'peer' });
  });

  test('if the server closes the connection', async () => {
    await open(({ socket }) => socket.destroy());
    await expect(send()).rejects.toMatchObject({ reason: 'the connection failed (ECONNRESET)', retry: 'transient' });
  });

  test('if the server switches to another protocol', async () => {
    const url = await openRaw(sending('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n'));
    await expect(send({ url })).rejects.toMatchObject({ reason: 'the connection failed (closed without an answer)', retry: 'transient' });
  });

  test('if it is cancelled', async () => {
    const controller = new AbortController();
    await open(() => undefined, controller.signal);
    const work = send();
    controller.abort(new Failure('the time is over'));
    await expect(work).rejects.toThrow('the time is over');
  });

  test('if there are more than 20 informational answers', async () => {
    const hints = (count: number) => 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(count);
    await expect(send({ url: await openRaw(sending(hints(20), 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')) })).resolves.toMatchObject({ status: 200 });
    await expect(send({ url: await openRaw(sending(hints(20), hints(1))) })).rejects.toMatchObject({ reason: 'it sent too many preliminary answers', retry: 'transient' });
  });
});

describe('an upload', () => {
  const put = async (body: StreamedBody, more: Partial<HttpRequest> = {}) => send({ method: 'PUT', body, ...more });

  test('fails because of the source if the source stops sending', async () => {
    await open(request => { request.resume(); });
    const body = streamed(1000);
    const work = put(body);
    body.source.push('begin');

    expect(await failsAfter(30_000, work, () => server.caught.length > 0)).toMatchObject({ reason: 'nothing moved for 30 s', retry: 'transient', party: 'feed' });
    expect(body.source.destroyed).toBe(true);
  });

  test('can wait longer for the first byte of the source, and then 30 seconds', async () => {
    await open(request => { request.resume(); });
    const body = streamed(1000);
    const work = put(body, { patience: 90_000 });
    clock.advance(89_999);
    body.source.push('begin');

    await until(() => server.caught.length > 0);
    expect(await failsAfter(30_000, work, () => true)).toMatchObject({ reason: 'nothing moved for 30 s', retry: 'transient', party: 'feed' });
  });

  test('fails with the time of the first byte if that does not arrive', async () => {
    await open(request => { request.resume(); });
    expect(await failsAfter(90_000, put(streamed(1000), { patience: 90_000 }), () => true)).toMatchObject({ reason: 'nothing moved for 90 s', retry: 'slow', party: 'feed' });
  });

  test('does not fail while the source sends', async () => {
    await open((request, response) => { request.resume().once('end', () => response.end()); });
    const body = streamed(1000);
    const work = put(body);
    for (let chunk = 0; chunk < 4; chunk++) {
      body.source.push('x');
      await pause(5);
      clock.advance(20_000);
    }
    body.source.push(null);
    await expect(work).resolves.toMatchObject({ status: 200 });
    expect(clock.pending).toBe(0);
  });

  test('has more time for the answer if it is large', async () => {
    await open(request => { request.resume(); });
    const body = streamed(20 * 1024 * 5000);
    const work = put(body);
    body.source.push('all');
    body.source.push(null);

    await until(() => server.caught[0]?.body === 'all');
    expect(await failsAfter(35_000, work, () => true)).toMatchObject({ reason: 'nothing moved for 35 s', retry: 'transient', party: 'peer' });
  });

  test('reads no more of the source than the server accepts, and fails because of the server', async () => {
    const url = await openRaw(socket => socket.pause());
    let [chunks, before, unchanged] = [0, 0, 0];
    const source = Readable.from((function* () { for (;; chunks++) yield Buffer.alloc(256 * 1024); })());
    const work = put({ ...streamed(1e12), source }, { url });
    // The operating system accepts some megabytes, so the source pauses several times.
    const isStill = () => {
      unchanged = chunks === before ? unchanged + 1 : 0;
      before = chunks;
      return source.isPaused() && unchanged > 40;
    };

    expect(await failsAfter(30_000, work, isStill)).toMatchObject({ reason: 'nothing moved for 30 s', party: 'peer' });
    expect(source.destroyed).toBe(true);
  });

  test('continues when the server has read enough', async () => {
    await open((request, response) => { request.once('end', () => response.end()); });
    const source = Readable.from((function* () { for (let sent = 0; sent < 8; sent++) yield Buffer.alloc(1024 * 1024, 'x'); })());

    await expect(put({ ...streamed(8 * 1024 * 1024), source })).resolves.toMatchObject({ status: 200 });
    await until(() => server.caught[0].body !== '');
    expect(server.caught[0].body).toHaveLength(8 * 1024 * 1024);
  });

  test('sends what the check returns, at last the rest', async () => {
    await open((request, response) => { request.resume().once('end', () => response.end()); });
    const body = streamed(3, { next: chunk => String(chunk) === 'a' ? undefined : Buffer.from('B'), end: () => Buffer.from('C') });
    const work = put(body);
    ['a', 'b', null].forEach(each => body.source.push(each));

    await work;
    expect(server.caught[0].body).toBe('BC');
  });

  test.each<[string, Partial<StreamedBody['check']>]>([
    ['a chunk', { next: () => { throw new Failure('wrong bytes', { retry: 'corrupt', party: 'feed' }); } }], ['the end', { end: () => { throw new Failure('wrong bytes', { retry: 'corrupt', party: 'feed' }); } }],
  ])('fails with the reason of the check of %s, and both connections end', async (_, check) => {
    await open(request => { request.resume(); });
    const body = streamed(1, check);
    const work = put(body);
    ['a', null].forEach(each => body.source.push(each));

    await expect(work).rejects.toMatchObject({ reason: 'wrong bytes', retry: 'corrupt', party: 'feed' });
    expect(body.source.destroyed).toBe(true);
    await server.abandoned();
  });

  test('fails because of the source if the check has a bug', async () => {
    await open(request => { request.resume(); });
    const body = streamed(1, { next: () => { throw new TypeError('a bug'); } });
    const work = put(body);
    body.source.push('a');
    await expect(work).rejects.toMatchObject({ reason: 'the connection failed (unexpected error)', retry: undefined, party: 'feed' });
  });

  test.each([
    ['fails', (source: Readable) => source.destroy(Object.assign(new Error(), { code: 'ECONNRESET' })), 'ECONNRESET'],
    ['is closed', (source: Readable) => source.destroy(), 'ERR_STREAM_PREMATURE_CLOSE'],
  ])('fails because of the source if the source %s', async (_, end, code) => {
    await open(request => { request.resume(); });
    const body = streamed(1000);
    const work = put(body);
    body.source.push('begin');
    await until(() => server.caught.length > 0);
    end(body.source);

    await expect(work).rejects.toMatchObject({ reason: `the connection failed (${code})`, retry: 'transient', party: 'feed' });
    await server.abandoned();
  });

  test('fails because of the server if the server closes the connection, and the source ends', async () => {
    await open(({ socket }) => socket.destroy());
    const body = streamed(1000);
    const work = put(body);
    body.source.push('begin');

    await expect(work).rejects.toMatchObject({ retry: 'transient', party: 'peer' });
    expect(body.source.destroyed).toBe(true);
  });

  test('fails because of the server if the server switches to another protocol', async () => {
    const url = await openRaw(sending('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n'));
    const body = streamed(1000);
    const work = put(body, { url });
    body.source.push('begin');

    await expect(work).rejects.toMatchObject({ reason: 'the connection failed (ERR_STREAM_PREMATURE_CLOSE)', retry: 'transient', party: 'peer' });
    expect(body.source.destroyed).toBe(true);
  });

  test('ends with an early answer of the server', async () => {
    await open((_, response) => { response.writeHead(413).end(); });
    const body = streamed(1000);
    const work = put(body);
    body.source.push('begin');

    const answer = await work;
    expect(answer.status).toBe(413);
    discard(answer);
  });
});

describe('an address', () => {
  const { lookup } = new Resolver({ 'registry.example': [['127.0.0.1']] });

  test('with https needs a valid certificate', async () => {
    server = await HostileServer.start(undefined, selfSigned('localhost'));
    servers.push(server);
    transport = new HttpTransport({ clock, lookup: new Resolver({ localhost: [['127.0.0.1']] }).lookup, trusted: [server.origin] });
    await expect(send()).rejects.toMatchObject({ reason: expect.stringMatching(/^the certificate is not valid \(\w+\)$/), retry: undefined });
    expect(server.caught).toEqual([]);
  });

  test('that is private is rejected before a connection, unless it is trusted', async () => {
    await open((_, response) => response.end());
    const { port } = new URL(server.origin);
    for (const host of ['127.0.0.1', 'registry.example']) {
      const url = new URL(`http://${host}:${port}/`);
      transport = new HttpTransport({ clock, lookup, trusted: ['http://127.0.0.1', `https://${host}:${port}`] });
      await expect(send({ url })).rejects.toMatchObject({ reason: `${host} is not at a public address, and only public addresses are allowed`, retry: undefined });
      expect(server.connections).toBe(0);
    }
    const url = new URL(`http://registry.example:${port}/`);
    transport = new HttpTransport({ clock, lookup, trusted: [url.origin] });
    await expect(send({ url })).resolves.toMatchObject({ status: 200, url });
  });
});
