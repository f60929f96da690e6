import { SmallRequest, SmallResponse } from '../../src/custom-resource/small-request';
import { CloudCall, callCloud, cloudUrl, headerOf, redact, RenewedToken } from '../../src/federation/handler/cloud-api';
import { TestClock } from '../helpers/registry-clock';

const CALL: CloudCall = { method: 'POST', host: 'api.example.com', path: '/v1/things?x=1', title: 'The API', operation: 'make a thing', token: 'bearer-canary', body: { a: 1 } };
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';

let sent: SmallRequest[];
let clock: TestClock;
beforeEach(() => {
  sent = [];
  clock = new TestClock();
});

async function call(answers: (SmallResponse | Error)[], more: Partial<CloudCall> = {}, environment = {}, patience = {}) {
  const left = [...answers];
  return callCloud({ ...CALL, ...more }, {
    clock, environment,
    send: async request => {
      sent.push(request);
      const answer = left.length > 1 ? left.shift() : left[0];
      if (answer instanceof Error || answer === undefined) throw answer;
      return answer;
    },
  }, patience);
}
const ok: SmallResponse = { status: 200, body: '{"name":"thing"}', headers: { 'x-id': ['1', '2'] } };

test('a request goes to its host with https, as JSON, with its token', async () => {
  const answer = await call([ok]);

  expect(answer).toMatchObject({ status: 200, json: { name: 'thing' } });
  expect(headerOf(answer, 'x-id')).toBe('1');
  expect(sent.map(({ method, url, headers, body }) => [method, url.href, headers, body])).toEqual([[
    'POST', 'https://api.example.com/v1/things?x=1', { 'Accept': 'application/json', 'Content-Type': 'application/json', 'Authorization': 'Bearer bearer-canary' }, '{"a":1}',
  ]]);
});

test('form data is sent as such, and a call without a body has no content type', async () => {
  await call([ok], { body: new URLSearchParams({ a: 'b c' }), token: undefined });
  await call([ok], { method: 'GET', body: undefined });

  expect(sent.map(({ headers, body }) => [headers['Content-Type'], body, headers.Authorization])).toEqual([
    ['application/x-www-form-urlencoded', 'a=b+c', undefined], [undefined, '', 'Bearer bearer-canary'],
  ]);
});

describe('a temporary failure is retried', () => {
  test.each<[string, SmallResponse | Error]>([
    ['a server that fails', { status: 503, body: '' }], ['a server that is busy', { status: 429, body: '' }], ['a connection that breaks', new Error('reset')],
  ])('%s', async (_, answer) => {
    expect(await call([answer, answer, ok])).toMatchObject({ status: 200 });
    expect(sent).toHaveLength(3);
  });

  test('as late as the server asks', async () => {
    const start = clock.now();
    await call([{ status: 429, body: '', headers: { 'retry-after': '30' } }, ok]);

    expect(clock.now() - start).toBeGreaterThanOrEqual(30_000);
  });

  test('for a minute, and not after the deadline', async () => {
    await expect(call([{ status: 503, body: 'bearer-canary' }])).rejects.toThrow(/^could not make a thing: The API answered 503$/);
    const { length } = sent;
    expect(length).toBeGreaterThan(3);
    await expect(call([new Error('bearer-canary')], {}, {}, { deadline: clock.now() + 100 })).rejects.toThrow(/^could not make a thing: The API \(api\.example\.com\) could not be reached$/);
    expect(sent).toHaveLength(length + 1);
  });

  test('but no other rejection, no redirect and no status that the caller expects', async () => {
    for (const status of [301, 400, 401, 403, 404, 409]) expect(await call([{ status, body: '', headers: { location: 'https://evil.example/' } }])).toMatchObject({ status });
    expect(await call([{ status: 503, body: '' }], { finalStatuses: [503] })).toMatchObject({ status: 503 });
    expect(sent).toHaveLength(7);
  });
});

test('an error contains no secret of the request and nothing that looks like a token', async () => {
  const body = JSON.stringify({ error: `bearer-canary subject-canary%2F1 ${JWT} ya29.a0AfH6SMB-x ${encodeURIComponent('subject-canary/1')}` });
  const { json } = await call([{ status: 403, body }], { secrets: ['subject-canary/1'] });

  expect(json).toEqual({ error: '*** *** *** *** ***' });
});

test('short texts are not removed, because they could be words of a message', () => {
  expect(redact('the role a', ['a', 'role'])).toBe('the role a');
});

test.each(['', 'no json', '[]', '"text"', 'null', '{"a":1,"a":2}'])('a body that is not a JSON object (%j) is treated as empty', async body => {
  expect((await call([{ status: 200, body }])).json).toEqual({});
});

describe('an origin for tests', () => {
  test('replaces exactly its host', () => {
    const CLOUD_ORIGINS = JSON.stringify({ 'a.example.com': 'http://127.0.0.1:5000/path' });

    expect(cloudUrl({ host: 'a.example.com', path: '/v1' }, { CLOUD_ORIGINS }).href).toBe('http://127.0.0.1:5000/v1');
    expect(cloudUrl({ host: 'b.example.com', path: '/v1' }, { CLOUD_ORIGINS }).href).toBe('https://b.example.com/v1');
    expect(cloudUrl({ host: 'a.example.com', path: '/v1' }, {}).href).toBe('https://a.example.com/v1');
  });

  test.each(['{', '{"a":"no url"}', 'null'])('must be valid: %s', CLOUD_ORIGINS => {
    expect(() => cloudUrl({ host: 'a', path: '/' }, { CLOUD_ORIGINS })).toThrow('the environment variable CLOUD_ORIGINS must be a JSON object of hosts and origins');
  });
});

describe('a token that is renewed', () => {
  const tokens = (minutes: number) => {
    let count = 0;
    return new RenewedToken(async () => ({ value: `token-${++count}`, expires: clock.now() + minutes * 60_000 }), { clock });
  };

  test('is kept until five minutes before its end', async () => {
    const token = tokens(60);
    expect([await token.value(), await token.value()]).toEqual(['token-1', 'token-1']);
    await clock.sleep(54 * 60_000);
    expect(await token.value()).toBe('token-1');
    await clock.sleep(60_001);
    expect(await token.value()).toBe('token-2');
  });

  test('is requested once for concurrent callers, also after a rejection', async () => {
    const token = tokens(60);
    await token.value();

    expect(await Promise.all([token.value('token-1'), token.value('token-1'), token.value('token-1')])).toEqual(['token-2', 'token-2', 'token-2']);
  });

  test('is requested again after a failure', async () => {
    let fails = true;
    const token = new RenewedToken(async () => {
      if (fails) throw new Error('not now');
      return { value: 'token', expires: Infinity };
    }, { clock });
    await expect(token.value()).rejects.toThrow('not now');
    fails = false;

    expect(await token.value()).toBe('token');
  });
});
