import { Descriptor } from './contract';
import { CopyError } from './errors';
import { RawManifest, indexEntries, readManifest } from './manifest';
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
  /** Whether the registry finds referrers itself; else clients keep them in an index under a tag. */
  readonly isKeptByRegistry: boolean;
  /** Whether the list is longer than what is here. */
  readonly isCut: boolean;
}

/**
 * The tag under which clients list referrers in registries that do not.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#referrers-tag-schema
 */
export function fallbackTag(digest: string): string {
  return digest.replace(':', '-').slice(0, 128);
}

/**
 * Lists what refers to a manifest.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-referrers
 */
export async function listReferrers(digest: string, client: RegistryClient): Promise<ReferrerList> {
  const listed = await client.getReferrers(digest);
  if (listed !== undefined) return { referrers: await readAll(listed.pages, client), isKeptByRegistry: true, isCut: listed.isCut };
  const index = await client.getManifest(fallbackTag(digest)).catch((error: unknown) => {
    if (error instanceof CopyError && error.status === 404) return undefined;
    throw error;
  });
  return { referrers: index === undefined ? [] : await readAll([index], client), isKeptByRegistry: false, isCut: false };
}

async function readAll(pages: readonly RawManifest[], client: RegistryClient): Promise<Referrer[]> {
  return client.connection.saying({ operation: 'list the referrers' }, () => pages.flatMap(page => {
    const entries = indexEntries(page) ?? [];
    return readManifest(page).children.map((child, position) => {
      const json = entries[position];
      return { ...child, json, kind: typeof json.artifactType === 'string' ? json.artifactType.slice(0, 100) : 'a referrer' };
    });
  }));
}
