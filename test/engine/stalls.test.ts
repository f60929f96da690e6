import { Failure } from '../../src/engine/errors';
import { StallGuard, asFailure, patienceFor } from '../../src/engine/http';
import { TestClock } from '../helpers/registry-clock';

describe('a transfer without progress', () => {
  let clock: TestClock;
  let stalls: number[];
  beforeEach(() => {
    clock = new TestClock();
    stalls = [];
  });
  const guard = (patience: number) => new StallGuard(clock, patience, seconds => stalls.push(seconds));
  const advance = (...steps: number[]) => steps.map(step => {
    clock.advance(step);
    return stalls.length;
  });

  test('ends after its time limit, once', () => {
    guard(30_000);
    expect(advance(29_999, 1, 30_000)).toEqual([0, 1, 1]);
    expect([stalls, clock.pending]).toEqual([[30], 0]);
  });

  test('gets the whole time again after each progress', () => {
    const watched = guard(30_000);
    expect(advance(20_000)).toEqual([0]);
    watched.touch();
    expect(advance(10_000, 19_999, 1)).toEqual([0, 0, 1]);
  });

  test('can get a new time limit', () => {
    const watched = guard(30_000);
    clock.advance(20_000);
    watched.expect(90_000);
    expect(clock.pending).toBe(1);
    expect(advance(30_000, 59_999, 1)).toEqual([0, 0, 1]);
    expect(stalls).toEqual([90]);
  });

  test('does not end after it has completed, and leaves no timer behind', () => {
    const watched = guard(30_000);
    watched.stop();
    watched.expect(10);
    expect([advance(90_000), clock.pending]).toEqual([[0], 0]);
  });

  test('of a blob can take longer with each attempt, up to five minutes', () => {
    expect([1, 2, 3, 4, 5].map(patienceFor)).toEqual([30_000, 90_000, 270_000, 300_000, 300_000]);
  });
});

describe('a connection error', () => {
  const coded = (code: string) => Object.assign(new Error('connect to https://secret.example'), { code });

  test.each<[unknown, string, string | undefined]>([
    [coded('ECONNRESET'), 'the connection failed (ECONNRESET)', 'transient'],
    [coded('ERR_STREAM_PREMATURE_CLOSE'), 'the connection failed (ERR_STREAM_PREMATURE_CLOSE)', 'transient'],
    [coded('ERR_INVALID_CHAR'), 'the connection failed (ERR_INVALID_CHAR)', undefined],
    [coded('HPE_INVALID_CONSTANT'), 'the answer is not valid HTTP (HPE_INVALID_CONSTANT)', 'transient'],
    [coded('CERT_HAS_EXPIRED'), 'the certificate is not valid (CERT_HAS_EXPIRED)', undefined],
    [coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'the certificate is not valid (ERR_TLS_CERT_ALTNAME_INVALID)', undefined],
    [coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'the certificate is not valid (UNABLE_TO_VERIFY_LEAF_SIGNATURE)', undefined],
    [coded('ABORT_ERR'), 'the copy was cancelled', undefined],
    [new Error('https://secret.example'), 'the connection failed (unexpected error)', undefined],
    ['https://secret.example', 'the connection failed (unexpected error)', undefined],
    [null, 'the connection failed (unexpected error)', undefined],
  ])('is named by its code, without an address, and retried if that can help: %s', (error, reason, retry) => {
    expect(asFailure(error)).toMatchObject({ reason, retry });
  });

  test('is unchanged if it is a known error, or becomes the reason of the cancellation', () => {
    const [known, reason] = [new Failure('known'), new Failure('the time ran out')];
    const controller = new AbortController();
    expect(asFailure(known, controller.signal)).toBe(known);
    controller.abort(reason);
    expect(asFailure(coded('ABORT_ERR'), controller.signal)).toBe(reason);
    expect(asFailure(known, AbortSignal.abort())).toBe(known);
  });
});
