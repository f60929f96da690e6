import { setTimeout as delay } from 'node:timers/promises';

/** Time and chance, so that tests can decide about both. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;

  /** At least 0, less than 1. */
  random(): number;

  /** Resolves after some milliseconds, rejects when the signal aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;

  /** Calls back once after some milliseconds; the result cancels it. */
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
