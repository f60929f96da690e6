import { BlobCopier } from './blobs';
import { systemClock } from './clock';
import { forEachLimited } from './concurrency';
import { CopyHooks, CopyOptions, CopyResult } from './contract';
import { CopyError } from './errors';
import { Node, readGraph } from './graph';
import { RawManifest } from './manifest';
import { ReferrerCopier } from './referrers';
import { MANIFEST_WRITES, RegistryClient } from './registry-client';
import { lookAtTags, rememberSource, writeTags } from './tags';

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

/** What is left to do, once it is known that something is. */
interface Order {
  readonly root: Node;
  readonly missing: readonly string[];
  readonly copier: BlobCopier;
  readonly to: RegistryClient;
  readonly options: CopyOptions;
  readonly hooks: CopyHooks;
}

const CONCURRENCY = 4;
const REFERRER_MILLISECONDS = 120_000;
// What registries say to a manifest when something below it is missing; the last is ECR's word for a layer.
const INCOMPLETE = ['MANIFEST_BLOB_UNKNOWN', 'BLOB_UNKNOWN', 'MANIFEST_UNKNOWN', 'BLOB_UPLOAD_UNKNOWN'];

/** Brings an image into the destination: blobs, then manifests from the leaves to the root, then tags. */
export async function bring(origin: Origin, to: RegistryClient, options: CopyOptions, hooks: CopyHooks): Promise<CopyResult> {
  const copier = new BlobCopier(to, hooks.onStreamed);
  const { digest, image, isThere } = await find(origin, to, options);
  const tags = await lookAtTags(options.tags(digest), digest, to);
  const isComplete = isThere || tags.present;
  const missing = [...tags.missing, ...await missingAgain(digest, isComplete, to, options)];
  if (isComplete) {
    if (missing.length > 0) await tag(missing, await to.getManifest(digest), to, options);
    return { digest, ...copier.counts };
  }
  const order: Order = { root: image ?? await origin.read(), missing, copier, to, options, hooks };
  const referrers = await upload(order, to).catch(async (error: unknown) => {
    if (!saysIncomplete(error)) throw error;
    // The destination has lost what it said to have or to have mounted: the second time nothing is taken for granted.
    copier.stopMounting();
    return upload(order);
  });
  return { digest, ...copier.counts, ...(referrers !== undefined && { referrers }) };
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

/** The tag of an image that the destination had before: whoever brought it may be done with it, and who brings it again is not. */
async function missingAgain(digest: string, isComplete: boolean, to: RegistryClient, { againTag }: CopyOptions): Promise<string[]> {
  if (againTag === undefined || !(isComplete || await to.findManifest(digest) !== undefined)) return [];
  const name = againTag(digest);
  return await to.findManifest(name) === digest ? [] : [name];
}

/** What a destination that is believed has already is left out. */
async function upload({ root, missing, copier, to, options, hooks }: Order, believed?: RegistryClient): Promise<string | undefined> {
  const { manifest, from } = root;
  const { referrers = false } = options;
  const graph = await readGraph(root, believed);
  await forEachLimited(graph.blobs, CONCURRENCY, async blob => copier.copy(blob));
  for (const child of graph.children) await to.putManifest(child.digest, child);
  // What refers to the image needs it there, and a tag is promised to come last.
  // A registry that stores another digest says so here, before there is a tag that means it.
  if (referrers || missing.length === 0 || !manifest.digest.startsWith('sha256:')) await to.putManifest(manifest.digest, manifest);
  const subjects = from === undefined ? graph.below : [{ digest: manifest.digest, from }, ...graph.below];
  const report = referrers ? await new ReferrerCopier(to, copier, lateness(hooks)).copy(subjects) : undefined;
  await tag(missing, manifest, to, options);
  return report;
}

/** The image itself must not wait for what only refers to it. */
function lateness({ clock = systemClock, deadline = Infinity }: CopyHooks): () => boolean {
  const end = clock.now() + Math.min(REFERRER_MILLISECONDS, (deadline - clock.now()) / 4);
  return () => clock.now() >= end;
}

/** An image that has all its tags already is left as it is, even if another source has brought it: two requests are enough. */
async function tag(missing: readonly string[], manifest: RawManifest, to: RegistryClient, { sourceTag }: CopyOptions): Promise<void> {
  if (sourceTag !== undefined) await rememberSource(sourceTag, manifest, to);
  await writeTags(missing, manifest, to);
}

function saysIncomplete(error: unknown): boolean {
  return error instanceof CopyError && isWrite(error) && INCOMPLETE.includes(error.code ?? '');
}

function saysMissing(error: unknown): boolean {
  return error instanceof CopyError && error.side === 'source' && error.status === 404;
}

function isWrite({ operation, side }: CopyError): boolean {
  return side === 'destination' && (operation === MANIFEST_WRITES.byDigest || operation === MANIFEST_WRITES.byTag);
}
