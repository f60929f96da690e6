import { isRolledBack } from '../../src/custom-resource/rollback';
import { SmallRequest, SmallResponse } from '../../src/custom-resource/small-request';
import { TestClock } from '../helpers/registry-clock';

const arn = (name: string) => `arn:aws:cloudformation:eu-west-1:111122223333:stack/${name}/1`;
const described = (status: string, parent?: string) => `<a><StackStatus>${status}</StackStatus>${parent === undefined ? '' : `<ParentId>${arn(parent)}</ParentId>`}</a>`;

let clock: TestClock;
let requests: SmallRequest[];
beforeEach(() => {
  clock = new TestClock();
  requests = [];
});

/** Reads the status with these answers, one after another; the last one stays. */
async function ask(answers: readonly (SmallResponse | Error)[], stack = arn('Web')): Promise<boolean | undefined> {
  const left = [...answers];
  return isRolledBack(stack, {
    environment: { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' }, clock, send: async request => {
      requests.push(request);
      const [given] = left.length > 1 ? left.splice(0, 1) : left;
      if (given instanceof Error) throw given;
      return given;
    },
  });
}
const ok = (body: string) => ({ status: 200, body });

test('the stack status is requested in the region of the stack, with a limit for the answer', async () => {
  await ask([ok(described('CREATE_COMPLETE'))]);

  const [{ url, body, headers, maxResponseBytes }] = requests;
  expect(url.href).toBe('https://cloudformation.eu-west-1.amazonaws.com/');
  expect(Object.fromEntries(new URLSearchParams(body))).toEqual({ Action: 'DescribeStacks', Version: '2010-05-15', StackName: arn('Web') });
  expect(headers['Content-Type']).toBe('application/x-www-form-urlencoded; charset=utf-8');
  expect(headers.Authorization).toContain('/eu-west-1/cloudformation/aws4_request');
  expect(maxResponseBytes).toBe(8 * 1024 * 1024);
});

test('in China it is requested from the endpoint of China', async () => {
  await ask([ok(described('CREATE_COMPLETE'))], 'arn:aws-cn:cloudformation:cn-north-1:1:stack/Web/1');
  expect(requests[0].url.host).toBe('cloudformation.cn-north-1.amazonaws.com.cn');
});

test.each(['evil.example/', 'EU-WEST-1', 'a.b', ''])('a region that could lead to another host (%j) is not used', async region => {
  await ask([ok(described('CREATE_COMPLETE'))], `arn:aws:cloudformation:${region}:1:stack/Web/1`);
  expect(requests[0].url.host).toBe('cloudformation..amazonaws.com');
});

test('a text that is not an ARN has no region', async () => {
  await ask([ok(described('CREATE_COMPLETE'))], 'stack');
  expect(requests[0].url.host).toBe('cloudformation..amazonaws.com');
});

test.each([
  ['UPDATE_ROLLBACK_IN_PROGRESS', true], ['ROLLBACK_IN_PROGRESS', true], ['IMPORT_ROLLBACK_IN_PROGRESS', true], ['UPDATE_IN_PROGRESS', false], ['UPDATE_ROLLBACK_COMPLETE', false],
  ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', true],
])('%s is a rollback: %p', async (status, rollsBack) => {
  expect(await ask([ok(described(status))])).toBe(rollsBack);
});

test.each(['UPDATE_ROLLBACK_IN_PROGRESS_SOMEHOW', 'PAUSED'])('an unknown status (%s) is neither a rollback nor a deployment', async status => {
  expect(await ask([ok(described(status))])).toBeUndefined();
});

test('a nested stack is rolled back if its parent is', async () => {
  expect(await ask([ok(described('UPDATE_IN_PROGRESS', 'A')), ok(described('UPDATE_IN_PROGRESS', 'B')), ok(described('UPDATE_ROLLBACK_IN_PROGRESS'))])).toBe(true);
  expect(requests.map(({ body }) => new URLSearchParams(body).get('StackName'))).toEqual([arn('Web'), arn('A'), arn('B')]);
});

test('if the stack itself is rolled back, the parent is not requested', async () => {
  expect(await ask([ok(described('UPDATE_ROLLBACK_IN_PROGRESS', 'A'))])).toBe(true);
  expect(requests).toHaveLength(1);
});

test('nested stacks are followed for twenty levels', async () => {
  expect(await ask([ok(described('UPDATE_IN_PROGRESS', 'Web'))])).toBe(false);
  expect(requests).toHaveLength(20);
});

describe('without an answer about', () => {
  test.each<[string, SmallResponse | Error]>([
    ['a broken connection', new Error('reset')], ['an error', { status: 400, body: described('UPDATE_IN_PROGRESS') }], ['an answer without a status', ok('<a/>')], ['an empty status', ok(described(''))],
  ])('the stack, the result is unknown after five tries: %s', async (_, answer) => {
    expect(await ask([answer])).toBeUndefined();
    expect(requests).toHaveLength(5);
    expect(clock.sleeps).toEqual([375, 750, 1500, 3000]);
  });

  test('the parent stack, the status of the stack itself counts', async () => {
    expect(await ask([ok(described('UPDATE_IN_PROGRESS', 'A')), new Error('reset')])).toBe(false);
  });

  test('the stack at first, the request is retried', async () => {
    expect(await ask([new Error('reset'), { status: 503, body: '' }, ok(described('ROLLBACK_IN_PROGRESS'))])).toBe(true);
  });
});

test('a permission that has not reached IAM everywhere is awaited for half a minute', async () => {
  const denied = { status: 403, body: '<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>' };
  expect(await ask([...Array.from({ length: 4 }, () => denied), ok(described('ROLLBACK_IN_PROGRESS'))])).toBe(true);

  const began = clock.now();
  expect(await ask([denied])).toBeUndefined();
  expect(clock.now() - began).toBeLessThanOrEqual(30_000);
});
