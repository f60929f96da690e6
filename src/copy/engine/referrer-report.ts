// Who has more than that to hear needs no list.
const MAX_PROBLEMS = 50;

/** What became of the referrers of an image, in words. */
export class ReferrerReport {
  private copied = 0;
  private lost = 0;
  private readonly problems: string[] = [];

  /** How many referrers were copied or could not be. */
  public get count(): number {
    return this.copied + this.lost;
  }

  /** Something has been copied. */
  public add(): void {
    this.copied++;
  }

  /** Something has not been copied. */
  public miss(what: string, why: string): void {
    this.lost++;
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(`${what} (${why})`);
  }

  public toString(): string {
    if (this.lost === 0) return `${this.copied} copied`;
    const more = this.lost > this.problems.length ? `; and ${this.lost - this.problems.length} more` : '';
    return `${this.copied} copied, ${this.lost} not copied: ${this.problems.join('; ')}${more}`;
  }
}
