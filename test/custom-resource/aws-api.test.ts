import { AwsApi, AwsCallError, AwsService, callAws, errorType } from '../../src/custom-resource/aws';
import { ResponseTooLarge, SmallRequest } from '../../src/custom-resource/small-request';
import { TestClock } from '../helpers/registry-clock';

const SERVICE: AwsService = { service: 'ecr', title: 'ECR', target: 'Ecr_V1', region: 'eu-west-1', host: 'api.ecr.example', maxResponseBytes: 1234 };
const KEYS = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' };
type Given = object | string | Error;

let clock: TestClock;
let requests: SmallRequest[];
beforeEach(() => {
  clock = new TestClock();
  requests = [];
});

/** An API that gives these answers one after another; the last one stays. A status is followed by its body. */
function api(answers: readonly (readonly [number, Given])[], service = SERVICE, environment: Record<string, string> = KEYS) {
  const left = [...answers];
  const send = async (request: SmallRequest) => {
    requests.push(request);
    const [status, given] = left.length > 1 ? left.shift() ?? left[0] : left[0];
    if (given instanceof Error) throw given;
    return { status, body: typeof given === 'string' ? given : JSON.stringify(given) };
  };
  return new AwsApi<'Look'>(service, { environment, clock, send });
}

const refusalOf = async (asked: Promise<unknown>): Promise<AwsCallError> => asked.then(() => { throw new Error('it was answered'); }, error => error);
const error = (type: string, message?: string) => ({ __type: type, ...message !== undefined && { message } });

describe('a request to an AWS API', () => {
  test('is signed JSON for the operation, and returns JSON', async () => {
    expect(await api([[200, { a: [1] }]]).call('Look', { name: 'x' })).toEqual({ a: [1] });

    const [{ method, url, headers, body, timeoutMilliseconds, maxResponseBytes }] = requests;
    expect([method, url.href, body, timeoutMilliseconds, maxResponseBytes]).toEqual(['POST', 'https://api.ecr.example/', '{"name":"x"}', 10_000, 1234]);
    expect(headers).toMatchObject({
      'Host': 'api.ecr.example', 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'Ecr_V1.Look', 'X-Amz-Date': '20260101T000000Z', 'X-Amz-Security-Token': 'token',
    });
    expect(headers.Authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKID\/20260101\/eu-west-1\/ecr\/aws4_request, SignedHeaders=[a-z0-9;-]+, Signature=[0-9a-f]{64}$/);
    expect(JSON.stringify(headers)).not.toContain('secret');
  });

  test.each([
    [{ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, 'http://127.0.0.1:1/', '127.0.0.1:1'],
    [{ AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_ECR: 'http://127.0.0.1:2' }, 'http://127.0.0.1:2/', '127.0.0.1:2'],
    [{ AWS_ENDPOINT_URL_LOGS: 'http://127.0.0.1:3' }, 'https://api.ecr.example/', 'api.ecr.example'],
  ])('is sent to the endpoint in the environment: %j', async (endpoints, href, host) => {
    await api([[200, {}]], SERVICE, { ...KEYS, ...endpoints }).call('Look', {});
    expect([requests[0].url.href, requests[0].headers.Host]).toEqual([href, host]);
  });

  test('can have a path, its own headers and a form body', async () => {
    await callAws({ service: 'lambda', region: 'eu-west-1', host: 'lambda.example', path: '/a/b%3A', headers: { 'X-A': 'b', 'Content-Type': 'form' }, body: 'a=b' }, {
      environment: KEYS, clock, send: async request => {
        requests.push(request);
        return { status: 202, body: '' };
      },
    });
    expect([requests[0].url.href, requests[0].body]).toEqual(['https://lambda.example/a/b%3A', 'a=b']);
    expect(requests[0].headers).toMatchObject({ 'X-A': 'b', 'Content-Type': 'form' });
    expect(requests[0].maxResponseBytes).toBeUndefined();
  });
});

describe('a request is retried with increasing waits for less than a minute after', () => {
  test.each<[string, number, Given]>([
    ['a broken connection', 0, new Error('ECONNRESET')], ['500', 500, ''], ['503', 503, '<html>'], ['429', 429, {}],
    ...['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'RequestLimitExceeded', 'ServerException', 'ServiceUnavailableException', 'com.amazonaws.ecr#ThrottlingException']
      .map((type): [string, number, Given] => [type, 400, error(type)]),
  ])('%s', async (_, status, given) => {
    expect(await api([[status, given], [status, given], [200, { yes: 1 }]]).call('Look', {})).toEqual({ yes: 1 });
    expect(clock.sleeps).toEqual([750, 1500]);

    clock = new TestClock();
    expect((await refusalOf(api([[status, given]]).call('Look', {}))).isTemporary).toBe(true);
    expect(clock.sleeps).toEqual([750, 1500, 3000, 6000, 7500, 7500, 7500, 7500, 7500, 7500]);
  });

  test.each([['AccessDeniedException', undefined], ['ClientException', 'ECS was unable to assume the role'], ['ClientException', 'Role is not valid']])(
    'an error that a new permission can cause, for half a minute (%s, %s)', async (type, message) => {
      expect(await api([[400, error(type, message)], [200, { yes: 1 }]]).call('Look', {})).toEqual({ yes: 1 });
      expect(clock.sleeps).toEqual([5000]);

      clock = new TestClock();
      await refusalOf(api([[400, error(type, message)]]).call('Look', {}));
      expect(clock.sleeps).toEqual([5000, 5000, 5000, 5000, 5000]);
    });
});

test('a request without remaining time is not sent, and one without an answer names the service and the region in its error', async () => {
  const send = async (request: SmallRequest) => {
    requests.push(request);
    throw new Error('reset');
  };
  const until = async (deadline: number) => refusalOf(new AwsApi<'Look'>(SERVICE, { environment: KEYS, clock, send }, { deadline }).call('Look', {}));
  expect(await until(clock.now())).toMatchObject({ message: 'no time is left to ask ECR for Look', isTemporary: true });
  expect(requests).toEqual([]);
  expect((await until(clock.now() + 1)).message).toBe('ECR in eu-west-1 could not be reached');
});

describe('a request is not retried after', () => {
  test.each<[string, number, Given, string]>([
    ['an unknown error', 400, error('NotFoundException', 'no such thing'), 'ECR answered Look with 400 NotFoundException: no such thing'],
    ['an error without a name', 403, 'nothing', 'ECR answered Look with 403'],
    ['an error with the message in capitals', 400, { __type: 'X', Message: 'said' }, 'ECR answered Look with 400 X: said'],
    ['an answer that is not an object', 200, '[]', 'the answer of ECR to Look cannot be read: it is not a JSON object'],
    ['an answer that is not JSON', 200, '<html>', 'the answer of ECR to Look cannot be read: it is not a JSON object'],
    ['an answer that is nested too deep', 200, `{"a":${'['.repeat(70)}${']'.repeat(70)}}`, 'the answer of ECR to Look cannot be read: it is nested deeper than 64 levels'],
    ['an answer that is too large', 200, new ResponseTooLarge(5), 'the answer of ECR to Look cannot be read: the answer is larger than 5 bytes'],
  ])('%s', async (_, status, given, message) => {
    expect(await refusalOf(api([[status, given]]).call('Look', {}))).toMatchObject({ message, isTemporary: false });
    expect(requests).toHaveLength(1);
    expect(clock.sleeps).toEqual([]);
  });
});

test('an error names the operation, and has the name, the message and the other fields of the response', async () => {
  const refusal = await refusalOf(api([[400, { ...error('ConflictException', 'busy\nnow'), resourceIds: ['a'] }]], { ...SERVICE, resourceName: 'team/web' }).call('Look', {}));

  expect(refusal).toMatchObject({
    message: 'ECR answered Look on team/web with 400 ConflictException: busy now', type: 'ConflictException', detail: 'busy now', response: expect.objectContaining({ resourceIds: ['a'] }),
  });
});

test('an error whose response cannot be parsed has no such fields', async () => {
  expect(await refusalOf(api([[400, `{"__type":"X","message":"m","a":${'['.repeat(70)}${']'.repeat(70)}}`]]).call('Look', {}))).toMatchObject({ type: 'X', detail: undefined, response: {} });
});

test.each([
  [undefined, 'allow ecr:Look to the role of the function'], ['User is not authorized to perform: inspector2:ListFindings on x', 'allow inspector2:ListFindings to the role of the function'],
])('an access error names the missing permission (%s)', async (message, fix) => {
  expect((await refusalOf(api([[400, error('AccessDeniedException', message)]]).call('Look', {}))).message).toBe(`ECR answered Look with 400 AccessDeniedException; ${fix}`);
});

test.each([
  ['{"__type":"A"}', 'A'], ['{ "__type" : "com.x#Abc" }', 'Abc'], ['{"__type":"a b"}', undefined], ['{"type":"A"}', undefined], [`{"__type":"${'A'.repeat(65)}"}`, undefined], ['', undefined],
])('the name of the error in %s is %p', (body, type) => {
  expect(errorType(body)).toBe(type);
});
