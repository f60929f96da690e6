import { RequestListener } from 'node:http';
import { AddressInfo, Server, createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { HostileServer, endlessly, serving } from '../../helpers/hostile';
import { NAME, Scene } from '../../helpers/hostile-scene';

const MEBIBYTE = 1024 * 1024;
const READING = `could not read the manifest from the source ${NAME}/assets:abc: `;

let scene: Scene;
let hostile: HostileServer | undefined;

beforeEach(async () => { scene = await Scene.open(); });
afterEach(async () => {
  await Promise.all([scene.close(), hostile?.stop()]);
  hostile = undefined;
});

/** The result of a copy from a registry that answers like this. */
async function answeredWith(answer: RequestListener): Promise<string> {
  hostile = await HostileServer.start(answer);
  const { message } = await scene.failure({ origins: { [NAME]: hostile.origin } });
  // A client that has read enough must close the connection, because the server would send forever.
  await hostile.abandoned();
  return message;
}

describe('a body that is too large is read up to its limit and no further', () => {
  const asks: RequestListener = (_, response) => {
    response.writeHead(401, { 'www-authenticate': `Bearer realm="${hostile?.origin}/token"` }).end();
  };
  const withToken = (token: RequestListener): RequestListener => (request, response) => (
    request.url?.startsWith('/token') ? token(request, response) : asks(request, response)
  );

  test('an endless manifest', async () => {
    expect(await answeredWith((_, response) => endlessly(response))).toBe(`${READING}the answer is larger than 4194304 bytes`);
  });

  test('a manifest of ten megabytes with a Content-Length', async () => {
    expect(await answeredWith((_, response) => response.end(Buffer.alloc(10 * MEBIBYTE, ' ')))).toBe(`${READING}the answer is larger than 4194304 bytes`);
  });

  test('an endless token', async () => {
    expect(await answeredWith(withToken((_, response) => endlessly(response)))).toBe(`${READING}the answer is larger than 131072 bytes`);
  });

  test('a token of ten megabytes', async () => {
    const token = JSON.stringify({ token: 'x'.repeat(10 * MEBIBYTE) });
    expect(await answeredWith(withToken((_, response) => response.end(token)))).toBe(`${READING}the answer is larger than 131072 bytes`);
  });

  test.each([400, 403, 404, 418, 501])('an endless error (status %i)', async status => {
    expect(await answeredWith((_, response) => {
      response.writeHead(status);
      endlessly(response);
    })).toBe(`${READING}the registry answered ${status}`);
  });

  test('an error of ten megabytes', async () => {
    const errors = JSON.stringify({ errors: [{ code: 'DENIED', message: 'x'.repeat(10 * MEBIBYTE) }] });
    expect(await answeredWith((_, response) => response.writeHead(403).end(errors))).toBe(`${READING}the registry answered 403`);
  });

  const bomb = gzipSync(JSON.stringify({ errors: [{ code: 'DENIED', message: 'x'.repeat(50 * MEBIBYTE) }] }));

  test.each(['gzip', 'deflate', 'br'])('an error whose decompressed size is much larger (%s) is not decompressed', async encoding => {
    expect(bomb.length).toBeLessThan(60 * 1024);
    expect(await answeredWith((_, response) => response.writeHead(403, { 'content-encoding': encoding }).end(bomb))).toBe(`${READING}the registry answered 403`);
  });

  test('a compressed manifest is not decompressed', async () => {
    expect(await answeredWith((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)))
      .toMatch(/^could not read the manifest .*: the manifest is not a JSON object/);
  });

  test.each([301, 307])('a redirect with an endless body (status %i)', async status => {
    expect(await answeredWith((_, response) => {
      response.writeHead(status, { location: '?again' });
      endlessly(response);
    })).toBe(`${READING}it redirects more than 5 times`);
  });

  test('a token endpoint that redirects with an endless body', async () => {
    expect(await answeredWith(withToken((_, response) => {
      response.writeHead(302, { location: '/elsewhere' });
      endlessly(response);
    }))).toBe(`${READING}it redirects, which is not allowed here`);
  });

  test('a blob that continues after its last byte', async () => {
    const image = serving(scene.image);
    expect(await answeredWith((request, response) => {
      if (!request.url?.includes('/blobs/')) return image(request, response);
      endlessly(response);
      return undefined;
    })).toMatch(/^could not read the blob from the source .*: expected \d+ bytes, got at least \d+ \(tried 3 times\)$/);
    expect(scene.peer.repository('team/web').blobs.size).toBe(0);
  });

  test('endless answers to writes do not prevent the end of the copy', async () => {
    await scene.close();
    scene = await Scene.open({}, 'destination');
    hostile = await HostileServer.start(({ method, url }, response) => {
      const status = method === 'HEAD' ? 404 : method === 'POST' ? 202 : 201;
      response.writeHead(status, { location: `${url}session` });
      if (method === 'HEAD') response.end();
      else endlessly(response);
    });

    await expect(scene.copy({ origins: { [NAME]: hostile.origin } })).resolves.toMatchObject({ streamed: 2 });
    await hostile.abandoned();
  });
});

describe('headers', () => {
  test.each([1_000, 21_000, 60_000])('of %i bytes are accepted', async size => {
    hostile = await HostileServer.start(serving(scene.image, { 'x-padding': 'x'.repeat(size) }));

    await expect(scene.copy({ origins: { [NAME]: hostile.origin } })).resolves.toMatchObject({ streamed: 2 });
    await hostile.abandoned();
  });

  test.each([66_000, 1_000_000])('of %i bytes are too long', async size => {
    expect(await answeredWith(serving(scene.image, { 'x-padding': 'x'.repeat(size) })))
      .toBe(`${READING}the answer is not valid HTTP (HPE_HEADER_OVERFLOW) (tried 6 times)`);
  });

  test.each([2_000, 20_000])('of %i lines are either accepted or too many', async lines => {
    const headers = Object.fromEntries(Array.from({ length: lines }, (_, at) => [`x-${at}`, 'x']));
    hostile = await HostileServer.start(serving(scene.image, headers));

    const outcome = await scene.copy({ origins: { [NAME]: hostile.origin } }).then(() => 'copied', (error: Error) => error.message);
    expect(outcome).toMatch(/^copied$|HPE_HEADER_OVERFLOW/);
    await hostile.abandoned();
  });
});

describe('an answer that is not HTTP', () => {
  let raw: Server | undefined;
  afterEach(() => raw?.close());

  const NO_HTTP = /: the answer is not valid HTTP \(HPE_\w+\)/;

  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n', NO_HTTP],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx', NO_HTTP],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', NO_HTTP],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', NO_HTTP],
    ['a chunk of unheard size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n', /not valid HTTP \(HPE_\w+\)|the connection failed \(ECONNRESET\)/],
    ['a header split by a line break', 'HTTP/1.1 307 Go\r\nLocation: https://registry.example/\n evil: x\r\nContent-Length: 0\r\n\r\n', NO_HTTP],
    ['a change of the protocol', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n', /the connection failed|not valid HTTP/],
    ['nothing but hints, then the end', 'HTTP/1.1 103 Early Hints\r\nLink: <https://evil.example/>\r\n\r\n'.repeat(100), /it sent too many preliminary answers/],
  ])('(%s) fails with our own message and connects to no other server', async (_, bytes, words) => {
    raw = createServer(socket => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(bytes));
    });
    await new Promise<void>(resolve => raw?.listen(0, '127.0.0.1', resolve));
    const { port } = raw.address() as AddressInfo;

    const { message } = await scene.failure({ origins: { [NAME]: `http://127.0.0.1:${port}` } });

    expect(message).toMatch(words);
    expect(message).toMatch(/^could not [\x20-\x7e]+$/);
    expect(scene.strangers).toEqual([]);
  });
});

describe('JSON with names of JavaScript properties', () => {
  const evil = '"__proto__":{"polluted":"yes","token":"x","code":"X","message":"inherited"},"constructor":{"prototype":{"polluted":"yes"}}';

  afterEach(() => expect(({} as Record<string, unknown>).polluted).toBeUndefined());

  test('in an error has no effect', async () => {
    expect(await answeredWith((_, response) => response.writeHead(403).end(`{"errors":[{${evil}}],${evil}}`))).toBe(`${READING}the registry answered 403`);
  });

  test('in a manifest is copied unchanged', async () => {
    const bytes = Buffer.from(scene.image.bytes.toString().replace('"schemaVersion"', `${evil},"schemaVersion"`));
    hostile = await HostileServer.start(serving({ ...scene.image, bytes }));

    const { digest } = await scene.copy({ origins: { [NAME]: hostile.origin } });
    await hostile.abandoned();

    expect(scene.peer.repository('team/web').find(digest)?.bytes).toEqual(bytes);
  });

  test.each(['null', '[]', '"x"', '1', '{"errors":null}', '{"errors":{}}', '{"errors":[null]}', '{"errors":[1]}', '{"errors":[{"code":{},"message":[]}]}', ''])(
    'and an error that is %s counts as an ordinary rejection', async body => {
      expect(await answeredWith((_, response) => response.writeHead(403).end(body))).toBe(`${READING}the registry answered 403`);
    });

  test.each(['[[', '{"a":'])('and endlessly nested JSON in a manifest (%s) is rejected', async opening => {
    expect(await answeredWith((_, response) => response.end(opening.repeat(MEBIBYTE / 2)))).toMatch(/^could not read the manifest .*: the manifest is nested deeper than 64 levels/);
  });
});
