import { Clock } from './clock';

/** Calls back when nothing has moved for too long. */
export class StallGuard {
  private last: number;
  private stopped = false;
  private cancel: () => void;

  constructor(private readonly clock: Clock, private patience: number, private readonly onStall: (seconds: number) => void) {
    this.last = clock.now();
    this.cancel = this.arm(patience);
  }

  /** Something moved. Cheap enough for every chunk: the timer is not touched. */
  public touch(): void {
    this.last = this.clock.now();
  }

  /** Something moved, and from now on the patience is another one. */
  public expect(patience: number): void {
    if (this.stopped) return;
    this.cancel();
    this.patience = patience;
    this.touch();
    this.cancel = this.arm(patience);
  }

  /** All is done. */
  public stop(): void {
    this.stopped = true;
    this.cancel();
  }

  private arm(milliseconds: number): () => void {
    return this.clock.timer(milliseconds, () => {
      const left = this.last + this.patience - this.clock.now();
      if (left > 0) {
        this.cancel = this.arm(left);
      } else {
        this.onStall(Math.round(this.patience / 1000));
      }
    });
  }
}
