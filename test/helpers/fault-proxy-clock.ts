import { Clock } from '../../src/engine/clock';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
  readonly counted: boolean;
}

// The number of event loop turns without activity after which everything is waiting for time to pass.
const QUIET_TURNS = 30;

/** A clock that jumps to the next timer if nothing else happens: an hour of waiting takes no time, and the order of events stays. */
export class SimulatedClock implements Clock {
  /** The sleeps, in milliseconds. */
  public readonly sleeps: number[] = [];
  private readonly timers = new Set<Timer>();
  private time = Date.UTC(2026, 0, 1);
  private quiet = 0;
  private watching = false;

  constructor(private readonly chance: () => number = () => 0.5) {}

  public now(): number {
    return this.time;
  }

  public random(): number {
    return this.chance();
  }

  public async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    this.sleeps.push(milliseconds);
    return new Promise((resolve, reject) => {
      const abort = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.timer(milliseconds, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) abort();
    });
  }

  public timer(milliseconds: number, callback: () => void, counted = true): () => void {
    const timer = { at: this.time + milliseconds, callback, counted };
    this.timers.add(timer);
    this.watch();
    return () => this.timers.delete(timer);
  }

  /** The same time for the server side, whose timers are not counted. */
  public otherEnd(): Clock {
    const timer = (milliseconds: number, callback: () => void) => this.timer(milliseconds, callback, false);
    return {
      now: () => this.time,
      random: () => this.chance(),
      timer,
      sleep: async milliseconds => new Promise(resolve => timer(milliseconds, resolve)),
    };
  }

  /** There was activity on the connection. */
  public moved(): void {
    this.quiet = 0;
  }

  /** The number of waiting timers: none may be left behind. */
  public get pending(): number {
    return [...this.timers].filter(({ counted }) => counted).length;
  }

  private watch(): void {
    if (this.watching) return;
    this.watching = true;
    const turn = () => {
      this.watching = this.timers.size > 0;
      if (!this.watching) return;
      if (++this.quiet > QUIET_TURNS) this.jump();
      setImmediate(turn);
    };
    setImmediate(turn);
  }

  private jump(): void {
    this.quiet = 0;
    this.time = Math.min(...[...this.timers].map(({ at }) => at));
    for (const timer of [...this.timers].filter(({ at }) => at <= this.time)) {
      this.timers.delete(timer);
      timer.callback();
    }
  }
}
