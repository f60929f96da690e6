import { Descriptor } from './contract';
import { CopyError } from './errors';
import { RawManifest, readManifest } from './manifest';
import { RegistryClient } from './registry-client';

/** A manifest that names another one as its subject. */
export interface Referrer extends Descriptor {
  /** What it is, as far as its entry says. */
  readonly kind: string;
  /** Its entry in the list, just as it is. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** What refers to a manifest. */
export interface ReferrerList {
  readonly referrers: readonly Referrer[];
  /** How many more there are in the pages that were read. */
  readonly more: number;
  /** Whether there are pages that were not read. */
  readonly isCut: boolean;
}

const MAX_PAGES = 20;

/**
 * The tag under which clients list referrers in registries that do not.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#referrers-tag-schema
 */
export function fallbackTag(digest: string): string {
  return digest.replace(':', '-').slice(0, 128);
}

/** How much of a list is read. */
export interface ListLimits {
  /** How many referrers are kept. */
  readonly referrers: number;
  /** Whether the time for it is over. */
  readonly isLate: () => boolean;
}

/**
 * Lists what refers to a manifest, page by page. No page is kept.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-referrers
 */
export async function listReferrers(digest: string, client: RegistryClient, limits: ListLimits): Promise<ReferrerList> {
  const referrers: Referrer[] = [];
  let count = 0;
  for (let next: URL | undefined, pages = 1; ; pages++) {
    const page = await client.getReferrers(digest, next);
    const listed = page === undefined ? await taggedReferrers(digest, client) : await readList(page.manifest, client);
    count += listed.length;
    referrers.push(...listed.slice(0, limits.referrers - referrers.length));
    next = page?.next;
    if (next === undefined || pages === MAX_PAGES || limits.isLate()) {
      return { referrers, more: count - referrers.length, isCut: page !== undefined && !page.isLast };
    }
  }
}

/** What the index under the fallback tag lists; nothing if there is none. */
export async function taggedReferrers(digest: string, client: RegistryClient): Promise<readonly Referrer[]> {
  try {
    return await readList(await client.getManifest(fallbackTag(digest)), client);
  } catch (error) {
    if (error instanceof CopyError && error.status === 404) return [];
    throw error;
  }
}

async function readList(list: RawManifest, client: RegistryClient): Promise<readonly Referrer[]> {
  const { children } = await client.connection.saying({ operation: 'list the referrers' }, () => readManifest(list));
  return children.map(child => {
    const { artifactType } = child.json;
    return { ...child, kind: typeof artifactType === 'string' ? artifactType.slice(0, 100) : 'a referrer' };
  });
}
