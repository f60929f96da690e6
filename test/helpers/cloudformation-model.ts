import { TestImage } from './registry-images';

/** The images of all sequences, by the tag under which the source offers them. */
export type Images = Readonly<Record<string, TestImage>>;

/** A template in the words of the model. */
export interface Order {
  /** Tag at the source: one that always means the same image, or `moving`. */
  readonly source: string;
  readonly destination: string;
  readonly liveTagPrefix: string;
  readonly tags: readonly string[];
  readonly floatingTags: readonly string[];
}

/** What an event is answered with. */
export type Expected =
  | { readonly status: 'SUCCESS'; readonly DigestHex: string; readonly Tag: string }
  | { readonly status: 'FAILED' };

/** What is where, without any request: the rules of the copy in as few words as possible. */
export class Model {
  /** What the last good template says. */
  public template?: Order;
  /** Whether the stack is in the state UPDATE_ROLLBACK_FAILED. */
  public stuck = false;
  /** Tags of the source and their digests. */
  public readonly source = new Map<string, string>();
  /** Tags of the destinations and their digests. */
  public readonly destinations = new Map<string, Map<string, string>>();

  constructor(images: Images, destinations: readonly string[]) {
    Object.entries(images).forEach(([tag, { digest }]) => this.source.set(tag, digest));
    destinations.forEach(name => this.destinations.set(name, new Map()));
  }

  /** Create and Update: all tags or none. */
  public copy(order: Order): Expected {
    const writes = this.writes(order);
    if (writes === undefined) return { status: 'FAILED' };
    const [[Tag, digest]] = writes;
    writes.forEach(([tag, wanted]) => this.tags(order).set(tag, wanted));
    return { status: 'SUCCESS', DigestHex: digest.slice('sha256:'.length), Tag };
  }

  /**
   * What a copy that was cut off may have left: its first tags, or all of them, or none.
   *
   * @param found the tags that are really there.
   */
  public cutOff(order: Order, found: ReadonlyMap<string, string>): void {
    const tags = this.tags(order);
    const missing = (this.writes(order) ?? []).filter(([tag, digest]) => tags.get(tag) !== digest);
    for (const [tag, digest] of missing) {
      if (found.get(tag) !== digest) break;
      tags.set(tag, digest);
    }
  }

  /** Whether a copy of this order would write a tag. */
  public wouldWrite(order: Order): boolean {
    return (this.writes(order) ?? []).some(([tag, digest]) => this.tags(order).get(tag) !== digest);
  }

  private writes({ source, liveTagPrefix, tags, floatingTags, destination }: Order): [string, string][] | undefined {
    const digest = this.source.get(source);
    if (digest === undefined) return undefined;
    const fixed = [liveTagPrefix + digest.slice(7, 19), ...tags];
    const taken = fixed.map(tag => this.tags({ destination }).get(tag)).filter(current => current !== undefined && current !== digest);
    return taken.length > 0 ? undefined : [...fixed, ...floatingTags].map(tag => [tag, digest]);
  }

  private tags({ destination }: Pick<Order, 'destination'>): Map<string, string> {
    const tags = this.destinations.get(destination);
    if (tags === undefined) throw new Error(`the model knows no destination ${destination}`);
    return tags;
  }
}
