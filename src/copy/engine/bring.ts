import { BlobCopier } from './blobs';
import { forEachLimited } from './concurrency';
import { CopyOptions, CopyResult } from './contract';
import { CopyError } from './errors';
import { Node, readGraph } from './graph';
import { RegistryClient } from './registry-client';
import { TagState, lookAtTags, rememberSource, writeTags } from './tags';

/** Where an image comes from. */
export interface Origin {
  /** @default - not known before it is read */
  readonly digest?: string;
  read(): Promise<Node>;
}

/** How a copy can go on: with an image from the source, or with one that is in the destination. */
interface Found {
  readonly digest: string;
  readonly image?: Node;
  readonly isThere: boolean;
}

const CONCURRENCY = 4;
// What registries say when something below a manifest is missing; ECR's own API has other words for it.
const INCOMPLETE = ['MANIFEST_BLOB_UNKNOWN', 'BLOB_UNKNOWN', 'MANIFEST_UNKNOWN'];

/** Brings an image into the destination: blobs, then manifests from the leaves to the root, then tags. */
export async function bring(origin: Origin, to: RegistryClient, options: CopyOptions): Promise<CopyResult> {
  const copier = new BlobCopier(to);
  const { digest, image, isThere } = await find(origin, to, options);
  const tags = await lookAtTags(options.tags(digest), digest, to);
  if (isThere || tags.present) {
    if (tags.missing.length > 0) await writeTags(tags.missing, await to.getManifest(digest), to);
    return { digest, ...copier.counts };
  }
  const root = image ?? await origin.read();
  try {
    await upload(root, tags, copier, to, options);
  } catch (error) {
    if (!saysIncomplete(error)) throw error;
    // The destination has lost what it said to have: the second time nothing is taken for granted.
    await upload(root, tags, copier, to, options, true);
  }
  return { digest, ...copier.counts };
}

async function find(origin: Origin, to: RegistryClient, { sourceTag }: CopyOptions): Promise<Found> {
  if (origin.digest !== undefined) return { digest: origin.digest, isThere: false };
  try {
    const image = await origin.read();
    return { digest: image.manifest.digest, image, isThere: false };
  } catch (error) {
    // A roll-back may ask for an image that the source has meanwhile removed: what was copied then is as good.
    const remembered = sourceTag !== undefined && saysMissing(error) ? await to.findManifest(sourceTag) : undefined;
    if (remembered === undefined) throw error;
    return { digest: remembered, isThere: true };
  }
}

async function upload(
  root: Node, { missing }: TagState, copier: BlobCopier, to: RegistryClient, { sourceTag }: CopyOptions, everything = false,
): Promise<void> {
  const graph = await readGraph(root, everything ? undefined : to);
  await forEachLimited(graph.blobs, CONCURRENCY, async blob => copier.copy(blob));
  for (const child of graph.children) await to.putManifest(child.digest, child);
  if (missing.length === 0) await to.putManifest(root.manifest.digest, root.manifest);
  if (sourceTag !== undefined) await rememberSource(sourceTag, root.manifest, to);
  await writeTags(missing, root.manifest, to);
}

function saysIncomplete(error: unknown): boolean {
  return error instanceof CopyError && error.side === 'destination' && INCOMPLETE.includes(error.code ?? '');
}

function saysMissing(error: unknown): boolean {
  return error instanceof CopyError && error.side === 'source' && error.status === 404;
}
