import { setTimeout as delay } from 'node:timers/promises';

/** Time and randomness, which tests replace. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;

  /** At least 0, less than 1. */
  random(): number;

  /** Resolves after some milliseconds. Rejects if the signal aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;

  /** Calls back once after some milliseconds. The returned function cancels the timer. */
  timer(milliseconds: number, callback: () => void): () => void;
}

/** The real clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, { signal });
  },
  timer: (milliseconds, callback) => {
    const handle = setTimeout(callback, milliseconds);
    return () => clearTimeout(handle);
  },
};

/** The limits of a wait. */
export interface PauseLimits {
  readonly clock: Clock;
  /** @default - no deadline */
  readonly deadline?: number;
  readonly signal?: AbortSignal;
}

/** Waits. Returns `false` immediately if the wait would end after the deadline. Rejects if the signal aborts. */
export async function pause(milliseconds: number, { clock, deadline = Infinity, signal }: PauseLimits): Promise<boolean> {
  if (clock.now() + milliseconds >= deadline) return false;
  await clock.sleep(milliseconds, signal);
  return true;
}

// ECR accepts 10 per second and account and region.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
const MANIFEST_WRITES = 8;
const PER_MILLISECONDS = 1000;
// A request that must wait longer than this fails, so the other requests do not wait for it.
const LONGEST_QUIET = 20_000;

/** The pace of all requests to one host. */
export class HostPace {
  private quietUntil = -Infinity;
  private readonly writes: number[] = [];

  constructor(private readonly clock: Clock) {}

  /** Holds back all requests to the host after it asked one of them to wait. */
  public holdBack(milliseconds: number): void {
    this.quietUntil = Math.max(this.quietUntil, this.clock.now() + milliseconds);
  }

  /** Waits until a request may be sent. */
  public async turn(signal?: AbortSignal): Promise<void> {
    const quiet = this.quietUntil - this.clock.now();
    if (quiet <= LONGEST_QUIET) await this.sleep(quiet, signal);
  }

  /** Waits until a manifest may be written. */
  public async manifestWrite(signal?: AbortSignal): Promise<void> {
    const now = this.clock.now();
    const place = this.writes.length < MANIFEST_WRITES ? now : Math.max(now, this.writes[0] + PER_MILLISECONDS);
    this.writes.push(place);
    if (this.writes.length > MANIFEST_WRITES) this.writes.shift();
    await this.sleep(place - now, signal);
  }

  private async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    // If the copy is cancelled during the wait, the request fails with the reason.
    if (milliseconds > 0) await pause(milliseconds, { clock: this.clock, signal }).catch(() => undefined);
  }
}

/** The pace that several copies share, by host. */
export class Pacing {
  private readonly hosts = new Map<string, HostPace>();

  constructor(private readonly clock: Clock = systemClock) {}

  /** The pace of one exact host. */
  public of(host: string): HostPace {
    const pace = this.hosts.get(host) ?? new HostPace(this.clock);
    this.hosts.set(host, pace);
    return pace;
  }
}

/**
 * Runs a task for every item, a few at a time. After a failure no further task begins. No task is running when this returns or throws.
 */
export async function forEachLimited<T>(items: readonly T[], limit: number, task: (item: T) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const worker = async () => {
    for (const item of queue) {
      try {
        await task(item);
      } catch (error) {
        failures.push(error);
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
