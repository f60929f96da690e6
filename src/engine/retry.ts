import { Clock } from './clock';
import { CopyError, RetryReason } from './errors';

const FIRST_WAIT = 250;
const LONGEST_WAIT = 20_000;

/** How often an attempt is repeated for one reason, and for how many milliseconds. */
interface Patience {
  readonly repeats: number;
  readonly milliseconds: number;
}

// A registry that stays silent or broken fails a small request, and with it the copy, within about a minute.
const USUAL = 45_000;
const REPEATS = 5;
const PATIENCE: Readonly<Record<RetryReason, Patience>> = {
  transient: { repeats: REPEATS, milliseconds: USUAL },
  // All copies of a deployment share the rate of one account, and each of them has a process of its own.
  busy: { repeats: 20, milliseconds: 120_000 },
  // Wrong bytes rarely become right, a second refusal is final.
  corrupt: { repeats: 2, milliseconds: USUAL },
  unauthorized: { repeats: 1, milliseconds: USUAL },
};

/** Repeats what may be repeated: full jitter, `Retry-After` honoured, never beyond the deadline. */
export class Retrier {
  constructor(private readonly clock: Clock, private readonly deadline: number, private readonly signal?: AbortSignal) {}

  /**
   * Runs an attempt until it succeeds or must not be repeated; then its last error is thrown.
   *
   * @param patience milliseconds after which no further attempt begins, where that is longer than usual: what moves many bytes
   * has no limit but the deadline.
   */
  async run<T>(attempt: () => Promise<T>, patience = 0): Promise<T> {
    const begun = this.clock.now();
    const repeats: Record<RetryReason, number> = { transient: 0, busy: 0, corrupt: 0, unauthorized: 0 };
    for (let tries = 0; ; tries++) {
      try {
        return await attempt();
      } catch (error) {
        const reason = error instanceof CopyError ? error.details.retry : undefined;
        if (!(error instanceof CopyError) || reason === undefined || this.signal?.aborted) throw error;
        const isWornOut = reason !== 'busy' && tries - repeats.busy >= REPEATS;
        if (isWornOut || repeats[reason]++ === PATIENCE[reason].repeats) throw afterTries(error, tries + 1);
        await this.wait(error, reason, tries, Math.min(this.deadline, begun + Math.max(PATIENCE[reason].milliseconds, patience)));
      }
    }
  }

  private async wait(error: CopyError, reason: RetryReason, tries: number, end: number): Promise<void> {
    // A new token makes the next attempt worthwhile at once.
    const jitter = reason === 'unauthorized' ? 0 : this.clock.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries);
    const milliseconds = Math.max(jitter, error.details.retryAfter ?? 0);
    if (this.clock.now() + milliseconds >= end) {
      const wait = Math.ceil(milliseconds / 1000);
      throw afterTries(error, tries + 1, `, and no time is left to wait ${wait} s and try again`);
    }
    try {
      await this.clock.sleep(milliseconds, this.signal);
    } catch {
      throw error;
    }
  }
}

// A server that has lost its way, or is on its way down or up.
const FAILING = [408, 425, 500, 502, 503, 504];

/** Why a request may be repeated that was answered like this. */
export function retryReason(status: number, code?: string): RetryReason | undefined {
  if (status === 429 || code === 'TOOMANYREQUESTS') return 'busy';
  if (FAILING.includes(status)) return 'transient';
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

function afterTries({ details }: CopyError, tries: number, more = ''): CopyError {
  const counted = tries === 1 ? '' : ` (tried ${tries} times)`;
  return new CopyError({ ...details, retry: undefined, reason: details.reason + counted + more });
}
