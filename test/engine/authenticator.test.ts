import { Authenticator } from '../../src/engine/auth';
import { Failure } from '../../src/engine/errors';
import { HttpRequest, HttpResponse, HttpTransport } from '../../src/engine/http';
import { HostileServer } from '../helpers/hostile';
import { TestClock } from '../helpers/registry-clock';

let server: HostileServer;
let transport: Recording;
afterEach(async () => {
  transport.close();
  await server.stop();
});

/** Records requests. Those to another host than the server fail. */
class Recording extends HttpTransport {
  public readonly sent: HttpRequest[] = [];

  public override async send(request: HttpRequest): Promise<HttpResponse> {
    this.sent.push({ ...request, url: new URL(request.url) });
    if (request.url.origin !== server.origin) throw new Failure('not in this test');
    return super.send(request);
  }
}

async function open(password?: string): Promise<Authenticator> {
  let tokens = 0;
  server = await HostileServer.start((_, response) => response.end(JSON.stringify({ token: `token-${++tokens}` })));
  transport = new Recording({ clock: new TestClock(), trusted: [server.origin] });
  return new Authenticator({
    host: 'registry.example', origin: new URL('https://registry.example'), scopes: [], transport, clock: new TestClock(),
    provider: { credentialsFor: async () => password === undefined ? undefined : { username: 'me', password } },
  });
}

const challenge = (more = '', realm = `${server.origin}/token`) => `Bearer realm="${realm}"${more}`;

describe('a token for the target of a redirect', () => {
  const target = () => new URL('/v2/mirror/manifests/abc', server.origin);

  test('is anonymous, and for exactly the scopes that the target names', async () => {
    const authenticator = await open('password');
    await authenticator.guestAuthorization(target(), challenge(',service="s",scope="repository:a:pull  repository:b:pull "'));
    await authenticator.guestAuthorization(target(), challenge());

    expect(transport.sent.map(({ url: { search }, headers }) => [search, headers])).toEqual([
      ['?service=s&scope=repository%3Aa%3Apull&scope=repository%3Ab%3Apull', {}], ['', {}],
    ]);
  });

  test('is kept for the same challenge of the same origin', async () => {
    const authenticator = await open();
    const ask = async (url: URL, header: string, refused?: string) => authenticator.guestAuthorization(url, header, refused);

    expect(await ask(target(), challenge(',scope="a"'))).toBe('Bearer token-1');
    expect(await ask(new URL('/other', server.origin), challenge(',scope="a"'))).toBe('Bearer token-1');
    expect(await ask(target(), challenge(',scope="b"'))).toBe('Bearer token-2');
    expect(await ask(target(), challenge(',scope="a"'))).toBe('Bearer token-1');
    await expect(ask(new URL('https://mirror.example/'), challenge(',scope="a"'))).rejects.toThrow('its token endpoint is not on https');
  });

  test('is replaced if it was refused', async () => {
    const authenticator = await open();
    expect(await authenticator.guestAuthorization(target(), challenge())).toBe('Bearer token-1');
    expect(await authenticator.guestAuthorization(target(), challenge(), 'Bearer token-1')).toBe('Bearer token-2');
    expect(await authenticator.guestAuthorization(target(), challenge(), 'Bearer token-1')).toBe('Bearer token-2');
    expect(await authenticator.guestAuthorization(target(), challenge(',scope="b"'), 'Bearer token-1')).toBe('Bearer token-3');
  });

  test('can come from any host on https, because no password is sent', async () => {
    const authenticator = await open('password');
    await expect(authenticator.guestAuthorization(target(), challenge('', 'https://tokens.example/'))).rejects.toThrow('not in this test');
    expect(transport.sent).toMatchObject([{ method: 'GET', headers: {} }]);
  });

  test.each([undefined, 'Basic realm="x"', 'Negotiate'])('is not requested if the target does not ask for one: %s', async header => {
    const authenticator = await open('password');
    expect(await authenticator.guestAuthorization(target(), header)).toBeUndefined();
    expect(transport.sent).toEqual([]);
  });
});

test.each(['p.a$s+w(o)r[d]', '^{12}|*?\\', 'Large-Small'])('the password %s is removed from texts in any case, and nothing else', async password => {
  const authenticator = await open(password);
  await authenticator.authorization();
  expect(authenticator.redact(`a ${password} b ${password.toUpperCase()} c ${encodeURIComponent(password)} paasswordd`)).toBe('a *** b *** c *** paasswordd');
});
