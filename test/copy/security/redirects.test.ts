import { HostileServer, serving } from '../../helpers/hostile';
import { NAME, PASSWORD, Scene, carriesPassword } from '../../helpers/hostile-scene';
import { attached, describeImage } from '../../helpers/registry-artifacts';
import { RequestKind } from '../../helpers/registry-faults';
import { TestImage, image, layer, manifest, sha256 } from '../../helpers/registry-images';

let scene: Scene;
let others: HostileServer[] = [];
afterEach(async () => {
  await Promise.all([scene.close(), ...others.splice(0).map(async other => other.stop())]);
});

/** Another server that the caller trusts, so that only the rules for credentials protect the caller from it. */
async function neighbour(...parameters: Parameters<typeof HostileServer.start>): Promise<HostileServer> {
  const server = await HostileServer.start(...parameters);
  others.push(server);
  return server;
}

const redirect = (location: string, status = 307) => ({ status, headers: { location } });

const PRIVATE = 'is not at a public address, and only public addresses are allowed';

/** Targets to which a registry may try to redirect us, and why we do not follow. */
const TRAPS: readonly (readonly [string, string, string])[] = [
  ['a server of loopback', 'TRAP/x', PRIVATE],
  ['the metadata of the machine', 'http://169.254.169.254/latest/meta-data/', PRIVATE],
  ['the credentials of the container', 'http://169.254.170.2/v2/credentials', PRIVATE],
  ['the metadata over IPv6', 'http://[fd00:ec2::254]/latest/meta-data/', PRIVATE],
  ['loopback as one number', 'https://2130706433/', PRIVATE],
  ['loopback in octal digits', 'https://0177.0.0.1/', PRIVATE],
  ['loopback in hexadecimal digits', 'https://0x7f.0.0.1/', PRIVATE],
  ['loopback over IPv6', 'https://[::1]/', PRIVATE],
  ['loopback as IPv4 in IPv6', 'https://[::ffff:127.0.0.1]/', PRIVATE],
  ['loopback as IPv4 in IPv6, the other way', 'https://[::127.0.0.1]/', PRIVATE],
  ['a private network', 'https://192.168.0.1/', PRIVATE],
  ['the network of a carrier', 'https://100.64.0.1/', PRIVATE],
  ['no address at all', 'https://0.0.0.0/', PRIVATE],
  ['a name that is resolved to the metadata address', 'https://metadata.example/', PRIVATE],
  ['a name that is resolved to a public and a private address', 'https://both.example/', PRIVATE],
  ['the name of loopback', 'https://localhost/', PRIVATE],
  ['an address with a user', 'https://user@evil.example/', 'it sent a Location with credentials in it'],
  ['an address with a password', 'https://:password@evil.example/', 'it sent a Location with credentials in it'],
  ['a file', 'file:///etc/passwd', 'it redirects from https to an insecure address'],
  ['a script', 'javascript:0', 'it redirects from https to an insecure address'],
  ['ftp', 'ftp://evil.example/', 'it redirects from https to an insecure address'],
  ['an invalid address', 'https://[', 'it sent a Location that is no address'],
];

function knowTraps(): void {
  Object.assign(scene.resolver, {
    names: { [NAME]: [['127.0.0.1']], 'metadata.example': [['169.254.169.254']], 'both.example': [['8.8.8.8', '10.0.0.1']], 'localhost': [['127.0.0.1']] },
  });
}

describe.each<RequestKind>(['GET manifest', 'GET blob'])('a redirected %s is not followed to', kind => {
  test.each(TRAPS)('%s', async (_, location, reason) => {
    scene = await Scene.open();
    knowTraps();
    scene.registry.fail(kind, redirect(location.replace('TRAP', scene.trap.origin)), { times: 99 });

    expect((await scene.failure()).message).toMatch(new RegExp(`^could not read the ${kind.slice(4)} from the source ${NAME}/assets\\S+: .*${reason}$`));

    expect(scene.trap.connections).toBe(0);
    expect(scene.peer.repository('team/web').tags.size).toBe(0);
  });
});

describe('an upload is not sent to', () => {
  test.each(TRAPS)('%s', async (_, location, reason) => {
    scene = await Scene.open({ basic: `me:${PASSWORD}` }, 'destination');
    knowTraps();
    scene.registry.fail('POST upload', { status: 202, headers: { location: location.replace('TRAP', scene.trap.origin) } }, { times: 99 });

    expect((await scene.failure()).message).toMatch(new RegExp(`^could not upload the blob at the destination ${NAME}/team/web@\\S+: .*${reason}$`));

    expect(scene.trap.connections).toBe(0);
  });
});

describe('a write is never redirected', () => {
  test.each<RequestKind>(['POST upload', 'PUT upload', 'PUT manifest'])('%s', async kind => {
    scene = await Scene.open({}, 'destination');
    const other = await neighbour();
    scene.registry.fail(kind, redirect(`${other.origin}/elsewhere`), { times: 99 });

    const { message } = await scene.failure({ origins: { 'other.example': other.origin } });

    expect(message).toMatch(new RegExp(`: it redirects a ${kind.split(' ')[0]} request$`));
    expect(other.connections).toBe(0);
  });
});

describe('the number of redirects', () => {
  const hops = (count: number) => {
    for (let hop = 1; hop <= count; hop++) scene.registry.fail('GET manifest', redirect(`/v2/assets/manifests/abc?hop=${hop}`));
  };

  test.each([1, 5])('%i is followed', async count => {
    scene = await Scene.open();
    hops(count);

    await expect(scene.copy()).resolves.toMatchObject({ streamed: 2 });
  });

  test.each([6, 50])('%i is too many', async count => {
    scene = await Scene.open();
    hops(count);

    expect((await scene.failure()).message).toMatch(/it redirects more than 5 times$/);
    expect(scene.registry.count('GET manifest')).toBe(6);
  });

  test('is limited, so a loop between two servers ends', async () => {
    scene = await Scene.open();
    const other = await neighbour((_, response) => response.writeHead(302, { location: `${scene.registry.origin}/v2/assets/manifests/abc` }).end());
    scene.registry.fail('GET manifest', redirect(other.origin), { times: 99 });

    expect((await scene.failure({ origins: { 'other.example': other.origin } })).message).toMatch(/it redirects more than 5 times$/);
    expect(other.caught).toHaveLength(3);
  });

  test.each([300, 304, 307])('status %i without a Location is an answer, not a redirect', async status => {
    scene = await Scene.open();
    scene.registry.fail('GET manifest', { status }, { times: 99 });

    expect((await scene.failure()).message).toMatch(new RegExp(`: the registry answered ${status}(?: UNKNOWN \\(scripted fault\\))?$`));
  });
});

describe('credentials after a redirect', () => {
  test.each([301, 302, 303, 307, 308])('are removed at another origin, and not sent again if it leads back (status %i)', async status => {
    scene = await Scene.open({ basic: `me:${PASSWORD}` });
    const blob = sha256(scene.image.blobs[0]);
    const other = await neighbour((_, response) => response.writeHead(status, { location: `${scene.registry.origin}/v2/assets/blobs/${blob}` }).end());
    scene.registry.fail('GET blob', redirect(`${other.origin}/away`, status), { times: 1 });

    const { message } = await scene.failure({ origins: { 'other.example': other.origin } });

    expect(message).toContain('the registry answered 401 UNAUTHORIZED');
    expect(other.caught).toHaveLength(1);
    expect(other.caught[0].headers.authorization).toBeUndefined();
    const back = scene.registry.requests.filter(({ kind, headers }) => kind === 'GET blob' && headers.authorization === undefined);
    expect(back.length).toBeGreaterThan(0);
  });

  test.each(['Basic realm="mine"', 'Bearer realm="ORIGIN/token"'])('are not sent to a redirect target that asks for them (%s)', async challenge => {
    scene = await Scene.open({ basic: `me:${PASSWORD}` });
    const other = await neighbour((_, response) => {
      response.writeHead(401, { 'www-authenticate': challenge.replace('ORIGIN', other.origin) }).end();
    });
    scene.registry.fail('GET blob', redirect(`${other.origin}/away`), { times: 99 });

    expect((await scene.failure({ origins: { 'other.example': other.origin } })).message).toMatch(/the registry answered 401$/);
    // An anonymous client can ask for a token, without a password.
    expect(other.caught.filter(({ url }) => !['/away', '/token'].includes(url ?? ''))).toEqual([]);
    expect(other.caught.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
    expect(carriesPassword(other.caught)).toBe(false);
  });

  test('are not sent if an upload continues on another server', async () => {
    scene = await Scene.open({ basic: `me:${PASSWORD}` }, 'destination');
    const other = await neighbour((_, response) => response.writeHead(201).end());
    scene.registry.fail('POST upload', { status: 202, headers: { location: `${other.origin}/put-it-here` } }, { times: 99 });

    await scene.failure({ origins: { 'other.example': other.origin } });

    expect(other.caught.map(({ method }) => method)).toContain('PUT');
    expect(carriesPassword(other.caught)).toBe(false);
  });
});

describe('headers of a registry', () => {
  test.each([
    ['Link', 'LINK; rel="next"'],
    ['Content-Location', 'LINK'],
    ['Refresh', '0; url=LINK'],
    ['Alt-Svc', 'h2="evil.example:443"'],
    ['Location', 'LINK'],
    ['OCI-Subject', 'LINK'],
  ])('%s is not followed', async (name, value) => {
    scene = await Scene.open();
    const registry = await neighbour(serving(scene.image, { [name]: value.replace('LINK', `<${scene.trap.origin}/x>`) }));

    await expect(scene.copy({ origins: { [NAME]: registry.origin } })).resolves.toMatchObject({ streamed: 2 });

    expect(scene.trap.connections).toBe(0);
    expect(scene.strangers).toEqual([]);
  });

  test('Set-Cookie is not sent back', async () => {
    scene = await Scene.open();
    const registry = await neighbour(serving(scene.image, { 'set-cookie': ['session=canary; Path=/', 'other=canary'] }));

    await scene.copy({ origins: { [NAME]: registry.origin } });

    expect(registry.caught.filter(({ headers }) => headers.cookie !== undefined)).toEqual([]);
  });
});

describe('a list of referrers with several pages', () => {
  const web = image('web');
  const signatures = ['first', 'second'].map(kind => attached(kind, web));
  const listing = (...images: readonly TestImage[]) => JSON.stringify({ schemaVersion: 2, manifests: images.map(describeImage) });

  /** The result for the referrers, if the registry says that the next page is at this address. */
  async function listed(link: (origin: string) => string): Promise<string | undefined> {
    scene = await Scene.open();
    const registry = await neighbour((request, response) => {
      const url = request.url ?? '';
      const served = [web, ...signatures].find(each => [each.digest, ...each.blobs.map(sha256)].some(digest => url.endsWith(digest)));
      if (url.endsWith(`/referrers/${web.digest}`)) response.writeHead(200, { link: link(registry.origin) }).end(listing(signatures[0]));
      else if (url.includes('more')) response.end(listing(signatures[1]));
      else if (url.includes('/referrers/')) response.end(listing());
      else if (served === undefined && !url.endsWith('/abc')) response.writeHead(404).end();
      else serving(served ?? web)(request, response);
    });
    return (await scene.copy({ origins: { [NAME]: registry.origin }, referrers: true })).referrers;
  }

  test.each([
    ['another server that is trusted', () => `<${others[0].origin}/v2/x?more>; rel="next"`],
    ['a server of loopback', () => `<${scene.trap.origin}/v2/x?more>; rel="next"`],
    ['another port of its own', (origin: string) => `<${new URL(origin).protocol}//${new URL(origin).hostname}:1/more>; rel="next"`],
    ['another scheme', (origin: string) => `<${origin.replace('http:', 'https:')}/more>; rel="next"`],
    ['no address', () => '<http://[>; rel="next"'],
  ])('at %s is read up to there, and the log says that it is incomplete', async (_, link) => {
    const other = await neighbour();

    expect(await listed(link)).toBe(`1 copied, 1 not copied: the rest of what refers to ${web.digest} (only a part of the list was read)`);

    expect([other.connections, scene.trap.connections]).toEqual([0, 0]);
    expect(scene.strangers).toEqual([]);
  });

  test.each([
    ['a path', () => '</v2/assets/referrers/more>; rel="next"'],
    ['a query', () => '<?more>; rel=next'],
    ['a whole address', (origin: string) => `<${origin}/v2/assets/referrers/more> ; rel="next"`],
    ['one of several links', () => '</x>; rel="prev", <?more>; rel="next"'],
  ])('at %s of its own is read to its end', async (_, link) => {
    expect(await listed(link)).toBe('2 copied');
  });
});

describe('the urls of a layer are never fetched', () => {
  const bytes = layer('foreign');
  const entry = (mediaType: string, urls: readonly string[]) => ({ mediaType, digest: sha256(bytes), size: bytes.length, urls });
  const offer = (mediaType: string) => {
    const { blobs: [config] } = scene.image;
    const described = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(config), size: config.length };
    const urls = [`${scene.trap.origin}/layer`, 'https://evil.example/layer'];
    scene.offer(manifest('application/vnd.oci.image.manifest.v1+json', { config: described, layers: [entry(mediaType, urls)] }, [config]));
  };

  test('for a nondistributable layer, which is omitted', async () => {
    scene = await Scene.open();
    offer('application/vnd.oci.image.layer.nondistributable.v1.tar+gzip');

    await expect(scene.copy()).resolves.toMatchObject({ streamed: 1 });

    expect([scene.trap.connections, scene.strangers]).toEqual([0, []]);
  });

  test('for an ordinary layer, which must be in the registry', async () => {
    scene = await Scene.open();
    offer('application/vnd.oci.image.layer.v1.tar+gzip');

    expect((await scene.failure()).message).toContain('the registry answered 404 BLOB_UNKNOWN');

    expect([scene.trap.connections, scene.strangers]).toEqual([0, []]);
  });
});
