import { TestRegistry } from '../helpers/registry';
import { TestClock } from '../helpers/registry-clock';
import { Registries, failureOf, live, passwordFor, rightful } from '../helpers/registry-copy';
import { image, index, layer } from '../helpers/registry-images';
import { expectNoLeak, expectWhole } from '../helpers/registry-laws';
import { arrive, originsOf } from '../helpers/registry-names';
import { acr, gar, hub, website } from '../helpers/registry-profiles';

// Special behavior of the registries of Google, Azure and Docker, and of hosts that are not registries.
const registries = new Registries();
afterEach(async () => {
  jest.restoreAllMocks();
  await registries.stop();
});

const web = image('web', [layer('base', 100_000), layer('app')]);
let clock: TestClock;
// Minutes pass for a registry while no request is stalled.
let calendar: TestClock;
let plain: TestRegistry;

beforeEach(async () => {
  [clock, calendar] = [new TestClock(), new TestClock()];
  plain = await registries.start();
});

async function copy(from: TestRegistry, to: TestRegistry, what = web, credentials = rightful(from, to)) {
  return registries.copy(from.add('assets', what, 'abc'), to, { clock, credentials });
}

function expectCopied(registry: TestRegistry): void {
  expectWhole(registry.repository('team/web'), web, ...live(web.digest).map(({ name }) => name));
}

describe('Google Artifact Registry', () => {
  test('receives every layer in one piece, and its long URLs and headers are accepted', async () => {
    const google = await registries.start({ profile: gar({ clock }) });

    await copy(plain, google);

    expectCopied(google);
    expect(google.requests.filter(({ kind }) => kind === 'PUT upload').every(({ url }) => url.length > 7000)).toBe(true);
    expect(google.count('PATCH upload')).toBe(0);
  });

  test('gets a new token after the old one expired, after an hour', async () => {
    const google = await registries.start({ profile: gar({ clock: calendar }) });
    google.when('PUT upload', () => calendar.advance(2 * 3600 * 1000));

    await copy(plain, google);

    expectCopied(google);
    expect(google.count('GET token')).toBe(2);
  });

  test('gets the password only at its token endpoint', async () => {
    const google = await registries.start({ profile: gar({ clock }) });

    await copy(google, plain);

    const shown = google.requests.slice(1).filter(({ headers }) => headers.authorization?.startsWith('Basic'));
    expect(shown.map(({ url }) => url.split('?')[0])).toEqual(['/v2/token']);
    expectNoLeak(google, plain);
  });
});

describe('Azure Container Registry', () => {
  test('loses an upload with its connection, and receives it again from the first byte', async () => {
    const azure = await registries.start({ profile: acr({ clock }) });
    azure.fail('PUT upload', 'reset in the upload');

    await expect(copy(plain, azure)).resolves.toMatchObject({ streamed: 3 });

    expectCopied(azure);
    expect([azure.count('POST upload'), azure.count('PUT upload')]).toEqual([4, 4]);
  });

  test('asks for a pause with Retry-After, and gets no request until then', async () => {
    const azure = await registries.start({ profile: acr({ clock, bears: { requests: 5, seconds: 15 } }) });

    await copy(plain, azure);

    expectCopied(azure);
    expect(Math.max(...clock.sleeps)).toBe(15_000);
    expect(azure.requests.filter(({ status }) => status === 429).length).toBeLessThanOrEqual(8);
  });

  test('mounts with a token for both repositories', async () => {
    const azure = await registries.start({ profile: acr({ clock }) });

    await expect(copy(azure, azure)).resolves.toMatchObject({ mounted: 3, streamed: 0 });

    expect(azure.requests.filter(({ kind }) => kind === 'GET token').at(-1)?.url)
      .toContain('scope=repository%3Ateam%2Fweb%3Apull%2Cpush&scope=repository%3Aassets%3Apull');
  });
});

describe('Docker Hub', () => {
  test('allows anonymous pulls', async () => {
    const docker = await registries.start({ profile: hub({ clock }) });

    await copy(docker, plain, web, passwordFor('nobody.example', 'a:b'));

    expectCopied(plain);
  });

  test('rejects anonymous pushes, and the message says so', async () => {
    const docker = await registries.start({ profile: hub({ clock }) });

    await expect(copy(plain, docker, web, passwordFor('nobody.example', 'a:b')))
      .rejects.toThrow(/^could not .* at the destination .*\/team\/web.*: the registry answered 401 UNAUTHORIZED/);
    expect(docker.repository('team/web').manifests.size).toBe(0);
  });

  test('has tokens that expire after five minutes, and are renewed in the middle of a copy', async () => {
    const docker = await registries.start({ profile: hub({ clock: calendar }) });
    docker.when('GET blob', () => calendar.advance(301_000), { nth: 2 });

    await copy(docker, plain);

    expectCopied(plain);
    expect(docker.count('GET token')).toBe(2);
  });

  test('has its token endpoint on another host, which is known and gets the password', async () => {
    const tokens = await registries.start({ profile: hub({ clock }) });
    const docker = await registries.start({ profile: hub({ clock, tokenService: 'https://auth.docker.io' }) });
    arrive('auth.docker.io', tokens);
    const reference = { ...docker.add('library/web', web, 'abc'), host: 'registry-1.docker.io' };

    await registries.copy(reference, plain, {
      clock, credentials: passwordFor('registry-1.docker.io', 'me:hub-canary'), origins: originsOf({ 'registry-1.docker.io': docker }, tokens, plain),
    });

    expectCopied(plain);
    expect(tokens.requests.map(({ kind, headers }) => [kind, headers.authorization?.split(' ')[0]])).toEqual([['GET token', 'Basic']]);
  });

  test('is the only registry whose password is sent to that host', async () => {
    const docker = await registries.start({ profile: hub({ clock, tokenService: 'https://auth.docker.io' }) });

    await expect(copy(docker, plain)).rejects.toThrow('its token endpoint is on another host (auth.docker.io); it gets the password only when');
  });

  test('rejects a wrong password at the token endpoint, and no message shows the password', async () => {
    const docker = await registries.start({ profile: hub({ clock }) });

    const failure = await failureOf(copy(docker, plain, web, passwordFor(docker.host, 'me:wrong-canary')));

    expect(failure.message).toMatch(/^could not read the manifest from the source .*: its token endpoint answered 401$/);
    expect(JSON.stringify(failure) + failure.stack).not.toContain('wrong-canary');
  });

  test('limits pulls, and if the wait is longer than the remaining time, the message says how long', async () => {
    const docker = await registries.start({ profile: hub({ clock, bears: { requests: 2, seconds: 60 } }) });
    const reference = docker.add('assets', index([web]), 'abc');

    const failure = await failureOf(registries.copy(reference, plain, { clock, deadline: clock.now() + 30_000, credentials: rightful(docker) }));

    expect(failure.message).toMatch(/answered 429 TOOMANYREQUESTS \(you have reached your rate limit\), and no time is left to wait \d+ s and try again$/);
  });
});

describe('a token with too few permissions', () => {
  test('is requested once more, and then the copy fails', async () => {
    const docker = await registries.start({ profile: hub({ clock }) });

    await failureOf(copy(plain, docker, web, passwordFor('nobody.example', 'a:b')));

    expect(docker.count('GET token')).toBeLessThanOrEqual(8);
  });
});

describe('a host that is not a registry', () => {
  test('is reported as a web page if it has one for every path', async () => {
    const site = await registries.start({ profile: website(200) });

    await expect(copy(site, plain)).rejects.toThrow(
      `could not read the manifest from the source ${site.host}/assets:abc: the manifest is a web page: is this the host of a registry?`,
    );
  });

  test('is reported as the destination too, before anything is sent to it', async () => {
    const site = await registries.start({ profile: website(200) });

    await expect(copy(plain, site)).rejects.toThrow(/^could not (?:look up|read) the manifest at the destination .*: the manifest is a web page/);
    expect(site.count('POST upload', 'PUT manifest')).toBe(0);
  });

  test('is named in the message if it has a page for no path', async () => {
    const site = await registries.start({ profile: website(404) });

    await expect(copy(site, plain)).rejects.toThrow(`could not read the manifest from the source ${site.host}/assets:abc: the registry answered 404`);
    await expect(copy(plain, site)).rejects.toThrow(/^could not upload the blob at the destination .*\/team\/web@.*: the registry answered 404 \(a web page: is this the host of a registry\?\)$/);
  });

  test('that redirects to a login page gets no password there', async () => {
    const page = await registries.start({ profile: website(200) });
    const site = await registries.start({ basic: 'me:site-canary' });
    site.fail('GET manifest', { status: 302, headers: { location: `${page.origin}/login` } }, { times: 99 });

    await expect(copy(site, plain)).rejects.toThrow('the manifest is a web page');
    expect(page.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
    expectNoLeak(page, site);
  });
});
