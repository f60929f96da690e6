import { RequestListener, Server, createServer } from 'node:http';
import { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { ResponseTooLarge, send } from '../../src/custom-resource/small-request';

const KIB = 1024;

let server: Server;
let sockets: Set<Socket>;
let connections: number;
let url: URL;

async function listen(listener: RequestListener): Promise<void> {
  sockets = new Set();
  connections = 0;
  server = createServer(listener);
  server.on('connection', socket => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}
afterEach(async () => {
  server.closeAllConnections();
  // The connection is already closed if no server listens.
  await new Promise(resolve => server.close(resolve));
});

const ask = async (changes: object = {}) => send({
  method: 'POST', url, headers: {}, body: '{}', timeoutMilliseconds: 300, ...changes,
});

/** Fails the test if a connection is still open after a moment. */
async function expectNoConnection(): Promise<void> {
  for (let looks = 0; sockets.size > 0 && looks < 50; looks++) await pause(10);
  expect(sockets.size).toBe(0);
}

/** The milliseconds until a request fails, and its error. */
async function failureOf(request: Promise<unknown>): Promise<{ readonly milliseconds: number; readonly error: Error }> {
  const begun = performance.now();
  const error = await request.then(() => new Error('it succeeded'), (reason: Error) => reason);
  return { milliseconds: performance.now() - begun, error };
}

test('a request returns the status, the text and the headers of the answer', async () => {
  await listen((request, response) => response.writeHead(202, { 'x-method': request.method }).end('größer'));

  expect(await ask()).toEqual({ status: 202, body: 'größer', headers: expect.objectContaining({ 'x-method': 'POST' }) });
});

test('a request sends its body with Content-Length and headers', async () => {
  await listen((request, response) => {
    request.setEncoding('utf8').on('data', text => response.end(JSON.stringify([request.method, request.headers['content-length'], request.headers['x-a'], text])));
  });

  expect(JSON.parse((await ask({ method: 'PUT', headers: { 'x-a': 'b' }, body: 'ü' })).body)).toEqual(['PUT', '2', 'b', 'ü']);
});

test('a successful request leaves its connection to the next one', async () => {
  await listen((_, response) => response.end('yes'));
  for (let requests = 0; requests < 5; requests++) await ask();

  expect(connections).toBe(1);
});

describe('an answer', () => {
  test.each([[undefined, 200, 128 * KIB], [undefined, 500, 128 * KIB], [300 * KIB, 200, 300 * KIB], [300 * KIB, 400, 128 * KIB]])(
    'can have up to the maximum size, and one byte more is rejected and closes the connection (limit %p, status %i)', async (maxResponseBytes, status, limit) => {
      let bytes = limit;
      await listen((_, response) => response.writeHead(status).end(Buffer.alloc(bytes, 'a')));
      expect((await ask({ maxResponseBytes })).body).toHaveLength(limit);
      bytes++;

      const { error } = await failureOf(ask({ maxResponseBytes }));
      expect(error).toBeInstanceOf(ResponseTooLarge);
      expect(error.message).toBe(`the answer is larger than ${limit} bytes`);
      await expectNoConnection();
    });

  test('that never ends is rejected at the size limit, before the time limit', async () => {
    await listen((_, response) => {
      const more = () => { while (!response.destroyed && response.write(Buffer.alloc(16 * KIB))); };
      response.on('drain', more);
      more();
    });

    const { error, milliseconds } = await failureOf(ask({ timeoutMilliseconds: 20_000 }));
    expect(error).toBeInstanceOf(ResponseTooLarge);
    expect(milliseconds).toBeLessThan(10_000);
    await expectNoConnection();
  });
});

describe('the time limit ends a request and closes its connection', () => {
  test.each<[string, RequestListener]>([
    ['that is never answered', () => undefined],
    ['whose answer stops after the headers', (_, response) => { response.writeHead(200).flushHeaders(); }],
    ['whose answer arrives byte by byte', (_, response) => {
      const timer = setInterval(() => response.write('a'), 20);
      response.on('close', () => clearInterval(timer));
    }],
  ])('%s', async (_, listener) => {
    await listen(listener);

    const { error, milliseconds } = await failureOf(ask());
    expect(error.message).toBe('no answer within 300 ms');
    expect(milliseconds).toBeGreaterThan(280);
    expect(milliseconds).toBeLessThan(2_000);
    await expectNoConnection();
  });

  test('and a hundred slow answers leave no connection open', async () => {
    await listen((_, response) => { response.writeHead(200).write('a'); });
    await Promise.all(Array.from({ length: 100 }, async () => failureOf(ask({ timeoutMilliseconds: 3_000 }))));

    expect(connections).toBe(100);
    await expectNoConnection();
  });
});

describe('a request fails at once if', () => {
  test.each<[string, RequestListener]>([
    ['it is reset', request => request.socket.destroy()],
    ['it ends in the middle of the answer', (request, response) => { response.writeHead(200, { 'content-length': 10 }).write('half', () => request.socket.destroy()); }],
    ['it becomes another protocol', (_, response) => response.writeHead(101, { connection: 'upgrade', upgrade: 'websocket' }).end()],
    ['the answer is no HTTP', request => request.socket.end('garbage\r\n\r\n')],
  ])('%s', async (_, listener) => {
    await listen(listener);

    const { error, milliseconds } = await failureOf(ask({ timeoutMilliseconds: 20_000 }));
    expect(error.message).not.toBe('it succeeded');
    expect(milliseconds).toBeLessThan(10_000);
    await expectNoConnection();
  });

  test('no server listens', async () => {
    await listen(() => undefined);
    await new Promise(resolve => server.close(resolve));

    expect((await failureOf(ask())).error).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

test('a completed request leaves no timer that keeps the process alive', async () => {
  await listen((_, response) => response.end('yes'));
  const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
  const before = timers();
  await ask({ timeoutMilliseconds: 1_000_000 });

  expect(timers()).toBeLessThanOrEqual(before + 1);
});
