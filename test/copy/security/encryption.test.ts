import { createRequire } from 'node:module';
import { HostileServer, serving } from '../../helpers/hostile';
import { Certificate, selfSigned } from '../../helpers/hostile-certificate';
import { NAME, Scene } from '../../helpers/hostile-scene';

// The module that `node:https` itself uses; an import would be a copy of it.
const tls = createRequire(__filename)('node:tls') as typeof import('node:tls');

const own: Certificate = selfSigned('localhost');
let scene: Scene;
let registry: HostileServer;

beforeEach(async () => {
  scene = await Scene.open();
  Object.assign(scene.resolver, { names: { [NAME]: [['127.0.0.1']], localhost: [['127.0.0.1']] } });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all([scene.close(), registry.stop()]);
});

/** Makes this process trust the certificate. */
function vouchFor({ cert }: Certificate): void {
  const connect = tls.connect as (options: object, ...rest: unknown[]) => ReturnType<typeof tls.connect>;
  jest.spyOn(tls, 'connect').mockImplementation((options: unknown, ...rest: unknown[]) => connect({ ...options as object, ca: cert }, ...rest));
}

const READING = `could not read the manifest from the source ${NAME}/assets:abc: `;

test('a registry with a trusted certificate is read over TLS', async () => {
  registry = await HostileServer.start(serving(scene.image), own);
  vouchFor(own);

  await expect(scene.copy({ origins: { [NAME]: registry.origin } })).resolves.toMatchObject({ streamed: 2 });
});

describe('no request, and so no password, is sent', () => {
  afterEach(() => expect(registry.caught).toEqual([]));

  test('to a server with an untrusted certificate', async () => {
    registry = await HostileServer.start(serving(scene.image), own);

    expect((await scene.failure({ origins: { [NAME]: registry.origin } })).message)
      .toBe(`${READING}the certificate is not valid (DEPTH_ZERO_SELF_SIGNED_CERT)`);
    expect(registry.connections).toBe(1);
  });

  test('to a server whose certificate is for another host', async () => {
    const other = selfSigned('other.example');
    registry = await HostileServer.start(serving(scene.image), other);
    vouchFor(other);

    expect((await scene.failure({ origins: { [NAME]: registry.origin } })).message)
      .toBe(`${READING}the certificate is not valid (ERR_TLS_CERT_ALTNAME_INVALID)`);
  });

  test('to a server that speaks plain HTTP instead of TLS', async () => {
    registry = await HostileServer.start(serving(scene.image));

    expect((await scene.failure({ origins: { [NAME]: registry.origin.replace('http:', 'https:') } })).message)
      .toMatch(new RegExp(`^${READING}the connection failed \\(\\w+\\)`));
  });
});

describe('nothing leads from TLS to plain HTTP', () => {
  /** A registry over TLS that has no images and answers all other requests like this. */
  async function leading(status: number): Promise<void> {
    registry = await HostileServer.start(({ method }, response) => {
      response.writeHead(method === 'HEAD' ? 404 : status, { location: scene.trap.origin }).end();
    }, own);
    vouchFor(own);
  }

  afterEach(() => expect(scene.trap.connections).toBe(0));

  test.each([301, 302, 303, 307, 308])('by a redirect (%i)', async status => {
    await leading(status);

    expect((await scene.failure({ origins: { [NAME]: registry.origin, trap: scene.trap.origin } })).message)
      .toBe(`${READING}it redirects from https to an insecure address`);
  });

  test('by the location of an upload', async () => {
    await scene.close();
    scene = await Scene.open({}, 'destination');
    Object.assign(scene.resolver, { names: { localhost: [['127.0.0.1']] } });
    await leading(202);

    expect((await scene.failure({ origins: { [NAME]: registry.origin, trap: scene.trap.origin } })).message)
      .toMatch(/^could not upload the blob at the destination .*: it redirects from https to an insecure address$/);
  });

  test('by a token endpoint', async () => {
    registry = await HostileServer.start((_, response) => {
      response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${registry.host}/token"` }).end();
    }, own);
    vouchFor(own);

    expect((await scene.failure({ origins: { [NAME]: registry.origin } })).message).toBe(`${READING}its token endpoint is not on https`);
  });
});
