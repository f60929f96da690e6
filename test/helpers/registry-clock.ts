import { setImmediate as tick } from 'node:timers/promises';
import { Clock } from '../../src/engine/clock';

/** A clock that moves only when a test or a sleep moves it. Sleeping takes no time and is recorded. */
export class TestClock implements Clock {
  public readonly sleeps: number[] = [];
  private time = Date.UTC(2026, 0, 1);
  private readonly timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  constructor(private readonly chance = 0.5) {}

  public now(): number {
    return this.time;
  }

  public random(): number {
    return this.chance;
  }

  public async sleep(milliseconds: number): Promise<void> {
    this.sleeps.push(milliseconds);
    this.time += milliseconds;
    await tick();
  }

  public timer(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.time + milliseconds, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Lets time pass and runs all timers that are due. */
  public advance(milliseconds: number): void {
    this.time += milliseconds;
    for (const timer of [...this.timers].filter(({ at }) => at <= this.time)) {
      this.timers.delete(timer);
      timer.callback();
    }
  }

  /** The number of waiting timers: none may be left behind. */
  public get pending(): number {
    return this.timers.size;
  }
}
