import { TokenSeeker, tokenEndpoint } from '../../src/engine/auth';
import { CopyHooks } from '../../src/engine/contract';
import { Failure } from '../../src/engine/errors';
import { TestRegistry } from '../helpers/registry';
import { TestClock } from '../helpers/registry-clock';
import { Registries, live, passwordFor } from '../helpers/registry-copy';
import { image } from '../helpers/registry-images';
import { expectWhole } from '../helpers/registry-laws';
import { arrive, originsOf } from '../helpers/registry-names';
import { hub } from '../helpers/registry-profiles';

const registries = new Registries();
afterEach(async () => {
  jest.restoreAllMocks();
  await registries.stop();
});

const web = image('web');
const clock = new TestClock();
let plain: TestRegistry;
beforeEach(async () => { plain = await registries.start(); });

describe('a registry with a token endpoint on another host', () => {
  let tokens: TestRegistry;
  let vendor: TestRegistry;
  beforeEach(async () => {
    tokens = await registries.start({ profile: hub({ clock }) });
    vendor = await registries.start({ profile: hub({ clock, tokenService: 'https://tokens.vendor.example' }) });
    arrive('tokens.vendor.example', tokens);
  });

  const mirror = async (hooks: Partial<CopyHooks>) => registries.copy(vendor.add('library/web', web, 'abc'), plain, {
    clock, origins: originsOf({}, vendor, tokens, plain), ...hooks,
  });
  const shown = () => tokens.requests.map(({ headers }) => headers.authorization?.split(' ')[0]);

  test('can be read anonymously, because there is no secret', async () => {
    await mirror({});

    expectWhole(plain.repository('team/web'), web, live(web.digest)[0].name);
    expect(shown()).toEqual([undefined]);
  });

  test('does not get the password at that host', async () => {
    await expect(mirror({ credentials: passwordFor(vendor.host, 'me:hub-canary') })).rejects
      .toThrow('its token endpoint is on another host (tokens.vendor.example); it gets the password only when it is given as tokenHost');
    expect(shown()).toEqual([]);
  });

  test('gets the password at that host if the user allows it', async () => {
    await mirror({ credentials: passwordFor(vendor.host, 'me:hub-canary'), tokenHosts: { source: 'tokens.vendor.example' } });

    expectWhole(plain.repository('team/web'), web, live(web.digest)[0].name);
    expect(shown()).toEqual(['Basic']);
  });

  test('does not get the password at that host if the user allows it for the other side', async () => {
    await expect(mirror({ credentials: passwordFor(vendor.host, 'me:hub-canary'), tokenHosts: { destination: 'tokens.vendor.example' } })).rejects
      .toThrow('its token endpoint is on another host (tokens.vendor.example)');
    expect(shown()).toEqual([]);
  });
});

describe('the token endpoint of a registry', () => {
  const endpoint = (realm: string | undefined, seeker: Partial<TokenSeeker> = {}) => tokenEndpoint(realm, {
    host: 'registry.example', origin: new URL('https://registry.example'), isAnonymous: false, ...seeker,
  }).href;
  const docker: Partial<TokenSeeker> = { host: 'registry-1.docker.io', origin: new URL('https://registry-1.docker.io') };
  const gitlab: Partial<TokenSeeker> = { host: 'registry.gitlab.com', origin: new URL('https://registry.gitlab.com') };
  const local: Partial<TokenSeeker> = { host: 'registry.example', origin: new URL('http://127.0.0.1:5000') };

  test.each<[string, Partial<TokenSeeker>]>([
    ['https://registry.example/token?a=b', {}], ['http://127.0.0.1:5000/token', local], ['https://registry.example/token', local],
    ['https://auth.docker.io/token', docker], ['https://gitlab.com/jwt/auth', gitlab], ['https://tokens.example/', { tokenHost: 'tokens.example' }],
    ['https://tokens.example:8443/', { tokenHost: 'tokens.example:8443' }], ['https://anything.example/', { isAnonymous: true }],
  ])('can be %s', (realm, seeker) => {
    expect(endpoint(realm, seeker)).toBe(realm);
  });

  test.each<[string | undefined, Partial<TokenSeeker>, string]>([
    [undefined, {}, 'it asks for a bearer token without saying where to get it'], ['/token', {}, 'it asks for a bearer token without saying where to get it'],
    ['https://bob@registry.example/', {}, 'its token endpoint has credentials in the address'], ['https://:secret@registry.example/', {}, 'its token endpoint has credentials in the address'],
    ['http://registry.example/', {}, 'its token endpoint is not on https'], ['http://anything.example/', { isAnonymous: true }, 'its token endpoint is not on https'],
    ['https://8.8.8.8/', { isAnonymous: true }, 'its token endpoint has an address for a name (8.8.8.8)'], ['https://[2606:4700::1111]:8443/', {}, 'its token endpoint has an address for a name ([2606:4700::1111]:8443)'],
    ['https://auth.docker.io/', {}, 'its token endpoint is on another host (auth.docker.io); it gets the password only when it is given as tokenHost'],
    ['https://gitlab.com/', docker, 'its token endpoint is on another host (gitlab.com)'], ['https://tokens.example:8443/', { tokenHost: 'tokens.example' }, 'its token endpoint is on another host (tokens.example:8443)'],
    [`https://${'a.'.repeat(60)}example/`, {}, 'its token endpoint is on another host (a text of 127 characters)'],
  ])('cannot be %s (%j)', (realm, seeker, reason) => {
    expect(() => endpoint(realm, seeker)).toThrow(Failure);
    expect(() => endpoint(realm, seeker)).toThrow(reason);
  });
});
