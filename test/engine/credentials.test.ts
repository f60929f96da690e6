import { CredentialsProvider } from '../../src/engine/contract';
import { CopyError } from '../../src/engine/errors';
import { TestClock } from '../helpers/registry-clock';
import { Registries, failureOf, fixed, passwordFor } from '../helpers/registry-copy';
import { image, layer } from '../helpers/registry-images';

const registries = new Registries();
afterEach(async () => registries.stop());

const web = image('web', [layer('a'), layer('b'), layer('c'), layer('d'), layer('e')]);
const CANARY = 'password-canary';
const ENCODED = Buffer.from(`AWS:${CANARY}`).toString('base64');

test('known credentials are sent at once, so that an unchanged image needs only two requests', async () => {
  const registry = await registries.start({ basic: `AWS:${CANARY}` });
  const source = registry.add('assets', web, 'abc');
  const credentials = passwordFor(registry.host, `AWS:${CANARY}`);
  await registries.copy(source, registry, { credentials });
  const before = registry.count();

  await registries.copy(source, registry, { credentials });

  expect(registry.count() - before).toBe(2);
});

test('credentials of one registry are never sent to another', async () => {
  const [source, destination] = [await registries.start(), await registries.start({ basic: `AWS:${CANARY}` })];

  await registries.copy(source.add('assets', web, 'abc'), destination, { credentials: passwordFor(destination.host, `AWS:${CANARY}`) });

  expect(source.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
});

test('a redirected download is sent without its Authorization header', async () => {
  const storage = await registries.start();
  const source = await registries.start({ basic: `AWS:${CANARY}`, redirectBlobsTo: storage.origin });
  const destination = await registries.start();
  storage.repository('x').add(web);

  await registries.copy(source.add('assets', web, 'abc'), destination, { credentials: passwordFor(source.host, `AWS:${CANARY}`) });

  expect(storage.count('GET storage')).toBe(6);
  expect(JSON.stringify(storage.requests)).not.toContain(ENCODED);
});

describe('an expired token', () => {
  const refusal = { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } };
  const [first, second] = ['first', 'second'].map(password => ({ username: 'AWS', password }));

  function renewable(host: string, asked: unknown[]): CredentialsProvider {
    return {
      credentialsFor: async (exact, rejected) => {
        if (exact !== host) return undefined;
        asked.push(rejected);
        return rejected === undefined ? first : second;
      },
    };
  }

  test('is renewed once, for any number of failed requests', async () => {
    const [source, destination, asked] = [await registries.start(), await registries.start(), []];
    destination.fail('HEAD manifest', refusal, { times: 3 });

    await registries.copy(source.add('assets', web, 'abc'), destination, {
      credentials: renewable(destination.host, asked), tags: fixed('a', 'b', 'c'),
    });

    expect(asked).toEqual([undefined, first]);
  });

  test('in the middle of an upload restarts this upload', async () => {
    const [source, destination, asked] = [await registries.start(), await registries.start(), []];
    destination.fail('PUT upload', refusal);

    const result = await registries.copy(source.add('assets', web, 'abc'), destination, { credentials: renewable(destination.host, asked) });

    expect(result).toMatchObject({ streamed: 6 });
    expect(asked).toEqual([undefined, first]);
    expect(destination.count('POST upload')).toBe(7);
  });

  test('fails the copy if the new token is rejected too', async () => {
    const [source, destination, asked] = [await registries.start(), await registries.start(), []];
    destination.fail('PUT upload', refusal, { times: 99 });

    const work = registries.copy(source.add('assets', image('one blob', []), 'abc'), destination, { credentials: renewable(destination.host, asked) });

    await expect(work).rejects.toThrow('the registry answered 401');
    expect(asked).toEqual([undefined, first, second]);
  });
});

test('credentials that are rejected twice fail the copy, and the message has no secret', async () => {
  const registry = await registries.start({ basic: 'AWS:something-else' });

  const failure = await failureOf(
    registries.copy(registry.add('assets', web, 'abc'), registry, { credentials: passwordFor(registry.host, `AWS:${CANARY}`) }),
  );

  expect(failure.message).toMatch(/^could not read the manifest from the source .*: the registry answered 401 UNAUTHORIZED \(got Basic \*\*\*\)$/);
  expect(JSON.stringify(failure) + failure.stack).not.toContain(CANARY);
  expect(JSON.stringify(failure) + failure.stack).not.toContain(ENCODED);
});

describe('a rejected password is not sent again', () => {
  test('if there is no other', async () => {
    const registry = await registries.start({ basic: 'AWS:something-else' });

    await failureOf(registries.copy(registry.add('assets', web, 'abc'), registry, { credentials: passwordFor(registry.host, `AWS:${CANARY}`) }));

    expect(registry.count()).toBe(1);
  });

  test('but the next password is, and it is used for all further requests', async () => {
    const registry = await registries.start({ basic: 'AWS:second' });
    const [first, second] = ['first', 'second'].map(password => ({ username: 'AWS', password }));
    const rejected: unknown[] = [];

    await registries.copy(registry.add('assets', web, 'abc'), registry, {
      credentials: {
        credentialsFor: async (_, refused) => {
          rejected.push(refused);
          return refused === undefined ? first : second;
        },
      },
    });

    expect(rejected).toContainEqual(first);
    const shown = registry.requests.map(({ headers }) => Buffer.from(headers.authorization?.slice(6) ?? '', 'base64').toString());
    // Each side has its own login.
    expect(shown.filter(each => each === 'AWS:first').length).toBeLessThanOrEqual(2);
    expect(shown.filter(each => each === 'AWS:second').length).toBe(shown.length - shown.filter(each => each === 'AWS:first').length);
  });

  test('nor is a token if the registry returns the same one again', async () => {
    const registry = await registries.start({ bearerRealm: origin => `${origin}/token` });
    registry.fail('GET manifest', { status: 401, headers: { 'www-authenticate': `Bearer realm="${registry.origin}/token"` } }, { times: 99 });

    await failureOf(registries.copy(registry.add('assets', web, 'abc'), registry));

    const tokens = registry.requests.filter(({ kind }) => kind === 'GET manifest').map(({ headers }) => headers.authorization);
    expect(tokens).toHaveLength(new Set(tokens).size);
  });
});

describe('a registry with bearer tokens', () => {
  const realm = (origin: string) => `${origin}/token`;

  test('gets an anonymous request, once per side, with exactly the required scopes', async () => {
    const [source, destination] = [await registries.start({ bearerRealm: realm }), await registries.start({ bearerRealm: realm })];

    await registries.copy(source.add('library/web', web, 'abc'), destination);

    const tokens = [source, destination].map(({ requests }) => requests.filter(({ kind }) => kind === 'GET token').map(({ url }) => url));
    expect(tokens).toEqual([
      ['/token?service=test&scope=repository%3Alibrary%2Fweb%3Apull'],
      ['/token?service=test&scope=repository%3Ateam%2Fweb%3Apull%2Cpush'],
    ]);
  });

  test('gets a request for both repositories if a blob is to be mounted', async () => {
    const registry = await registries.start({ bearerRealm: realm });

    await registries.copy(registry.add('assets', web, 'abc'), registry);

    expect(registry.requests.filter(({ kind }) => kind === 'GET token').map(({ url }) => url)[1])
      .toBe('/token?service=test&scope=repository%3Ateam%2Fweb%3Apull%2Cpush&scope=repository%3Aassets%3Apull');
  });

  test('gets the password only at the token endpoint, and then the token', async () => {
    const source = await registries.start({ bearerRealm: realm });
    const destination = await registries.start();

    await registries.copy(source.add('assets', web, 'abc'), destination, { credentials: passwordFor(source.host, `me:${CANARY}`) });

    expect(source.requests.slice(1).filter(({ headers }) => headers.authorization?.startsWith('Basic')).map(({ kind }) => kind)).toEqual(['GET token']);
  });

  test('gets another request if its token endpoint is busy', async () => {
    const registry = await registries.start({ bearerRealm: realm });
    registry.fail('GET token', { status: 503 });

    await expect(registries.copy(registry.add('assets', web, 'abc'), registry)).resolves.toMatchObject({ mounted: 6 });
  });

  test('gets a request without a service if it names none', async () => {
    const registry = await registries.start();
    registry.fail('GET manifest', { status: 401, headers: { 'www-authenticate': `Bearer realm="${registry.origin}/token"` } });
    await failureOf(registries.copy(registry.add('assets', web, 'abc'), registry));

    expect(registry.requests.filter(({ kind }) => kind === 'GET token').map(({ url }) => url)).toEqual(['/token?scope=repository%3Aassets%3Apull']);
  });

  test('can name its token access_token, next to an invalid token', async () => {
    const registry = await registries.start({
      bearerRealm: realm, change: ({ kind }, answer) => {
        return kind === 'GET token' ? { ...answer, body: Buffer.from(JSON.stringify({ token: 7, access_token: JSON.parse(String(answer.body)).token })) } : answer;
      },
    });
    await expect(registries.copy(registry.add('assets', web, 'abc'), registry)).resolves.toMatchObject({ mounted: 6 });
  });

  test.each([401, 403, 429, 404])('whose token endpoint answers %i has this status in the error if it is a rejection', async status => {
    const registry = await registries.start({ bearerRealm: realm });
    registry.fail('GET token', { status }, { times: 99 });

    const failure = await failureOf(registries.copy(registry.add('assets', web, 'abc'), registry)) as CopyError;
    expect(failure.message).toContain(`: its token endpoint answered ${status}`);
    expect(failure.status).toBe(status === 404 ? undefined : status);
  });

  test('gets no request for as long as its token endpoint asks', async () => {
    const [registry, clock] = [await registries.start({ bearerRealm: realm }), new TestClock()];
    registry.fail('GET token', { status: 429, headers: { 'retry-after': '17' } });

    await registries.copy(registry.add('assets', web, 'abc'), registry, { clock });
    expect(Math.max(...clock.sleeps)).toBeGreaterThanOrEqual(17_000);
  });
});

test('a registry that requires a missing login does not get another password', async () => {
  const registry = await registries.start();
  registry.fail('GET manifest', { status: 401, headers: { 'www-authenticate': 'Negotiate' } });
  const asked: unknown[] = [];
  const credentials = {
    credentialsFor: async (_: string, rejected: unknown) => {
      asked.push(rejected);
      return { username: 'me', password: `password ${asked.length}` };
    },
  };

  await expect(registries.copy(registry.add('assets', web, 'abc'), registry, { credentials })).rejects.toThrow('the registry answered 401');
  expect(asked).toEqual([undefined]);
});

describe('a secret in the error of a registry is not shown', () => {
  const refused = async (userAndPassword: string, message = 'no') => {
    const registry = await registries.start();
    registry.fail('GET manifest', { status: 403, code: 'DENIED', message });
    return (await failureOf(registries.copy(registry.add('assets', web, 'abc'), registry, { credentials: passwordFor(registry.host, userAndPassword) }))).message;
  };

  test.each(['me:12345', 'me:123456', 'me:1234567'])('as base64 with and without padding (%s)', async userAndPassword => {
    const encoded = Buffer.from(userAndPassword).toString('base64');
    expect(await refused(userAndPassword, `got <${encoded}>`)).toMatch(/got <\*\*\*>/);
    expect(await refused(userAndPassword, `got <${encoded.replaceAll('=', '')}>`)).toMatch(/got <\*\*\*>/);
  });

  test('but the words of our own message stay, because otherwise short passwords could be guessed from them', async () => {
    expect(await refused('me:answer')).toMatch(/: the registry answered 403 DENIED \(no\)$/);
    expect(await refused('me:registry')).toMatch(/: the \*\*\* answered 403 DENIED \(no\)$/);
    expect(await refused('me:')).toMatch(/: the registry answered 403 DENIED \(no\)$/);
  });
});
