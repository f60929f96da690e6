import { Clock } from '../engine/clock';

/** How long is waited after the first try, and how long at the most, in milliseconds. */
export interface Waits {
  readonly first: number;
  readonly longest: number;
}

/** Milliseconds until the next try: twice as long each time, and at random between half of that and all of it. */
export function backoff(tries: number, clock: Clock, { first, longest }: Waits): number {
  return (0.5 + clock.random() / 2) * Math.min(longest, first * 2 ** tries);
}
