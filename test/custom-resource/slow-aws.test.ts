import { AwsApi } from '../../src/custom-resource/aws';
import { Send } from '../../src/custom-resource/small-request';
import { checkWork } from '../../src/image-check/handler/check-work';
import { gateWork } from '../../src/scanning/handler/gate-work';
import { TestClock } from '../helpers/registry-clock';
import { digestOf } from '../helpers/scan-cloud';
import { PASSED, REPOSITORY, STACK } from '../helpers/scan-scene';

// Every answer takes as long as the timeout of a request allows, as the test clock shows.

const SLOW = 9_900;
const ENVIRONMENT = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'key' };
const DESCRIBED = '<StackStatus>UPDATE_ROLLBACK_IN_PROGRESS</StackStatus>';

let clock: TestClock;
beforeEach(() => { clock = new TestClock(); });

/** Slow answers: by the target of a request, or from CloudFormation. An undefined answer never arrives. */
function slowly(answer: (operation: string, body: string) => object | undefined, stack = DESCRIBED): Send {
  return async ({ headers, body, timeoutMilliseconds }) => {
    const target = headers['X-Amz-Target'] as string | undefined;
    const given = target === undefined ? stack : answer(target.split('.')[1], body);
    clock.advance(given === undefined ? timeoutMilliseconds : SLOW);
    if (given === undefined) throw new Error('no answer');
    return { status: 200, body: typeof given === 'string' ? given : JSON.stringify(given) };
  };
}

const limits = (milliseconds: number) => ({ deadline: clock.now() + milliseconds, signal: new AbortController().signal });
const api = (send: Send, patience = {}) => new AwsApi<'Ask'>(
  { service: 'ecr', title: 'ECR', target: 'Ecr', region: 'eu-west-1', host: 'ecr.example', maxResponseBytes: 1000 }, { environment: ENVIRONMENT, clock, send }, patience,
);

describe('an AWS service', () => {
  test('that never answers fails within a minute and one more try', async () => {
    const begun = clock.now();

    await expect(api(slowly(() => undefined)).call('Ask', {})).rejects.toThrow('ECR in eu-west-1 could not be reached');
    expect(clock.now() - begun).toBeGreaterThan(40_000);
    expect(clock.now() - begun).toBeLessThanOrEqual(70_000);
  });

  test('gets no further request if the deadline would be over by then', async () => {
    const begun = clock.now();

    await expect(api(slowly(() => undefined), { deadline: begun + 15_000 }).call('Ask', {})).rejects.toThrow('could not be reached');
    expect(clock.now() - begun).toBeLessThanOrEqual(25_000);
  });

  test('gets no request after the deadline', async () => {
    let requests = 0;
    const send = slowly(() => ({ requests: ++requests }));

    await expect(api(send, { deadline: clock.now() }).call('Ask', {})).rejects.toThrow('no time is left to ask ECR for Ask');
    expect(requests).toBe(0);
    await expect(api(send, { deadline: clock.now() + 1 }).call('Ask', {})).resolves.toEqual({ requests: 1 });
  });
});

describe('an image check', () => {
  const event = {
    RequestType: 'Update' as const, ResponseURL: '', StackId: STACK, RequestId: 'request', LogicalResourceId: 'Check',
    ResourceProperties: { SchemaVersion: '1', Repository: REPOSITORY, Version: `sha256:${'a'.repeat(64)}`, Runner: 'FARGATE', UsedBy: 'a test', Architecture: 'ARM64' },
  };
  const check = async (send: Send, milliseconds: number) => checkWork({ environment: ENVIRONMENT, clock, send })(event, limits(milliseconds));

  test.each([80_000, 100_000, 270_000])('does not stop a rollback, however slow ECR is (%i ms)', async milliseconds => {
    const begun = clock.now();

    expect(await check(slowly(() => undefined), milliseconds)).toMatchObject({ status: 'SUCCESS' });
    expect(clock.now() - begun).toBeLessThan(milliseconds);
  });

  test('reports in time that ECR was too slow', async () => {
    const begun = clock.now();
    const pages = slowly(() => ({ images: [], failures: [{ failureCode: 'Busy' }] }), '<StackStatus>UPDATE_IN_PROGRESS</StackStatus>');

    expect(await check(pages, 70_000)).toMatchObject({ status: 'FAILED', reason: expect.stringMatching(/could not be checked for a test: no time is left to ask ECR for BatchGetImage; deploy again/) });
    expect(clock.now() - begun).toBeLessThan(70_000);
    expect(clock.pending).toBe(0);
  });
});

describe('a scan gate', () => {
  const manifest = '{"schemaVersion":2,"config":{},"layers":[]}';

  test('lets an image that passed before pass, even if its findings never arrive', async () => {
    const image = { images: [{ imageId: { imageDigest: digestOf(manifest) }, imageManifest: manifest }] };
    const send = slowly(operation => operation === 'BatchGetImage' ? image : undefined, '<StackStatus>UPDATE_IN_PROGRESS</StackStatus>');
    const begun = clock.now();

    const outcome = await gateWork({ environment: ENVIRONMENT, clock, send })({
      RequestType: 'Update', ResponseURL: '', StackId: STACK, RequestId: 'request', LogicalResourceId: 'Gate',
      ResourceProperties: { SchemaVersion: '1', Repository: REPOSITORY, Tag: 'live-web.1', PassedTagPrefix: PASSED, FailOn: 'HIGH', WaitMinutes: '15' },
    }, limits(870_000));
    expect(outcome).toMatchObject({ status: 'SUCCESS', summary: expect.stringContaining('the findings that are known now could not be read: ECR in eu-west-1 could not be reached') });
    expect(clock.now() - begun).toBeLessThan(90_000);
  });
});
