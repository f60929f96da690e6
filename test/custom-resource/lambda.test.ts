import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { AwsApi } from '../../src/custom-resource/aws';
import { EcrApi, manifestOf } from '../../src/custom-resource/ecr';
import { selfInvokingDependencies, invokeAgain, lambdaDependencies } from '../../src/custom-resource/lambda';
import { CustomResourceEvent, responseBody, sendResponse, serveCustomResource } from '../../src/custom-resource/protocol';
import { isRolledBack } from '../../src/custom-resource/rollback';
import { runnableImages } from '../../src/custom-resource/runnable-images';
import { SmallRequest, send } from '../../src/custom-resource/small-request';
import { systemClock } from '../../src/engine/clock';
import { TestClock } from '../helpers/registry-clock';
import { OCI_INDEX, digestOf } from '../helpers/scan-cloud';

const KEYS = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' };
const EVENT: CustomResourceEvent = {
  RequestType: 'Create', ResponseURL: 'https://cloudformation.example/answer?canary', StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Image',
};

let clock: TestClock;
let requests: SmallRequest[];
beforeEach(() => {
  clock = new TestClock();
  requests = [];
});

const answering = (status: number, body = '') => async (request: SmallRequest) => {
  requests.push(request);
  return { status, body };
};

describe('a function invokes itself', () => {
  const environment = { ...KEYS, AWS_REGION: 'eu-west-1', AWS_LAMBDA_FUNCTION_NAME: 'copy images' };

  test('asynchronously with the event, in its own region', async () => {
    await invokeAgain(EVENT, { environment, clock, send: answering(202) });

    const [{ method, url, headers, body }] = requests;
    expect([method, url.href]).toEqual(['POST', 'https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/copy%20images/invocations']);
    expect(JSON.parse(body)).toEqual(EVENT);
    expect(headers).toMatchObject({ 'X-Amz-Invocation-Type': 'Event', 'Authorization': expect.stringContaining('/eu-west-1/lambda/aws4_request') });
  });

  test('in China at the endpoint of China, and not at all without a function name', async () => {
    await invokeAgain(EVENT, { environment: { ...environment, AWS_REGION: 'cn-north-1' }, clock, send: answering(202) });
    await invokeAgain(EVENT, { environment: KEYS, clock, send: answering(202) });
    expect(requests.map(({ url }) => url.href)).toEqual([
      'https://lambda.cn-north-1.amazonaws.com.cn/2015-03-31/functions/copy%20images/invocations', 'https://lambda..amazonaws.com/2015-03-31/functions//invocations',
    ]);
  });

  test.each([
    [429, '{"__type":"TooManyRequestsException"}', 'Lambda answered 429 TooManyRequestsException'], [403, 'no', 'Lambda answered 403'], [200, '', 'Lambda answered 200'],
  ])('or fails with the answer of Lambda: %i %s', async (status, body, message) => {
    await expect(invokeAgain(EVENT, { environment, clock, send: answering(status, body) })).rejects.toThrow(new Error(message));
  });

  const failing = (...answers: readonly (number | 'reset')[]) => {
    const left = [...answers];
    return async (request: SmallRequest) => {
      requests.push(request);
      const next = left.shift() ?? 202;
      if (next === 'reset') throw new Error('ECONNRESET');
      return { status: next, body: '' };
    };
  };

  test.each<[string, readonly (number | 'reset')[]]>([
    ['too many requests', [429, 429, 429]], ['errors of Lambda', [500, 502, 503, 504]], ['connections that break', ['reset', 'reset', 'reset']],
    ['an update of the function', [409]], ['all of them', [429, 'reset', 500, 429, 503]],
  ])('again after %s', async (_, answers) => {
    await invokeAgain(EVENT, { environment, clock, send: failing(...answers) }, clock.now() + 30_000);

    expect(requests).toHaveLength(answers.length + 1);
    expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
  });

  test.each([[429, 10_000], [500, 10_000], [500, 1_000], ['reset', 10_000]] as const)('repeatedly after %s, for at most %i ms', async (answer, left) => {
    const began = clock.now();
    await expect(invokeAgain(EVENT, { environment, clock, send: failing(...Array(99).fill(answer)) }, began + left)).rejects.toThrow(/^Lambda /);

    expect(clock.now() - began).toBeLessThan(left);
    expect(clock.now() - began).toBeGreaterThan(left / 3);
  });

  test('only once if it has no permission', async () => {
    await expect(invokeAgain(EVENT, { environment, clock, send: failing(403, 400, 404, 413) }, clock.now() + 30_000)).rejects.toThrow('Lambda answered 403');
    expect(requests).toHaveLength(1);
  });

  test('in the time before it has to respond', async () => {
    const deadlines: number[] = [];
    const unfinished = async () => ({ status: 'UNFINISHED' as const, reason: 'it goes on' });
    await serveCustomResource(EVENT, { getRemainingTimeInMillis: () => 50_000 }, {
      name: 'the work', timeoutFix: 'deploy again', physicalId: () => 'id', work: unfinished, remove: unfinished,
    }, { clock, log: () => {}, send: answering(200), invokeAgain: async (_, deadline) => { deadlines.push(deadline - clock.now()); } });

    expect(deadlines).toEqual([30_000]);
  });

  test('or fails without showing the event, which contains a secret', async () => {
    const broken = async () => { throw new Error(`cannot send ${JSON.stringify(EVENT)}`); };
    await expect(invokeAgain(EVENT, { environment, clock, send: broken })).rejects.toThrow(/^Lambda could not be reached$/);
  });

  test('over the real network, with its environment', async () => {
    const urls: unknown[] = [];
    const server = createServer(({ method, url }, response) => {
      urls.push(`${method} ${url}`);
      response.writeHead(202).end();
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const local = { ...environment, AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    const log = () => {};
    const dependencies = selfInvokingDependencies({ environment: local, log });
    await dependencies.invokeAgain?.(EVENT, Infinity);
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));

    expect(urls).toEqual(['POST /2015-03-31/functions/copy%20images/invocations']);
    expect(dependencies).toMatchObject({ clock: systemClock, send, environment: local, log });
    expect(lambdaDependencies({ environment: local, log })).toEqual({ clock: systemClock, send, environment: local, log });
  });
});

describe('a response to CloudFormation', () => {
  test('that the network loses is sent again, and its URL is not shown', async () => {
    let tries = 0;
    const lost = async ({ url }: SmallRequest) => {
      tries++;
      throw new Error(`lost on the way to ${url.href}`);
    };
    await expect(sendResponse({ address: EVENT.ResponseURL, body: '{}' }, { clock, send: lost })).rejects.toThrow(
      /^the result could not be sent to CloudFormation after 6 attempts: the connection failed$/,
    );
    expect(tries).toBe(6);
  });

  test('can have 4096 bytes, and not one more', () => {
    const of = (length: number) => responseBody(EVENT, 'id', { status: 'SUCCESS', data: { A: 'x'.repeat(length) } });
    const room = 4096 - Buffer.byteLength(of(0));
    expect([Buffer.byteLength(of(room)), JSON.parse(of(room)).Status]).toEqual([4096, 'SUCCESS']);
    expect(JSON.parse(of(room + 1))).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('4096 bytes') });
  });

  type Again = (event: CustomResourceEvent) => Promise<void>;
  const serve = async (environment?: Record<string, string>, again?: Again, ResponseURL = EVENT.ResponseURL) => {
    const logs: string[] = [];
    const unfinished = async () => ({ status: 'UNFINISHED' as const, reason: 'it goes on' });
    await serveCustomResource({ ...EVENT, ResponseURL }, { getRemainingTimeInMillis: () => 900_000 }, {
      name: 'the work', timeoutFix: 'deploy again', physicalId: () => 'id', work: unfinished, remove: unfinished,
    }, { clock, environment, log: line => logs.push(line), send: answering(200), invokeAgain: again });
    return logs;
  };

  test('is sent without a continuation if there is no further invocation', async () => {
    expect(await serve()).toEqual(['Create Image began', 'Create Image ended with FAILED: it goes on']);
  });

  test('can be sent over HTTP in a local cloud, whatever else is in its environment', async () => {
    await serve({ PATH: '/bin', AWS_ENDPOINT_URL: 'http://127.0.0.1' }, undefined, 'http://127.0.0.1/answer');
    expect(requests.map(({ url }) => url.href)).toEqual(['http://127.0.0.1/answer']);
  });

  test('is left to the next invocation without a memo, if the work has none', async () => {
    const events: CustomResourceEvent[] = [];
    await serve(undefined, async event => { events.push(event); });
    expect(Object.keys(events[0].Continuation ?? {})).toEqual(['Hop', 'Since']);
  });
});

test('a request without remaining time is a temporary failure', async () => {
  const service = { service: 'ecr', title: 'ECR', target: 'Ecr', region: 'eu-west-1', host: 'ecr.example', maxResponseBytes: 1000 };
  const api = new AwsApi<'Ask'>(service, { environment: KEYS, clock, send: answering(200) }, { deadline: clock.now() });
  await expect(api.call('Ask', {})).rejects.toMatchObject({ isTemporary: true });
});

test('a request to CloudFormation has a signature for it, and a form body', async () => {
  const stack = 'arn:aws:cloudformation:eu-west-1:1:stack/Web/1';
  await isRolledBack(stack, { environment: KEYS, clock, send: answering(200, '<StackStatus>UPDATE_COMPLETE</StackStatus>') });
  expect(requests[0].headers).toMatchObject({
    'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8', 'Authorization': expect.stringContaining('/eu-west-1/cloudformation/aws4_request'),
  });
});

describe('a small HTTP request', () => {
  const against = async (respond: string, protocol = 'http:') => {
    const server = createServer();
    server.on('connection', socket => socket.once('data', () => socket.end(respond)).on('error', () => {}));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(`${protocol}//127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const failure = await send({ method: 'PUT', url, headers: {}, body: '', timeoutMilliseconds: 5000 }).then(() => undefined, (error: NodeJS.ErrnoException) => error);
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
    return failure;
  };

  test('with https is encrypted', async () => {
    expect((await against('no TLS', 'https:'))?.code).toMatch(/^(?:ERR_SSL_|EPROTO|ECONNRESET)/);
  });

  test('that gets an answer in another protocol fails as a lost connection', async () => {
    expect((await against('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'))?.message).toBe('the connection was closed');
  });
});

describe('an image in ECR', () => {
  const stored = new Map<string, string>();
  const put = (json: object) => {
    const manifest = JSON.stringify(json);
    stored.set(digestOf(manifest), manifest);
    return { digest: digestOf(manifest), manifest };
  };
  const ecr = new EcrApi({ account: '1', region: 'eu-west-1', apiHost: 'api.ecr.example' }, 'web', {
    environment: {}, clock: new TestClock(), send: async ({ body }) => {
      const [imageId] = JSON.parse(body).imageIds;
      return { status: 200, body: JSON.stringify({ images: [{ imageId, imageManifest: stored.get(imageId.imageDigest) }] }) };
    },
  }, {});

  test('without a valid manifest is rejected, with its digest and the fix', () => {
    expect(() => manifestOf({ digest: 'sha256:1', manifest: '[]' })).toThrow(/^the manifest is not a JSON object \(sha256:1\); build the image again$/);
  });

  test('can list manifests of 32 MiB, including itself, and not one byte more', async () => {
    const LIMIT = 32 * 1024 * 1024;
    const child = (at: number, length: number) => put({ layers: [], annotations: { at: `${at}${'x'.repeat(length)}` } });
    const overhead = child(9, 0).manifest.length;
    const indexOf = (last: number) => {
      const children = [...Array.from({ length: 8 }, (_, at) => child(at, 4_000_000)), child(8, last)];
      return { index: put({ mediaType: OCI_INDEX, manifests: children.map(({ digest }) => ({ digest })) }), children };
    };
    const { index: { manifest: { length } } } = indexOf(0);
    const last = LIMIT - length - 9 * overhead - 8 * 4_000_000;

    expect(await runnableImages(ecr, indexOf(last).index)).toHaveLength(9);
    await expect(runnableImages(ecr, indexOf(last + 1).index)).rejects.toThrow('are larger than 33554432 bytes');
  });

  test('must list digests as texts, not as lists', async () => {
    const { digest } = put({ layers: [] });
    await expect(runnableImages(ecr, put({ mediaType: OCI_INDEX, manifests: [{ digest: [digest] }] }))).rejects.toThrow('lists something without a digest');
  });
});
