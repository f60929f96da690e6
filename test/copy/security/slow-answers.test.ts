import { RequestListener } from 'node:http';
import { AddressInfo, Server, Socket, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Authenticator } from '../../../src/engine/auth';
import { HostPace } from '../../../src/engine/clock';
import { RepositoryConnection } from '../../../src/engine/connection';
import { HttpTransport, discard } from '../../../src/engine/http';
import { HostileServer, Resolver, drip, endlessly, serving } from '../../helpers/hostile';
import { NAME, Scene } from '../../helpers/hostile-scene';
import { TestClock } from '../../helpers/registry-clock';
import { image, layer } from '../../helpers/registry-images';

// Sixteen bodies can be drained at a time; the rest are running requests.
const MOST_OPEN = 32;
const MOST_IDLE = 64;

let scene: Scene;
let clock: TestClock;
let hostile: HostileServer | undefined;

beforeEach(async () => {
  scene = await Scene.open();
  clock = new TestClock();
});
afterEach(async () => {
  await Promise.all([scene.close(), hostile?.stop()]);
  hostile = undefined;
});

/** The result of a copy from a registry that answers like this, and the seconds that it takes. */
async function failing(answer: RequestListener): Promise<{ readonly message: string; readonly seconds: number }> {
  hostile = await HostileServer.start(answer);
  const started = clock.now();
  const { message } = await scene.failure({ clock, origins: { [NAME]: hostile.origin } });
  await hostile.abandoned();
  expect(clock.pending).toBe(0);
  return { message, seconds: (clock.now() - started) / 1000 };
}

describe('one byte at a time is too slow for', () => {
  const slowly = () => clock.advance(400);

  test('a manifest, which has 38 seconds', async () => {
    const { message, seconds } = await failing((_, response) => drip(response, slowly));

    expect(message).toMatch(/^could not read the manifest from the source .*: the answer took longer than 38 s/);
    expect(seconds).toBeLessThan(90);
  });

  test('an error, which has 30 seconds', async () => {
    const { message, seconds } = await failing((_, response) => drip(response.writeHead(403), slowly));

    expect(message).toMatch(/^could not read the manifest from the source .*: the answer took longer than 30 s/);
    expect(seconds).toBeLessThan(90);
  });

  test('a token, which has 30 seconds', async () => {
    const { message, seconds } = await failing((request, response) => {
      if (request.url?.startsWith('/token')) drip(response, slowly);
      else response.writeHead(401, { 'www-authenticate': `Bearer realm="${hostile?.origin}/token"` }).end();
    });

    expect(message).toMatch(/^could not read the manifest from the source .*: the answer took longer than 30 s/);
    expect(seconds).toBeLessThan(90);
  });

  test('a manifest, but not if the second try is fast', async () => {
    const serve = serving(scene.image);
    let requests = 0;
    hostile = await HostileServer.start((request, response) => {
      if (requests++ === 0) drip(response, slowly);
      else serve(request, response);
    });

    await expect(scene.copy({ clock, origins: { [NAME]: hostile.origin } })).resolves.toMatchObject({ streamed: 2 });
  });
});

describe('before the body of an answer', () => {
  let raw: Server | undefined;
  const sockets: Socket[] = [];
  afterEach(() => {
    sockets.splice(0).forEach(socket => socket.destroy());
    raw?.close();
  });

  /** The result for a registry that sends this, and then piece after piece. */
  async function writing(beginning: string, piece: string, onPiece: () => void = () => undefined): Promise<string> {
    raw = createServer(socket => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write(beginning);
        const timer = setInterval(() => {
          socket.write(piece);
          onPiece();
        }, 1);
        socket.once('close', () => clearInterval(timer));
      });
    });
    await new Promise<void>(resolve => raw?.listen(0, '127.0.0.1', resolve));
    return (await scene.failure({ clock, origins: { [NAME]: `http://127.0.0.1:${(raw.address() as AddressInfo).port}` } })).message;
  }

  test('headers that arrive one byte at a time end after 30 seconds', async () => {
    expect(await writing('HTTP/1.1 200 OK\r\nx-padding: ', 'x', () => clock.advance(400)))
      .toMatch(/^could not read the manifest from the source .*: nothing moved for 30 s/);
  });

  test('endless informational (1xx) answers are not read', async () => {
    expect(await writing('', 'HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n'))
      .toMatch(/^could not read the manifest from the source .*: it sent too many preliminary answers \(tried 6 times\)$/);
  });

  test('repeated informational answers do not extend the time', async () => {
    expect(await writing('', 'HTTP/1.1 102 Processing\r\n\r\n', () => clock.advance(5_000)))
      .toMatch(/^could not read the manifest from the source .*: nothing moved for 30 s/);
  });
});

test('an answer after some informational ones is read', async () => {
  const serve = serving(scene.image);
  hostile = await HostileServer.start((request, response) => {
    for (let hint = 0; hint < 10; hint++) response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    serve(request, response);
  });

  await expect(scene.copy({ clock, origins: { [NAME]: hostile.origin } })).resolves.toMatchObject({ streamed: 2 });
});

describe('connections', () => {
  test('of discarded answers that never end are closed', async () => {
    const many = image('many', Array.from({ length: 40 }, (_, each) => layer(`${each}`)));
    const serve = serving(many);
    hostile = await HostileServer.start((request, response) => {
      if (request.url?.endsWith('?again')) serve(Object.assign(request, { url: request.url.slice(0, -6) }), response);
      else drip(response.writeHead(307, { location: '?again' }));
    });

    await expect(scene.copy({ clock, origins: { [NAME]: hostile.origin } })).resolves.toMatchObject({ streamed: 41 });

    expect(hostile.caught.length).toBeGreaterThan(80);
    expect(hostile.mostOpen).toBeLessThanOrEqual(MOST_OPEN);
    await hostile.abandoned();
  });

  test('to many redirect hosts do not stay open', async () => {
    const many = image('many', Array.from({ length: 150 }, (_, each) => layer(`${each}`)));
    const storage = await HostileServer.start(serving(many));
    const { port } = new URL(storage.origin);
    const hosts = Array.from({ length: 151 }, (_, each) => `storage-${each}.example:${port}`);
    const serve = serving(many);
    let next = 0;
    hostile = await HostileServer.start((request, response) => {
      if (request.url?.includes('/blobs/')) response.writeHead(307, { location: `http://${hosts[next++]}${request.url}` }).end();
      else serve(request, response);
    });
    const names = Object.fromEntries([NAME, ...hosts].map(host => [host.split(':')[0], [['127.0.0.1']]]));
    const origins = Object.fromEntries(hosts.map(host => [host, `http://${host}`]));
    const { lookup } = new Resolver(names);

    await expect(scene.copy({ clock, lookup, origins: { ...origins, [NAME]: hostile.origin } })).resolves.toMatchObject({ streamed: 151 });

    expect(storage.connections).toBe(151);
    expect(storage.mostOpen).toBeLessThanOrEqual(MOST_IDLE + MOST_OPEN);
    await storage.stop();
  });

  describe('of one transport', () => {
    let transport: HttpTransport;
    const send = async () => transport.send({ method: 'GET', url: new URL('/x', hostile?.origin), headers: {} });
    const open = async (answer: RequestListener) => {
      hostile = await HostileServer.start(answer);
      transport = new HttpTransport({ clock, trusted: [hostile.origin] });
    };
    afterEach(() => transport.close());

    test('is reused if the discarded answer is small and fast', async () => {
      await open((_, response) => {
        response.writeHead(403);
        response.flushHeaders();
        setTimeout(() => response.end('{"errors":[]}'), 20);
      });

      for (let request = 0; request < 3; request++) {
        discard(await send());
        await pause(100);
      }

      expect(hostile?.connections).toBe(1);
    });

    test.each([
      ['the registry asks for a token', false], ['the registry redirects to one that asks for a token', true],
    ])('is closed if %s in an endless body, and there is no token', async (_, isElsewhere) => {
      const elsewhere = await HostileServer.start((request, response) => {
        if (request.url?.startsWith('/token')) response.writeHead(500, { connection: 'close' }).end();
        else drip(response.writeHead(401, { 'www-authenticate': `Bearer realm="${elsewhere.origin}/token"` }));
      });
      await open((_request, response) => { response.writeHead(307, { location: `${elsewhere.origin}/x`, connection: 'close' }).end(); });
      const [host, origin] = ['registry.example', new URL(isElsewhere ? `${hostile?.origin}` : elsewhere.origin)];
      transport = new HttpTransport({ clock, trusted: [origin.origin, elsewhere.origin] });
      const connection = new RepositoryConnection({
        side: 'source', repository: { host, repository: 'assets' }, origin, transport, pace: new HostPace(clock), clock,
        authenticator: new Authenticator({ host, origin, scopes: [], transport, clock }),
      });

      await expect(connection.exchange({ operation: 'read', method: 'GET', target: 'manifests/abc', expected: [200] }))
        .rejects.toThrow('its token endpoint answered 500');

      await elsewhere.abandoned();
      await elsewhere.stop();
    });

    test.each([
      ['does not end', (_request, response) => drip(response)],
      ['is large', (_request, response) => endlessly(response)],
    ] as readonly (readonly [string, RequestListener])[])('is closed if the discarded answer %s', async (_, answer) => {
      await open(answer);

      discard(await send());

      await hostile?.abandoned();
      expect(hostile?.connections).toBe(1);
    });
  });
});
