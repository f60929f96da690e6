import { Clock, pause } from './clock';
import { CopyError, RetryReason, RetryableError } from './errors';

/** A retry policy. */
export interface RetryPolicy {
  readonly clock: Clock;

  /** The rule for each reason. Failures for other reasons are final. */
  readonly rules: Readonly<Partial<Record<RetryReason, RetryRule>>>;

  /**
   * The maximum number of repeats for all reasons together, not counting `busy`.
   *
   * @default - no limit
   */
  readonly repeats?: number;

  /**
   * The time at which no further attempt begins.
   *
   * @default - none
   */
  readonly deadline?: number;

  /**
   * Whether only the deadline limits the time, not the `milliseconds` of the rules.
   *
   * @default false
   */
  readonly isUnhurried?: boolean;

  readonly signal?: AbortSignal;

  /**
   * The reason why an attempt may be repeated.
   *
   * @default - the one that a `RetryableError` has
   */
  readonly reasonOf?: (error: unknown) => RetryReason | undefined;

  /**
   * The error to throw when an attempt could be repeated, but not within the limits.
   *
   * @param wait the milliseconds for which no time is left, if that is the limit.
   * @default - the last error
   */
  readonly giveUp?: (error: unknown, tries: number, wait?: number) => unknown;
}

/** The retry limits for one reason. */
export interface RetryRule {
  /** @default - no limit */
  readonly repeats?: number;

  /**
   * Milliseconds after the first attempt began, after which no further attempt begins.
   *
   * @default - no limit
   */
  readonly milliseconds?: number;

  readonly backoff: Backoff;
}

/** The wait before an attempt. It doubles with each attempt. */
export interface Backoff {
  /** The longest wait before the second attempt, in milliseconds. */
  readonly first: number;

  /** The longest wait before any attempt, in milliseconds. */
  readonly longest: number;

  /** The part of a wait that is random: 1 for full jitter, 0 for none. */
  readonly jitter: number;
}

/** The retry rule for a new permission or role, which takes some seconds to take effect. */
export const PERMISSION_PROPAGATION: RetryRule = { milliseconds: 30_000, backoff: { first: 5_000, longest: 5_000, jitter: 0 } };

/**
 * Runs an attempt until it succeeds or must not be repeated.
 *
 * A longer wait that the other end asked for (`retryAfter`) is respected.
 *
 * @param attempt gets its number, from 1.
 */
export async function repeat<T>(policy: RetryPolicy, attempt: (number: number) => Promise<T>): Promise<T> {
  const { clock, rules, deadline = Infinity, signal, reasonOf = reasonIn, giveUp = (error: unknown) => error } = policy;
  const begun = clock.now();
  const repeated: RetryReason[] = [];
  for (;;) {
    try {
      return await attempt(repeated.length + 1);
    } catch (error) {
      const reason = reasonOf(error);
      const rule = reason && rules[reason];
      if (reason === undefined || rule === undefined || signal?.aborted) throw error;
      const tries = repeated.length + 1;
      if (isUsedUp(reason, rule, policy, repeated)) throw giveUp(error, tries);
      const wait = Math.max(waitAfter(tries, clock, rule.backoff), error instanceof RetryableError ? error.retryAfter ?? 0 : 0);
      const end = Math.min(deadline, begun + (policy.isUnhurried ? Infinity : rule.milliseconds ?? Infinity));
      const isTimeLeft = await pause(wait, { clock, deadline: end, signal }).catch(() => { throw error; });
      if (!isTimeLeft) throw giveUp(error, tries, wait);
      repeated.push(reason);
    }
  }
}

/** The milliseconds to wait after a number of tries. */
export function waitAfter(tries: number, clock: Clock, { first, longest, jitter }: Backoff): number {
  return (1 - jitter + jitter * clock.random()) * Math.min(longest, first * 2 ** (tries - 1));
}

function reasonIn(error: unknown): RetryReason | undefined {
  return error instanceof RetryableError ? error.retry : undefined;
}

function isUsedUp(reason: RetryReason, rule: RetryRule, { repeats = Infinity }: RetryPolicy, repeated: readonly RetryReason[]): boolean {
  const others = repeated.filter(each => each !== 'busy').length;
  return (reason !== 'busy' && others >= repeats) || repeated.filter(each => each === reason).length >= (rule.repeats ?? Infinity);
}

const REPEATS = 5;
const BACKOFF: Backoff = { first: 250, longest: 20_000, jitter: 1 };
// A registry that does not respond, or only with errors, fails a small request, and with it the copy, within about a minute.
const USUAL = { milliseconds: 45_000, backoff: BACKOFF };
const COPY_RULES: RetryPolicy['rules'] = {
  transient: { ...USUAL, repeats: REPEATS },
  // The waits are those of `patienceFor`.
  slow: { ...USUAL, repeats: 3 },
  // All copies of a deployment share the rate limit of one account, and each copy is a separate process.
  busy: { repeats: 20, milliseconds: 120_000, backoff: BACKOFF },
  // Corrupt content rarely becomes correct.
  corrupt: { ...USUAL, repeats: 2 },
  // With a new token, the next attempt can succeed at once. A second refusal is final.
  unauthorized: { ...USUAL, repeats: 1, backoff: { first: 0, longest: 0, jitter: 0 } },
};

/** The policy for requests to registries. */
export function copyRetries(clock: Clock, deadline: number, signal?: AbortSignal): RetryPolicy {
  return {
    clock, deadline, signal, rules: COPY_RULES, repeats: REPEATS,
    reasonOf: error => error instanceof CopyError ? error.retry : undefined,
    giveUp: (error, tries, wait) => {
      if (!(error instanceof CopyError)) return error;
      const counted = tries === 1 ? '' : ` (tried ${tries} times)`;
      const late = wait === undefined ? '' : `, and no time is left to wait ${Math.ceil(wait / 1000)} s and try again`;
      return new CopyError({ ...error.details, retry: undefined, reason: error.details.reason + counted + late });
    },
  };
}

// Status codes of a server that fails, starts, shuts down or cannot reach another server.
const FAILING = [
  408, 425, 500, 502, 503, 504,
  // nginx: the client closed the connection. Behind a proxy, the client is that proxy.
  499,
  // Cloudflare: https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
  520, 521, 522, 523, 524, 525, 526, 527, 530,
  // AWS load balancers: the login service did not respond. Proxies: no response in time.
  561, 598, 599,
];
// 529: the server is overloaded.
const BUSY = [429, 529];

/** The reason why a request with this response may be repeated. */
export function retryReason(status: number, code?: string): RetryReason | undefined {
  if (BUSY.includes(status) || code === 'TOOMANYREQUESTS') return 'busy';
  if (FAILING.includes(status)) return 'transient';
  return status === 400 && code === 'DIGEST_INVALID' ? 'corrupt' : undefined;
}

/** The milliseconds that a `Retry-After` header (seconds or a date) asks to wait. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  // Date.parse would read a stray number as a year.
  const date = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
