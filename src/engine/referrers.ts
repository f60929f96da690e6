import { BlobCopier, writeTags } from './blobs-and-tags';
import { forEachLimited } from './clock';
import { Descriptor } from './digest';
import { CopyError, shown } from './errors';
import { Located, nodeOf, readGraph } from './graph';
import { isObject, parseObject } from './json';
import { RawManifest, newIndex, readManifest } from './manifest';
import { RegistryClient } from './registry-client';

const CONCURRENCY = 4;
// Enough for a signature of an attestation of a signature.
const MAX_DEPTH = 3;
const MAX_REFERRERS = 200;
const TOO_MANY = `there are more than ${MAX_REFERRERS}`;
const NO_TIME = 'no time is left for it';
// The tags in which cosign stores signatures, attestations and SBOMs in registries without the referrers API.
// https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
const COSIGN_SUFFIXES = ['.sig', '.att', '.sbom'];

type Subject = Pick<Located, 'digest' | 'from'>;

/** Copies the referrers of an image: signatures, attestations, bills of materials. Failures are reported and do not fail the copy. */
export class ReferrerCopier {
  private readonly report = new ReferrerReport();

  /** @param isLate whether the time for referrers is over. */
  constructor(private readonly to: RegistryClient, private readonly blobs: BlobCopier, private readonly isLate: () => boolean) {}

  /** Copies the referrers of some manifests. Returns a report. */
  public async copy(subjects: readonly Subject[]): Promise<string> {
    let level = subjects;
    for (let depth = 0; level.length > 0; depth++) {
      const next: Subject[] = [];
      // One list at a time: each may have many entries, and memory is limited.
      for (const subject of level) next.push(...await this.copyReferrersOf(subject, depth));
      level = next;
    }
    return String(this.report);
  }

  private async copyReferrersOf(subject: Subject, depth: number): Promise<readonly Subject[]> {
    const { digest, from } = subject;
    if (this.isLate()) {
      this.report.miss(`what refers to ${digest}`, NO_TIME);
      return [];
    }
    const arrived: Referrer[] = [];
    await this.trying(`the list of what refers to ${digest}`, async () => {
      const { referrers, more, isCut } = await listReferrers(digest, from, { referrers: MAX_REFERRERS, isLate: this.isLate });
      if (isCut) this.report.miss(`the rest of what refers to ${digest}`, this.isLate() ? NO_TIME : 'only a part of the list was read');
      for (const referrer of referrers) {
        if (await this.copyReferrer(referrer, subject, depth)) arrived.push(referrer);
      }
      if (more > 0) this.report.miss(`${more} more that refer to ${digest}`, TOO_MANY, more);
      await addToFallbackTag(digest, arrived, this.to);
    });
    if (depth < MAX_DEPTH) await this.copyCosignTags(subject);
    return arrived.map(referrer => ({ digest: referrer.digest, from }));
  }

  private async copyReferrer({ kind, digest, size }: Referrer, subject: Subject, depth: number): Promise<boolean | undefined> {
    const { from } = subject;
    const what = `${kind} ${digest}`;
    const obstacle = depth >= MAX_DEPTH ? `further than ${MAX_DEPTH} referrers from the image`
      : this.report.count >= MAX_REFERRERS ? TOO_MANY
        : this.isLate() ? NO_TIME : undefined;
    if (obstacle !== undefined) {
      this.report.miss(what, obstacle);
      return false;
    }
    return this.trying(what, async () => {
      const manifest = await from.getManifest(digest, size);
      const isReferrer = refersTo(manifest, subject.digest);
      if (isReferrer) await this.copyManifest(manifest, from);
      return isReferrer;
    });
  }

  private async copyCosignTags({ digest, from }: Subject): Promise<void> {
    for (const tag of COSIGN_SUFFIXES.map(suffix => fallbackTag(digest) + suffix)) {
      await this.trying(tag, async () => {
        if (await from.findManifest(tag) === undefined) return;
        const manifest = await from.getManifest(tag);
        const own = await this.to.findManifest(tag);
        if (own === manifest.digest) return;
        if (own !== undefined) {
          this.report.miss(tag, 'the destination has its own');
          return;
        }
        await this.copyManifest(manifest, from);
        await writeTags([tag], manifest, this.to);
      });
    }
  }

  private async copyManifest(manifest: RawManifest, from: RegistryClient): Promise<void> {
    const graph = await readGraph(await nodeOf(manifest, from), this.to);
    await forEachLimited(graph.blobs, CONCURRENCY, async blob => this.blobs.copy(blob));
    for (const each of [...graph.children, manifest]) await this.to.putManifest(each.digest, each);
    this.report.add();
  }

  /** Runs a step, and reports its failure. */
  private async trying<T>(what: string, step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof CopyError)) throw error;
      this.report.miss(what, error.message);
      return undefined;
    }
  }
}

/** A manifest with another one as its subject. */
export interface Referrer extends Descriptor {
  /** Its artifact type, if its entry has one. */
  readonly kind: string;
  /** Its entry in the list. A large one has no annotations. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** The referrers of a manifest. */
export interface ReferrerList {
  readonly referrers: readonly Referrer[];
  /** The number of further referrers in the pages that were read. */
  readonly more: number;
  /** Whether there are pages that were not read. */
  readonly isCut: boolean;
}

const MAX_PAGES = 20;
const MAX_ENTRY_CHARACTERS = 8 * 1024;

/**
 * The tag under which clients list referrers in registries without the referrers API.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#referrers-tag-schema
 */
export function fallbackTag(digest: string): string {
  return digest.replace(':', '-').slice(0, 128);
}

/** Limits for reading a list. */
export interface ListLimits {
  /** The maximum number of referrers to keep. */
  readonly referrers: number;
  /** Whether the time for reading is over. */
  readonly isLate: () => boolean;
}

/**
 * Lists the referrers of a manifest, page by page. No page is kept.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-referrers
 */
export async function listReferrers(digest: string, client: RegistryClient, limits: ListLimits): Promise<ReferrerList> {
  const referrers: Referrer[] = [];
  const visited = new Set<string>();
  let count = 0;
  for (let next: URL | undefined; ;) {
    const page = await client.getReferrers(digest, next);
    const listed = page === undefined ? await taggedReferrers(digest, client) : await readList(page.manifest, client);
    const fresh = listed.filter(each => !referrers.some(known => known.digest === each.digest));
    count += fresh.length;
    referrers.push(...fresh.slice(0, limits.referrers - referrers.length).map(small));
    visited.add(next?.href ?? '');
    next = page?.next;
    if (next === undefined || visited.has(next.href) || visited.size === MAX_PAGES || limits.isLate()) {
      return { referrers, more: count - referrers.length, isCut: page !== undefined && !page.isLast };
    }
  }
}

/** Adds referrers to the tag under which clients find them in a registry without the referrers API. */
export async function addToFallbackTag(digest: string, arrived: readonly Referrer[], to: RegistryClient): Promise<void> {
  if (arrived.length === 0 || await to.getReferrers(digest) !== undefined) return;
  const others = (await taggedReferrers(digest, to)).filter(each => !arrived.some(referrer => referrer.digest === each.digest));
  await writeTags([fallbackTag(digest)], newIndex([...others, ...arrived].map(({ json }) => json)), to);
}

/** The entries of the index under the fallback tag. Empty if there is none. */
export async function taggedReferrers(digest: string, client: RegistryClient): Promise<readonly Referrer[]> {
  const tag = fallbackTag(digest);
  // Docker Hub limits how many manifests are read, but not how many are looked up.
  const found = await client.findManifest(tag);
  // Some registries confuse the tag with the digest and return the image itself.
  return found === undefined || found === digest ? [] : readList(await client.getManifest(tag), client);
}

/** The referrers in a list. An image index under the same tag contains none, because its entries have a platform instead of an artifact type. */
async function readList(list: RawManifest, client: RegistryClient): Promise<readonly Referrer[]> {
  const { children } = await client.connection.saying({ operation: 'list the referrers' }, () => readManifest(list));
  return children.filter(({ json }) => isGiven(json.artifactType) || !isGiven(json.platform)).map(child => {
    const { artifactType } = child.json;
    return { ...child, kind: typeof artifactType === 'string' ? client.connection.clean(shown(artifactType)) : 'a referrer' };
  });
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** A referrer without its large fields, because the referrers of many pages are kept in memory at the same time. */
function small({ kind, mediaType: given, digest, size, json }: Referrer): Referrer {
  const mediaType = isShort(given) ? given : '';
  if (JSON.stringify(json).length <= MAX_ENTRY_CHARACTERS) return { kind, mediaType, digest, size, json };
  const { artifactType } = json;
  return { kind, mediaType, digest, size, json: { mediaType, digest, size, ...(isShort(artifactType) && { artifactType }) } };
}

// Media types have at most 255 characters.
function isShort(text: unknown): text is string {
  return typeof text === 'string' && text.length <= 255;
}

/** Whether a manifest refers to another one. */
function refersTo({ bytes }: RawManifest, digest: string): boolean {
  const { subject } = parseObject(bytes, 'the manifest');
  return isObject(subject) && subject.digest === digest;
}

// Limits the length of the report.
const MAX_PROBLEMS = 50;

/** Builds the report about the referrers of an image. */
export class ReferrerReport {
  private copied = 0;
  private lost = 0;
  private unnamed = 0;
  private readonly problems: string[] = [];

  /** The number of referrers, copied or not. */
  public get count(): number {
    return this.copied + this.lost;
  }

  /** Counts a copied referrer. */
  public add(): void {
    this.copied++;
  }

  /** Counts referrers that were not copied. */
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
