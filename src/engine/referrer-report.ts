// Who has more than that to hear needs no list.
const MAX_PROBLEMS = 50;

/** What became of the referrers of an image, in words. */
export class ReferrerReport {
  private copied = 0;
  private lost = 0;
  private unnamed = 0;
  private readonly problems: string[] = [];

  /** How many referrers were copied or could not be. */
  public get count(): number {
    return this.copied + this.lost;
  }

  /** Counts a referrer that has been copied. */
  public add(): void {
    this.copied++;
  }

  /** Counts referrers that have not been copied, one unless told otherwise. */
  public miss(what: string, why: string, count = 1): void {
    this.lost += count;
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(`${what} (${why})`);
    else this.unnamed += count;
  }

  public toString(): string {
    if (this.lost === 0) return `${this.copied} copied`;
    const more = this.unnamed === 0 ? '' : `; and ${this.unnamed} more`;
    return `${this.copied} copied, ${this.lost} not copied: ${this.problems.join('; ')}${more}`;
  }
}
