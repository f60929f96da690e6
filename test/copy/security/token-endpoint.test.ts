import { HostileServer } from '../../helpers/hostile';
import { NAME, Scene, carriesPassword } from '../../helpers/hostile-scene';
import { Fault } from '../../helpers/registry-faults';

let scene: Scene;
afterEach(async () => scene.close());

const READING = `could not read the manifest from the source ${NAME}/assets:abc: `;

/** A registry that answers every request with a bearer challenge for this endpoint. */
async function challengedTo(realm: string): Promise<string> {
  scene = await Scene.open({ bearerRealm: () => realm });
  return (await scene.failure()).message;
}

describe('the password is not sent to a wrong token endpoint', () => {
  const elsewhere = (host: string) => `its token endpoint is on another host (${host}); it gets the password only when it is given as tokenHost`;
  const nameless = (address: string) => `its token endpoint has an address for a name (${address})`;
  const nowhere = 'it asks for a bearer token without saying where to get it';
  const insecure = 'its token endpoint is not on https';

  test.each([
    ['on plain http', 'http://auth.registry.example/token', insecure],
    ['on plain http at loopback', 'http://127.0.0.1:9/token', insecure],
    ['on an address', 'https://8.8.8.8/token', nameless('8.8.8.8')],
    ['on the metadata address', 'https://169.254.169.254/token', nameless('169.254.169.254')],
    ['on loopback', 'https://127.0.0.1/token', nameless('127.0.0.1')],
    ['on loopback, short', 'https://127.1/token', nameless('127.0.0.1')],
    ['on loopback, as one number', 'https://2130706433/token', nameless('127.0.0.1')],
    ['on loopback, octal', 'https://0177.0.0.01/token', nameless('127.0.0.1')],
    ['on loopback, hexadecimal', 'https://0x7f000001/token', nameless('127.0.0.1')],
    ['on loopback, with a dot at the end', 'https://127.0.0.1./token', nameless('127.0.0.1')],
    ['on loopback, IPv6', 'https://[::1]/token', nameless('[::1]')],
    ['on loopback, IPv4 in IPv6', 'https://[::ffff:127.0.0.1]/token', nameless('[::ffff:7f00:1]')],
    ['on the metadata address, IPv6', 'https://[fd00:ec2::254]/token', nameless('[fd00:ec2::254]')],
    ['on a private address', 'https://10.0.0.1/token', nameless('10.0.0.1')],
    ['on another domain', 'https://evil.example/token', elsewhere('evil.example')],
    ['on a domain that begins with the name of the registry', 'https://registry.example.evil.example/token', elsewhere('registry.example.evil.example')],
    ['on a domain that ends with the name of the registry', 'https://evil-registry.example/token', elsewhere('evil-registry.example')],
    ['on a subdomain of the registry', 'https://evil.registry.example/token', elsewhere('evil.registry.example')],
    ['on another port of the registry', 'https://registry.example:8443/token', elsewhere('registry.example:8443')],
    ['on the name with a dot at the end', 'https://registry.example./token', elsewhere('registry.example.')],
    ['on a name that looks the same', 'https://xn--registr-6fi.example/token', elsewhere('xn--registr-6fi.example')],
    ['on a name with letters that no name has', 'https://registr\u00ff\u0083.example/token', nowhere],
    ['with the name in its path', 'https://evil.example/registry.example/token', elsewhere('evil.example')],
    ['with the name in its query', 'https://evil.example?registry.example/token', elsewhere('evil.example')],
    ['with the name in its fragment', 'https://evil.example#registry.example/token', elsewhere('evil.example')],
    ['with the name behind a backslash', 'https://evil.example\\@registry.example/token', elsewhere('evil.example')],
    ['with the name as its user', 'https://registry.example@evil.example/token', 'its token endpoint has credentials in the address'],
    ['with user and password', 'https://registry.example:x@evil.example/token', 'its token endpoint has credentials in the address'],
    ['with an empty user and a password', 'https://:x@registry.example/token', 'its token endpoint has credentials in the address'],
    ['of the token host of another registry', 'https://auth.docker.io/token', elsewhere('auth.docker.io')],
    ['in a file', 'file:///etc/passwd', insecure],
    ['on ftp', 'ftp://registry.example/token', insecure],
    ['in the address itself', 'data:application/json,{}', insecure],
    ['in a script', 'javascript:0', insecure],
    ['without a scheme', '//evil.example/token', nowhere],
    ['without a host', '/token', nowhere],
    ['nowhere', '', nowhere],
  ])('%s', async (_, realm, reason) => {
    expect(await challengedTo(realm)).toBe(READING + reason);

    expect(scene.strangers).toEqual([]);
    expect(scene.registry.count('GET token')).toBe(0);
  });

  test('on a server of the loopback interface that really listens', async () => {
    scene = await Scene.open({ bearerRealm: () => `${scene.trap.origin}/token` });

    expect((await scene.failure()).message).toBe(READING + insecure);
    expect(scene.trap.connections).toBe(0);
  });

  test.each([
    ['loopback', [['127.0.0.1']]],
    ['loopback, IPv6', [['::1']]],
    ['the metadata address', [['169.254.169.254']]],
    ['a public and a private address', [['8.8.8.8', '10.0.0.1']]],
  ])('on the name of the registry, if the name leads to %s', async (_, addresses) => {
    scene = await Scene.open({ bearerRealm: () => `https://${NAME}/token` });
    Object.assign(scene.resolver, { names: { [NAME]: addresses } });

    expect((await scene.failure()).message).toBe(`${READING}${NAME} is not at a public address, and only public addresses are allowed`);
    expect(scene.resolver.asked).toEqual([NAME]);
  });
});

describe('a token endpoint that redirects is not followed', () => {
  const redirects = [301, 302, 303, 307, 308].flatMap(status => ['/elsewhere', 'https://evil.example/', 'TRAP'].map(location => ({ status, location })));

  test.each(redirects)('$status to $location', async ({ status, location }) => {
    scene = await Scene.open({ bearerRealm: origin => `${origin}/token` });
    scene.registry.fail('GET token', { status, headers: { location: location.replace('TRAP', `${scene.trap.origin}/`) } }, { times: 99 });

    expect((await scene.failure()).message).toBe(`${READING}it redirects, which is not allowed here`);

    expect(scene.trap.connections).toBe(0);
    expect(scene.strangers).toEqual([]);
  });
});

describe('a bearer challenge', () => {
  test('cannot extend the requested scope', async () => {
    scene = await Scene.open({ bearerRealm: origin => `${origin}/token` });
    const realm = `${scene.registry.origin}/token?scope=repository:other:pull,push`;
    const header = `Bearer realm="${realm}",service="x&scope=registry:catalog:*",scope="repository:third:push"`;
    scene.registry.fail('GET manifest', { status: 401, headers: { 'www-authenticate': header } });

    await scene.copy();

    const [{ url }] = scene.registry.requests.filter(({ kind }) => kind === 'GET token');
    const query = new URL(url, scene.registry.origin).searchParams;
    // Parameters of the registry in its own address return to itself; the scope is always ours.
    expect(query.getAll('scope')).toEqual(['repository:other:pull,push', 'repository:assets:pull']);
    expect(query.get('service')).toBe('x&scope=registry:catalog:*');
  });

  test.each<[string, Fault]>([
    ['without a scheme', { status: 401, headers: { 'www-authenticate': '' } }],
    ['with a scheme that we do not speak', { status: 401, headers: { 'www-authenticate': 'Negotiate' } }],
    ['with a scheme that would send the password in another form', { status: 401, headers: { 'www-authenticate': 'Digest realm="x",nonce="y"' } }],
    ['of sixty kilobytes', { status: 401, headers: { 'www-authenticate': `Bearer ${'x="y",'.repeat(10_000)}` } }],
    ['with a name of the language', { status: 401, headers: { 'www-authenticate': 'Bearer __proto__="x",constructor="y"' } }],
  ])('%s is treated as a rejection', async (_, fault) => {
    scene = await Scene.open();
    scene.registry.fail('GET manifest', fault, { times: 99 });

    expect((await scene.failure()).message).toMatch(/: (?:the registry answered 401 UNKNOWN \(scripted fault\)|it asks for a bearer token without saying where to get it)$/);
  });

  test.each([
    ['first', (origin: string) => `Bearer realm="${origin}/token",service="s", Basic realm="Registry"`],
    ['last', (origin: string) => `Basic realm="Registry", Bearer realm="${origin}/token",service="s"`],
  ])('with two schemes (the token %s) is answered with one of them', async (_, header) => {
    scene = await Scene.open({ bearerRealm: origin => `${origin}/token` });
    scene.registry.fail('GET manifest', { status: 401, headers: { 'www-authenticate': header(scene.registry.origin) } });

    await expect(scene.copy()).resolves.toMatchObject({ streamed: 2 });
  });

  test('of the registry is answered with the password only at its token endpoint', async () => {
    scene = await Scene.open({ bearerRealm: origin => `${origin}/token` });

    await scene.copy();

    expect(scene.registry.requests.filter(request => carriesPassword(request)).map(({ kind }) => kind)).toEqual(['GET manifest', 'GET token']);
    expect(carriesPassword(scene.peer.requests)).toBe(false);
  });
});

describe('a token', () => {
  test.each([
    ['with a line break', { token: 'a\r\nX-Evil: 1' }],
    ['with a letter that no header takes', { token: 'tokén' }],
    ['with a zero byte', { token: 'a\u0000b' }],
    ['that is empty', { token: '' }],
    ['that is a number', { token: 1 }],
    ['that is a list', { token: ['a'] }],
    ['that is not there', {}],
    ['that is only inherited', JSON.parse('{"__proto__":{"token":"inherited"}}')],
  ])('%s is not accepted', async (_, body) => {
    scene = await Scene.open();
    const registry = await HostileServer.start(({ url = '' }, response) => {
      if (url.startsWith('/token')) response.end(JSON.stringify(body));
      else response.writeHead(401, { 'www-authenticate': `Bearer realm="${registry.origin}/token"` }).end();
    });

    expect((await scene.failure({ origins: { [NAME]: registry.origin } })).message).toBe(`${READING}its token endpoint answered without a token (tried 3 times)`);

    expect(registry.caught.filter(({ headers }) => headers['x-evil'] !== undefined || headers.authorization?.startsWith('Bearer'))).toEqual([]);
    await registry.stop();
  });
});
