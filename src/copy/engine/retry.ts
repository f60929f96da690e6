import { Clock } from './clock';
import { CopyError, RetryReason } from './errors';

const FIRST_WAIT = 250;
const LONGEST_WAIT = 20_000;
// A registry that stays silent or busy fails a small request, and with it the copy, within about a minute.
const SMALL_REQUEST_BUDGET = 45_000;

/** How often an attempt is repeated for one reason. Wrong bytes rarely become right, a second refusal is final. */
const REPEATS: Readonly<Record<RetryReason, number>> = { transient: 5, corrupt: 2, unauthorized: 1 };

/** Repeats what may be repeated: full jitter, `Retry-After` honoured, never beyond the deadline. */
export class Retrier {
  constructor(private readonly clock: Clock, private readonly deadline: number, private readonly signal?: AbortSignal) {}

  /**
   * Runs an attempt until it succeeds or must not be repeated; then its last error is thrown.
   *
   * @param budget milliseconds after which no further attempt begins; what moves many bytes has no such limit.
   */
  async run<T>(attempt: () => Promise<T>, budget = SMALL_REQUEST_BUDGET): Promise<T> {
    const end = Math.min(this.deadline, this.clock.now() + budget);
    const left: Record<RetryReason, number> = { ...REPEATS };
    for (let tries = 0; ; tries++) {
      try {
        return await attempt();
      } catch (error) {
        const reason = error instanceof CopyError ? error.details.retry : undefined;
        if (!(error instanceof CopyError) || reason === undefined || this.signal?.aborted) throw error;
        if (left[reason]-- === 0 || tries >= REPEATS.transient) throw afterTries(error, tries + 1);
        await this.wait(error, reason, tries, end);
      }
    }
  }

  private async wait(error: CopyError, reason: RetryReason, tries: number, end: number): Promise<void> {
    // A new token makes the next attempt worthwhile at once.
    const jitter = reason === 'unauthorized' ? 0 : this.clock.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries);
    const milliseconds = Math.max(jitter, error.details.retryAfter ?? 0);
    if (this.clock.now() + milliseconds >= end) {
      const wait = Math.ceil(milliseconds / 1000);
      throw new CopyError({ ...error.details, retry: undefined, reason: `${error.details.reason}, and no time is left to wait ${wait} s and try again` });
    }
    try {
      await this.clock.sleep(milliseconds, this.signal);
    } catch {
      throw error;
    }
  }
}

// A server that is busy, or on its way down or up.
const BUSY = [408, 425, 429, 500, 502, 503, 504];

/** Why a request may be repeated that was answered like this. */
export function retryReason(status: number, code?: string): RetryReason | undefined {
  if (BUSY.includes(status) || code === 'TOOMANYREQUESTS') return 'transient';
  return status === 400 && code === 'DIGEST_INVALID' ? 'corrupt' : undefined;
}

/** Milliseconds that a `Retry-After` header (seconds or a date) asks to wait. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header.trim()) * 1000;
  // Without this look, a stray number would be taken for a year.
  const date = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function afterTries(error: CopyError, tries: number): CopyError {
  if (tries === 1) return error;
  return new CopyError({ ...error.details, retry: undefined, reason: `${error.details.reason} (tried ${tries} times)` });
}
