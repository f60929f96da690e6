import { Outcome, ResourceKind, Unfinished, WorkLimits, serveCustomResource, CustomResourceEvent } from '../../src/custom-resource/protocol';
import { TestClock } from '../helpers/registry-clock';

const EVENT: CustomResourceEvent = {
  RequestType: 'Create', ResponseURL: 'https://cloudformation.example/answer', StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Gate', ResourceProperties: { A: 'b' },
};

let clock: TestClock;
let logs: string[];
let answers: Record<string, unknown>[];
let invoked: CustomResourceEvent[];
beforeEach(() => {
  clock = new TestClock();
  logs = [];
  answers = [];
  invoked = [];
});

interface Options {
  readonly work?: ResourceKind['work'];
  readonly event?: Partial<CustomResourceEvent>;
  readonly remaining?: number;
  readonly reasonBytes?: number;
  readonly again?: 'fails' | 'never';
  readonly environment?: Record<string, string>;
}

/** Processes an event with some work, and returns the response to CloudFormation, if any. */
async function serve(options: Options): Promise<Record<string, unknown> | undefined> {
  const { work = async () => done, event = {}, remaining = 900_000, reasonBytes, again, environment } = options;
  await serveCustomResource({ ...EVENT, ...event }, { getRemainingTimeInMillis: () => remaining }, {
    name: 'the gate', timeoutFix: 'deploy again', physicalId: () => 'id', work, remove: async () => ({ status: 'SUCCESS', summary: 'removed' }), reasonBytes,
  }, {
    clock,
    environment,
    log: line => logs.push(line),
    send: async ({ body }) => {
      answers.push(JSON.parse(body));
      return { status: 200, body: '' };
    },
    invokeAgain: again === 'never' ? undefined : async next => {
      if (again === 'fails') throw new Error('Lambda is busy');
      invoked.push(next);
    },
  });
  expect(answers.length + invoked.length).toBe(1);
  expect(clock.pending).toBe(0);
  return answers[0];
}

const done: Outcome = { status: 'SUCCESS', summary: 'all is well', data: { Tag: 'x' } };
const unfinished = (memo?: string): Unfinished => ({ status: 'UNFINISHED', reason: 'it goes on', memo });

test.each(['Create', 'Update'] as const)('%s does the work and returns its result', async RequestType => {
  expect(await serve({ event: { RequestType } })).toEqual({
    Status: 'SUCCESS', PhysicalResourceId: 'id', StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Gate', Data: { Tag: 'x' },
  });
  expect(logs).toEqual([`${RequestType} Gate began`, `${RequestType} Gate ended with SUCCESS: all is well`]);
});

test('Delete removes the resource', async () => {
  expect(await serve({ event: { RequestType: 'Delete' }, work: async () => { throw new Error('it works'); } })).toMatchObject({ Status: 'SUCCESS' });
  expect(logs[1]).toBe('Delete Gate ended with SUCCESS: removed');
});

test('the work can return another physical id, but not if it fails', async () => {
  expect(await serve({ work: async () => ({ status: 'SUCCESS', physicalId: 'other' }) })).toMatchObject({ PhysicalResourceId: 'other' });
  answers = [];
  expect(await serve({ work: async () => ({ status: 'FAILED', reason: 'no' }) })).toMatchObject({ PhysicalResourceId: 'id', Reason: 'no' });
});

test.each<[string, unknown, string]>([['an error', new Error('it broke'), 'it broke'], ['a value that is not an Error', 'a secret', 'unknown failure']])('work that throws %s fails', async (_, thrown, Reason) => {
  expect(await serve({ work: async () => { throw thrown; } })).toMatchObject({ Status: 'FAILED', Reason });
  expect(logs[1]).toBe(`Create Gate ended with FAILED: ${Reason}`);
});

test('work that throws before its first await fails too', async () => {
  expect(await serve({ work: () => { throw new Error('at once'); } })).toMatchObject({ Status: 'FAILED', Reason: 'at once' });
});

test('a text in an event cannot add lines to the log', async () => {
  await serve({ work: async () => ({ status: 'FAILED', reason: 'a\nCreate Gate ended with SUCCESS' }) });
  expect(logs.every(line => !line.includes('\n'))).toBe(true);
});

test.each([[undefined, 1024], [3000, 3000], [100, 100]])('a reason has the maximum number of bytes of its resource type (%p)', async (reasonBytes, bytes) => {
  const { Reason } = await serve({ reasonBytes, work: async () => ({ status: 'FAILED', reason: 'x'.repeat(5000) }) }) ?? {};
  expect(Buffer.byteLength(String(Reason))).toBe(bytes);
});

describe('the time of an invocation', () => {
  const limitsWith = async (remaining: number): Promise<WorkLimits & { readonly left: number }> => {
    let known: WorkLimits | undefined;
    await serve({
      remaining, work: async (_, limits) => {
        known = limits;
        return done;
      },
    });
    if (known === undefined) throw new Error('no work was done');
    return { ...known, left: known.deadline - clock.now() };
  };

  test.each([[900_000, 870_000], [120_000, 90_000], [60_000, 30_000], [50_000, 22_500], [20_000, 7_500], [4_000, 1_500]])('of %i ms leaves %i ms for the work', async (remaining, left) => {
    expect((await limitsWith(remaining)).left).toBe(left);
  });

  test('that is over ends the work, and a response is sent before the function times out', async () => {
    let signal: AbortSignal | undefined;
    const serving = serve({ remaining: 100_000, work: async (_, limits) => new Promise(() => { signal = limits.signal; }) });
    clock.advance(79_999);
    expect([signal?.aborted, answers]).toEqual([false, []]);
    clock.advance(1);

    expect(await serving).toMatchObject({ Status: 'FAILED', Reason: 'the gate of Gate did not end within 80 s; deploy again' });
    expect(signal?.aborted).toBe(true);
  });

  const ago = (milliseconds: number) => ({ Continuation: { Hop: 1, Since: clock.now() - milliseconds } });

  test.each([[3_500_000, 70_000], [3_570_000, 7_500]])('of work that began %i ms ago ends within the hour that CloudFormation waits', async (began, left) => {
    let deadline = 0;
    await serve({
      event: ago(began), work: async (_, limits) => {
        deadline = limits.deadline;
        return done;
      },
    });
    expect(deadline - clock.now()).toBe(left);
  });

  test.each([3_580_000, 3_600_000, 9_999_999])('of work that began %i ms ago is over before it continues', async began => {
    expect(await serve({ event: ago(began), work: async () => { throw new Error('it works'); } })).toMatchObject({
      Status: 'FAILED', Reason: 'the gate of Gate came too late: CloudFormation waits for one hour',
    });
  });

  test.each([undefined, NaN, 'yesterday' as never])('begins now if the event has no valid start time (%p)', async Since => {
    const now = clock.now();
    await serve({ work: async () => unfinished(), event: { Continuation: { Hop: 1, Since } } });
    expect(invoked[0].Continuation?.Since).toBe(now);
  });

  test('is not over after the work has ended', async () => {
    expect((await limitsWith(100_000)).signal.aborted).toBe(false);
  });
});

describe('the response URL', () => {
  const to = async (ResponseURL: string, environment?: Record<string, string>) => serve({ event: { ResponseURL }, environment });

  test.each(['https://cloudformation.example/a', 'HTTPS://cloudformation.example/a'])('must use https: %s', async address => {
    expect(await to(address, { AWS_REGION: 'eu-west-1' })).toMatchObject({ Status: 'SUCCESS' });
  });

  test.each(['http://10.0.0.1/a', 'file:///etc/passwd', 'xhttps://example.com'])('cannot be %s, and the URL is not shown', async address => {
    await expect(to(address, { AWS_REGION: 'eu-west-1' })).rejects.toThrow(/^the address for the response is not on https, so the event is not from CloudFormation$/);
    expect([answers, logs]).toEqual([[], []]);
  });

  test('can use http in a local cloud', async () => {
    expect(await to('http://127.0.0.1/a', { AWS_ENDPOINT_URL_ECR: 'http://127.0.0.1' })).toMatchObject({ Status: 'SUCCESS' });
    answers = [];
    expect(await to('http://127.0.0.1/a')).toMatchObject({ Status: 'SUCCESS' });
  });
});

describe('work that has not ended', () => {
  test('continues in another invocation, which receives the start time of the first one', async () => {
    const since = clock.now();
    expect(await serve({ work: async () => unfinished() })).toBeUndefined();
    expect(invoked).toEqual([{ ...EVENT, Continuation: { Hop: 1, Since: since } }]);
    expect(logs[1]).toBe('Create Gate continues in another invocation: it goes on');
  });

  test('receives its memo', async () => {
    await serve({ work: async () => unfinished('a task') });
    expect(invoked[0].Continuation).toMatchObject({ Memo: 'a task' });
  });

  test('counts its invocations, and keeps the start time of the first one', async () => {
    await serve({ work: async () => unfinished(), event: { Continuation: { Hop: 2, Since: clock.now() - 7, Memo: 'old' } } });
    expect(invoked[0].Continuation).toEqual({ Hop: 3, Since: clock.now() - 7 });
  });

  test('fails after four invocations', async () => {
    expect(await serve({ work: async () => unfinished(), event: { Continuation: { Hop: 3 } } })).toMatchObject({ Status: 'FAILED', Reason: 'it goes on' });
  });

  test('fails if there is no further invocation', async () => {
    expect(await serve({ work: async () => unfinished(), again: 'never' })).toMatchObject({ Status: 'FAILED', Reason: 'it goes on' });
  });

  test('fails if no further invocation can be started, and the log says why', async () => {
    expect(await serve({ work: async () => unfinished(), again: 'fails' })).toMatchObject({ Status: 'FAILED', Reason: 'it goes on' });
    expect(logs).toContain('Create Gate no further invocation: Lambda is busy');
  });
});
