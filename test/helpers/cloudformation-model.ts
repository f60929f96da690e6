import { createHash } from 'node:crypto';
import { TestImage } from './registry-images';

/** The images of all sequences, by their tag in the source. */
export type Images = Readonly<Record<string, TestImage>>;

/** The tag of the source that moves. */
export const MOVING = 'moving';

/** A template in the terms of the model. */
export interface Order {
  /** Tag in the source: one that never moves, or `MOVING`. */
  readonly source: string;
  readonly destination: string;
  readonly liveTagPrefix: string;
  readonly tags: readonly string[];
  readonly floatingTags: readonly string[];
}

/** The response to an event. */
export type Expected =
  | { readonly status: 'SUCCESS'; readonly DigestHex: string; readonly Tag: string }
  | { readonly status: 'FAILED' };

/** The expected tags, without any request: the rules of the copy in as few words as possible. */
export class Model {
  /** The last template that was deployed successfully. */
  public template?: Order;
  /** Whether the stack is in the state UPDATE_ROLLBACK_FAILED. */
  public stuck = false;
  /** Tags of the source and their digests. */
  public readonly source = new Map<string, string>();
  /** Tags of the destinations and their digests. */
  public readonly destinations = new Map<string, Map<string, string>>();

  /** @param sourceOf the reference of a source by its tag. */
  constructor(images: Images, destinations: readonly string[], private readonly sourceOf: (tag: string) => string) {
    Object.entries(images).forEach(([tag, { digest }]) => this.source.set(tag, digest));
    destinations.forEach(name => this.destinations.set(name, new Map()));
  }

  /**
   * Create and Update: all tags or none.
   *
   * @param found the actual tags afterwards.
   */
  public copy(order: Order, found: ReadonlyMap<string, string>): Expected {
    const writes = this.writes(order);
    if (writes === undefined) return { status: 'FAILED' };
    const [[Tag, digest]] = writes;
    const tags = this.tags(order);
    // An image that already has another tag is not checked again, and so can lack the record of its source.
    const isNew = writes.every(([tag]) => tags.get(tag) !== digest);
    const notes = this.note(order, digest).filter(([tag]) => isNew || found.get(tag) === digest);
    // A second try within one event finds the tags of the first one, and can treat them as tags that existed before.
    const wasThere = [...tags.values()].includes(digest);
    const kept = this.kept(order, digest).filter(([tag]) => wasThere || found.get(tag) === digest);
    [...writes, ...notes, ...kept].forEach(([tag]) => tags.set(tag, digest));
    return { status: 'SUCCESS', DigestHex: digest.slice('sha256:'.length), Tag };
  }

  /** The possible tags after an interrupted copy: the first ones, all of them, or none. */
  public cutOff(order: Order, found: ReadonlyMap<string, string>): void {
    const writes = this.writes(order) ?? [];
    const tags = this.tags(order);
    const missing = writes.filter(([tag, digest]) => tags.get(tag) !== digest);
    const end = missing.findIndex(([tag, digest]) => found.get(tag) !== digest);
    const notes = writes.slice(0, 1).flatMap(([, digest]) => [...this.note(order, digest), ...this.kept(order, digest)])
      .filter(([tag, digest]) => found.get(tag) === digest);
    [...missing.slice(0, end < 0 ? undefined : end), ...notes].forEach(([tag, digest]) => tags.set(tag, digest));
  }

  /** Whether a copy of this order would write a tag. */
  public wouldWrite(order: Order): boolean {
    return (this.writes(order) ?? []).some(([tag, digest]) => this.tags(order).get(tag) !== digest);
  }

  private writes(order: Order): [string, string][] | undefined {
    const { source, liveTagPrefix, tags, floatingTags } = order;
    // An image that was deleted from the source can have been copied before.
    const [[remembered] = []] = this.note(order, '');
    const digest = this.source.get(source) ?? this.tags(order).get(remembered ?? '');
    if (digest === undefined) return undefined;
    const fixed = [liveTagPrefix + digest.slice(7, 19), ...tags];
    const taken = fixed.map(tag => this.tags(order).get(tag)).filter(current => current !== undefined && current !== digest);
    return taken.length > 0 ? undefined : [...fixed, ...floatingTags].map(tag => [tag, digest]);
  }

  /** The tag that records the image of a source, unless the source can move at any time. */
  private note({ source, liveTagPrefix }: Order, digest: string): [string, string][] {
    if (source === MOVING) return [];
    return [[`${liveTagPrefix}source-${createHash('sha256').update(this.sourceOf(source)).digest('hex').slice(0, 12)}`, digest]];
  }

  /** The tag of an image that existed in the destination before. */
  private kept({ liveTagPrefix }: Order, digest: string): [string, string][] {
    return [[`${liveTagPrefix}kept-${digest.slice(7, 19)}`, digest]];
  }

  private tags({ destination }: Order): Map<string, string> {
    const tags = this.destinations.get(destination);
    if (tags === undefined) throw new Error(`the model knows no destination ${destination}`);
    return tags;
  }
}
