import { forEachLimited, pause } from '../../src/engine/clock';
import { CopyError, CopyErrorDetails, Failure, RetryReason, RetryableError } from '../../src/engine/errors';
import { RetryPolicy, copyRetries, parseRetryAfter, repeat, retryReason } from '../../src/engine/retry';
import { TestClock } from '../helpers/registry-clock';

let clock: TestClock;
beforeEach(() => { clock = new TestClock(); });

const backoff = { first: 100, longest: 400, jitter: 0 };
const failed = (retry?: RetryReason, retryAfter?: number) => new RetryableError(`failed: ${retry}`, { retry, retryAfter });

/** Retries attempts that fail like this, one after another; the last one stays, unless it is a text. */
async function attempts(
  failures: readonly (Error | string)[], policy: Partial<RetryPolicy> = {},
): Promise<{ readonly tries: number[]; readonly result: unknown }> {
  const left = [...failures];
  const tries: number[] = [];
  const result = await repeat({ clock, rules: { transient: { backoff }, busy: { backoff } }, ...policy }, async number => {
    tries.push(number);
    if (number > 50) throw new Error('it never ends');
    const [next] = left.length > 1 ? left.splice(0, 1) : left;
    if (next instanceof Error) throw next;
    return next;
  }).catch((error: unknown) => error);
  return { tries, result };
}

describe('an attempt', () => {
  test('that fails for a reason with a rule is retried after increasing waits, and gets its number', async () => {
    expect(await attempts([...Array.from({ length: 4 }, () => failed('transient')), 'done'])).toEqual({ tries: [1, 2, 3, 4, 5], result: 'done' });
    expect(clock.sleeps).toEqual([100, 200, 400, 400]);
  });

  test.each<[string, Error]>([['without a reason', failed()], ['for a reason without a rule', failed('corrupt')], ['of another kind', new Error('other')]])(
    'that fails %s is not retried', async (_, error) => {
      expect(await attempts([error, 'done'])).toEqual({ tries: [1], result: error });
      expect(clock.sleeps).toEqual([]);
    });

  test('is retried as often as its rule says', async () => {
    expect((await attempts([failed('transient')], { rules: { transient: { backoff, repeats: 2 } } })).tries).toEqual([1, 2, 3]);
  });

  test('is retried as often as its own rule says, whatever the earlier failures were', async () => {
    const rules = { transient: { backoff, repeats: 2 }, corrupt: { backoff, repeats: 2 } };
    expect((await attempts([failed('corrupt'), failed('corrupt'), failed('transient'), failed('transient'), 'done'], { rules })).result).toBe('done');
  });

  test('is retried as often as all rules together allow, not counting rate limits', async () => {
    const rules = { transient: { backoff }, corrupt: { backoff }, busy: { backoff } };
    expect((await attempts([failed('transient'), failed('corrupt'), failed('transient')], { rules, repeats: 2 })).tries).toEqual([1, 2, 3]);
    expect((await attempts([failed('busy'), failed('busy'), failed('transient'), failed('corrupt'), failed('busy'), 'done'], { rules, repeats: 2 })).result).toBe('done');
  });

  test('does not begin at or after the end of the time of its rule, which counts from the first attempt', async () => {
    const rules = (milliseconds: number) => ({ transient: { backoff, milliseconds } });
    expect((await attempts([failed('transient')], { rules: rules(300) })).tries).toEqual([1, 2]);
    expect((await attempts([failed('transient')], { rules: rules(301) })).tries).toEqual([1, 2, 3]);
    expect((await attempts([...Array.from({ length: 9 }, () => failed('transient')), 'done'], { rules: rules(300), isUnhurried: true })).result).toBe('done');
  });

  test('does not begin at or after the deadline, even if its rule has more time', async () => {
    const rules = { transient: { backoff, milliseconds: 1000 } };
    expect((await attempts([failed('transient')], { rules, deadline: clock.now() + 300, isUnhurried: true })).tries).toEqual([1, 2]);
  });

  test('waits as long as the other end asks, if that is longer', async () => {
    await attempts([failed('busy', 5_000), failed('busy', 10), 'done']);
    expect(clock.sleeps).toEqual([5_000, 200]);
  });

  test('is not retried after it was canceled, also during a wait', async () => {
    const controller = new AbortController();
    const error = failed('transient');
    clock.sleep = async () => {
      controller.abort();
      throw new Error('aborted');
    };
    expect(await attempts([error, 'done'], { signal: controller.signal, giveUp: () => 'another' })).toEqual({ tries: [1], result: error });
    expect(await attempts([error, 'done'], { signal: controller.signal })).toEqual({ tries: [1], result: error });
  });

  test('fails with its own error, or with one that has the number of tries and the wait', async () => {
    const error = failed('transient');
    expect((await attempts([error], { repeats: 1 })).result).toBe(error);
    const giveUp: RetryPolicy['giveUp'] = (last, tries, wait) => ({ last, tries, wait });
    expect((await attempts([error], { repeats: 1, giveUp })).result).toEqual({ last: error, tries: 2, wait: undefined });
    expect((await attempts([error], { deadline: clock.now() + 50, giveUp })).result).toEqual({ last: error, tries: 1, wait: 100 });
  });

  test('can get its reason from a callback', async () => {
    expect((await attempts([new Error('any'), 'done'], { reasonOf: () => 'transient' })).result).toBe('done');
  });
});

describe('a request to a registry', () => {
  const details: CopyErrorDetails = { operation: 'read the manifest', side: 'source', reference: 'a/b:c', reason: 'it broke', status: 500, code: 'X' };
  const request = async (error: Error, deadline = Infinity) => {
    let tries = 0;
    const failure = await repeat(copyRetries(clock, deadline), async () => {
      if (++tries > 50) throw new Error('it never ends');
      throw error;
    }).catch((thrown: unknown) => thrown);
    return { tries, failure };
  };

  test.each<[RetryReason, number, number[]]>([
    ['transient', 6, [125, 250, 500, 1000, 2000]], ['slow', 4, [125, 250, 500]], ['corrupt', 3, [125, 250]], ['unauthorized', 2, [0]],
    ['busy', 18, [125, 250, 500, 1000, 2000, 4000, 8000, ...Array.from({ length: 10 }, () => 10_000)]],
  ])('that fails because it is %s is tried %i times, and the error counts the tries', async (retry, tries, sleeps) => {
    const { tries: counted, failure } = await request(new CopyError({ ...details, retry }));
    expect([counted, clock.sleeps]).toEqual([tries, sleeps]);
    expect(failure).toMatchObject({ message: `could not read the manifest from the source a/b:c: it broke (tried ${tries} times)${retry === 'busy' ? ', and no time is left to wait 10 s and try again' : ''}`, retryable: false, status: 500, code: 'X' });
  });

  test('without time for the first wait fails, and the error has the length of the wait', async () => {
    const { failure } = await request(new CopyError({ ...details, retry: 'busy', retryAfter: 5_001 }), clock.now() + 5_000);
    expect(failure).toMatchObject({
      message: 'could not read the manifest from the source a/b:c: it broke, and no time is left to wait 6 s and try again', retryable: false,
    });
  });

  test('has an error with a name that says whether it can be retried', () => {
    expect([new CopyError(details), new CopyError({ ...details, retry: 'busy' })].map(({ name, retryable }) => [name, retryable])).toEqual([['CopyError', false], ['CopyError', true]]);
    expect(new Failure('it broke')).toMatchObject({ name: 'Failure', message: 'it broke', party: 'peer' });
  });

  test('that fails for good has its error unchanged', async () => {
    const error = new CopyError({ ...details, side: 'destination' });
    expect(await request(error)).toEqual({ tries: 1, failure: error });
    expect(error.message).toBe('could not read the manifest at the destination a/b:c: it broke');
    expect((await request(failed('transient'))).tries).toBe(1);
  });
});

describe('a response is retried', () => {
  test.each([429, 529])('later, after the status %i', status => expect(retryReason(status)).toBe('busy'));

  test.each([408, 425, 499, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530, 561, 598, 599])(
    'soon, after the status %i', status => expect(retryReason(status)).toBe('transient'));

  test.each([200, 400, 401, 403, 404, 405, 409, 501, 505, 528])('never, after the status %i', status => expect(retryReason(status)).toBeUndefined());

  test('by its code: a rate limit, or corrupt content', () => {
    expect(retryReason(403, 'TOOMANYREQUESTS')).toBe('busy');
    expect(retryReason(400, 'DIGEST_INVALID')).toBe('corrupt');
    expect([retryReason(404, 'DIGEST_INVALID'), retryReason(400, 'MANIFEST_INVALID')]).toEqual([undefined, undefined]);
  });

  test.each<[string, number | undefined]>([
    [' 7 ', 7_000], ['999999999', 999_999_999_000], ['1234567890', undefined], ['7s', undefined], ['x7', undefined],
    ['Thu, 01 Jan 1970 00:00:05 GMT', 4_000], ['Thu, nonsense', undefined], ['1970-01-01T00:00:05Z', undefined], ['xThu, 01 Jan 1970 00:00:05 GMT', undefined],
  ])('after the time in the header Retry-After: %j', (header, wait) => {
    expect(parseRetryAfter(header, 1000)).toBe(wait);
  });
});

describe('a pause', () => {
  test('does not begin if it would reach the deadline', async () => {
    expect(await pause(100, { clock, deadline: clock.now() + 100 })).toBe(false);
    expect(clock.sleeps).toEqual([]);
    expect(await pause(100, { clock, deadline: clock.now() + 101 })).toBe(true);
    expect(await pause(100, { clock })).toBe(true);
    expect(clock.sleeps).toEqual([100, 100]);
  });
});

describe('of several tasks', () => {
  async function run(count: number, limit: number, fails: (item: number) => boolean = () => false) {
    const [begun, ended]: number[][] = [[], []];
    let most = 0;
    const failure = await forEachLimited(Array.from({ length: count }, (_, item) => item), limit, async item => {
      begun.push(item);
      most = Math.max(most, begun.length - ended.length);
      await new Promise(resolve => setImmediate(resolve));
      ended.push(item);
      if (fails(item)) throw new Error(`task ${item}`);
    }).catch((error: unknown) => error);
    return { begun, ended, most, failure };
  }

  test('each one runs once, and only a few at a time', async () => {
    expect(await run(7, 3)).toEqual({ begun: [0, 1, 2, 3, 4, 5, 6], ended: [0, 1, 2, 3, 4, 5, 6], most: 3, failure: undefined });
    expect((await run(2, 3)).most).toBe(2);
    expect((await run(0, 3)).begun).toEqual([]);
  });

  test('none starts after one has failed, and the running ones end first', async () => {
    const { begun, ended, failure } = await run(9, 3, item => item === 1 || item === 2);
    expect(failure).toEqual(new Error('task 1'));
    expect(ended).toEqual(begun);
    expect(begun.length).toBeLessThanOrEqual(4);
  });
});
