/** Decisions about what is open until deployment, each made once. */
export class Choices {
  private readonly made = new Map<string, unknown>();
  private readonly taken: Array<{ readonly option: number; readonly of: number }> = [];

  /** @param script numbers of the options to take, one decision after the other; the first option after that */
  constructor(private readonly script: readonly number[]) {}

  /** One of the options: the same for the same subject each time. */
  public choose(subject: string, options: readonly unknown[]): unknown {
    if (!this.made.has(subject)) {
      const option = this.script[this.taken.length] ?? 0;
      this.taken.push({ option, of: options.length });
      this.made.set(subject, options[option]);
    }
    return this.made.get(subject);
  }

  public has(subject: string): boolean {
    return this.made.has(subject);
  }

  public get(subject: string): unknown {
    return this.made.get(subject);
  }

  /** What follows from a decision. */
  public set(subject: string, value: unknown): void {
    this.made.set(subject, value);
  }

  /** Scripts that differ from this one in one decision behind its end. Together they lead to every combination, and to each once. */
  public alternatives(): number[][] {
    return this.taken.flatMap(({ of }, position) => position < this.script.length ? [] : Array.from({ length: Math.max(0, of - 1) }, (_, index) =>
      [...this.taken.slice(0, position).map(({ option }) => option), index + 1]));
  }
}
