import { setMaxListeners } from 'node:events';
import { detachAttestations } from './attestations';
import { Authenticator } from './auth';
import { BlobCopier, lookAtTags, rememberSource, writeTags } from './blobs-and-tags';
import { systemClock, forEachLimited, Pacing } from './clock';
import { RepositoryConnection } from './connection';
import { CopyHooks, CopyOptions, CopyResult, ImageReference, RepositoryReference } from './contract';
import { isDigest } from './digest';
import { Side, CopyError, Failure } from './errors';
import { nodeOf, Node, readGraph } from './graph';
import { HttpTransport } from './http';
import { joinPlatforms, selectPlatforms } from './indexes';
import { RawManifest } from './manifest';
import { ReferrerCopier } from './referrers';
import { MANIFEST_WRITES, RegistryClient } from './registry-client';
import { copyRetries } from './retry';

/**
 * Copies an image byte by byte: blobs, then manifests from the leaves to the root, then tags. Nothing is uploaded if the tags already
 * exist. A tag never names an incomplete image.
 * @throws CopyError a sentence with operation, side and reference.
 */
export async function copyImage(
  source: ImageReference, destination: RepositoryReference, options: CopyOptions, hooks: CopyHooks = {},
): Promise<CopyResult> {
  const { platforms } = options;
  return inSession([source], destination, hooks, async ([from], to) => {
    const [version] = await versionsOf([source], to, options);
    return copyInto({
      digest: isDigest(version) && platforms === undefined ? version : undefined,
      read: async () => {
        const image = await nodeOf(await from.getManifest(version), from);
        return platforms === undefined ? image : selectPlatforms(image, from, platforms);
      },
    }, to, options, hooks);
  });
}

/** Copies images of several platforms and joins them to one index. Otherwise like `copyImage`. */
export async function copyPlatforms(
  sources: readonly ImageReference[], destination: RepositoryReference, options: CopyOptions, hooks: CopyHooks = {},
): Promise<CopyResult> {
  return inSession(sources, destination, hooks, async (from, to) => {
    const versions = await versionsOf(sources, to, options);
    return copyInto({
      read: async () => joinPlatforms(versions.map((version, position) => ({ version, from: from[position] })), options.sourceTag !== undefined),
    }, to, options, hooks);
  });
}

/** The tags or digests of the sources, without attestations if these become referrers. */
async function versionsOf(sources: readonly ImageReference[], to: RegistryClient, options: CopyOptions): Promise<string[]> {
  const versions: string[] = [];
  for (const { version } of sources) versions.push(options.detachAttestations ? await detachAttestations(version, to) : version);
  return versions;
}

/** The source of an image. */
interface Origin {
  /** @default - not known before it is read */
  readonly digest?: string;
  read(): Promise<Node>;
}

/** The image to copy: from the source, or already at the destination. */
interface Found {
  readonly digest: string;
  readonly image?: Node;
  readonly isThere: boolean;
}

/** An image that is not complete at the destination. */
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
// The codes of registries that reject a manifest because something below it is missing. The last one is ECR's code for a layer.
const INCOMPLETE = ['MANIFEST_BLOB_UNKNOWN', 'BLOB_UNKNOWN', 'MANIFEST_UNKNOWN', 'BLOB_UPLOAD_UNKNOWN'];

/** Copies an image into the destination: blobs, then manifests from the leaves to the root, then tags. */
async function copyInto(origin: Origin, to: RegistryClient, options: CopyOptions, hooks: CopyHooks): Promise<CopyResult> {
  const copier = new BlobCopier(to, hooks.onStreamed);
  const { digest, image, isThere } = await find(origin, to, options);
  const tags = await lookAtTags(options.tags(digest), digest, to);
  const isComplete = isThere || tags.present;
  const missing = [...tags.missing, ...await missingAgain(digest, isComplete, to, options)];
  // A registry accepts a manifest only after everything that it names.
  if (isComplete || (options.isPushed && origin.digest !== undefined)) {
    if (missing.length > 0) await tag(missing, await to.getManifest(digest), to, options);
    return { digest, ...copier.counts };
  }
  const order: Order = { root: image ?? await origin.read(), missing, copier, to, options, hooks };
  const referrers = await upload(order, to).catch(async (error: unknown) => {
    if (!saysIncomplete(error)) throw error;
    // The destination has lost content that it had reported. The second attempt does not rely on such reports.
    copier.stopMounting();
    return upload(order);
  });
  const leftOut = [order.root.leftOut, copier.leftOut].filter(Boolean).join('; ');
  return { digest, ...copier.counts, ...(referrers !== undefined && { referrers }), ...(leftOut !== '' && { leftOut }) };
}

async function find(origin: Origin, to: RegistryClient, { sourceTag }: CopyOptions): Promise<Found> {
  if (origin.digest !== undefined) return { digest: origin.digest, isThere: false };
  try {
    const image = await origin.read();
    return { digest: image.manifest.digest, image, isThere: false };
  } catch (error) {
    // A rollback may need an image that the source has deleted. The earlier copy of it is equivalent.
    const remembered = sourceTag !== undefined && saysMissing(error) ? await to.findManifest(sourceTag) : undefined;
    if (remembered === undefined) throw error;
    return { digest: remembered, isThere: true };
  }
}

/** The additional tag for an image that the destination already had. It keeps the image if the first publisher no longer uses it. */
async function missingAgain(digest: string, isComplete: boolean, to: RegistryClient, { againTag, isPushed = false }: CopyOptions): Promise<string[]> {
  if (againTag === undefined || !(isComplete || (!isPushed && await to.findManifest(digest) !== undefined))) return [];
  const name = againTag(digest);
  return await to.findManifest(name) === digest ? [] : [name];
}

/** Copies everything that is missing. Without `trusted`, all content is copied, even if the destination reports that it exists. */
async function upload({ root, missing, copier, to, options, hooks }: Order, trusted?: RegistryClient): Promise<string | undefined> {
  const { manifest, from } = root;
  const { referrers = false } = options;
  const graph = await readGraph(root, trusted);
  await forEachLimited(graph.blobs, CONCURRENCY, async blob => copier.copy(blob));
  for (const child of graph.children) await to.putManifest(child.digest, child);
  // Referrers require the image at the destination, and tags come last. If the registry stores another digest, this fails before a tag
  // names it.
  if (referrers || missing.length === 0 || !manifest.digest.startsWith('sha256:')) await to.putManifest(manifest.digest, manifest);
  const subjects = from === undefined ? graph.below : [{ digest: manifest.digest, from }, ...graph.below];
  const report = referrers ? await new ReferrerCopier(to, copier, lateness(hooks)).copy(subjects) : undefined;
  await tag(missing, manifest, to, options);
  return report;
}

/** Returns a function that checks whether the time for referrers is over. The tags of the image must not wait long for them. */
function lateness({ clock = systemClock, deadline = Infinity }: CopyHooks): () => boolean {
  const end = clock.now() + Math.min(REFERRER_MILLISECONDS, (deadline - clock.now()) / 4);
  return () => clock.now() >= end;
}

/** Writes the missing tags, and records the source. An image that has all its tags is left as it is, which takes only two requests. */
async function tag(missing: readonly string[], manifest: RawManifest, to: RegistryClient, { sourceTag }: CopyOptions): Promise<void> {
  if (sourceTag !== undefined) await rememberSource(sourceTag, manifest, to);
  await writeTags(missing, manifest, to);
}

function saysIncomplete(error: unknown): boolean {
  return error instanceof CopyError && isWrite(error) && INCOMPLETE.includes(error.code ?? '');
}

/** Whether the source does not have an image, for an error of the source. */
function saysMissing(error: unknown): boolean {
  return error instanceof CopyError && error.status === 404;
}

function isWrite({ operation }: CopyError): boolean {
  return operation === MANIFEST_WRITES.byDigest || operation === MANIFEST_WRITES.byTag;
}

/** Connects to the source repositories and to the destination for the duration of one copy. */
async function inSession<T>(
  sources: readonly RepositoryReference[],
  destination: RepositoryReference,
  hooks: CopyHooks,
  work: (from: readonly RegistryClient[], to: RegistryClient) => Promise<T>,
): Promise<T> {
  return inTime(hooks, async signal => {
    const { clock = systemClock, deadline = Infinity, origins = {} } = hooks;
    const trusted = Object.values(origins).map(origin => new URL(origin).origin);
    const transport = new HttpTransport({ clock, signal, lookup: hooks.lookup, trusted });
    const retries = copyRetries(clock, deadline, signal);
    const pacing = hooks.pacing ?? new Pacing(clock);
    const secrets = new Set<string>();
    const connect = (side: Side, repository: RepositoryReference, scopes: readonly string[]) => {
      const { host } = repository;
      const origin = new URL(Object.hasOwn(origins, host) ? origins[host] : `https://${host}`);
      const tokenHost = hooks.tokenHosts?.[side];
      const provider = side === 'source' ? hooks.sourceCredentials ?? hooks.credentials : hooks.credentials;
      const authenticator = new Authenticator({ host, origin, tokenHost, scopes, provider, secrets, transport, clock });
      const connection = new RepositoryConnection({ side, repository, origin, transport, authenticator, pace: pacing.of(host), clock, signal });
      return new RegistryClient(connection, retries, hooks.verifiesUploads?.(host));
    };
    const pull = ({ repository }: RepositoryReference) => `repository:${repository}:pull`;
    // Mounting reads the source with the login of the destination.
    const mounts = sources.filter(({ host }) => host === destination.host).map(pull);
    try {
      const from = sources.map(source => connect('source', source, [pull(source)]));
      return await work(from, connect('destination', destination, [`${pull(destination)},push`, ...new Set(mounts)]));
    } finally {
      transport.close();
    }
  });
}

/** Ends the work and all its connections at the deadline, or if the caller cancels. */
async function inTime<T>(hooks: CopyHooks, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const clock = hooks.clock ?? systemClock;
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const cancel = () => controller.abort(new Failure('the copy was cancelled'));
  hooks.signal?.addEventListener('abort', cancel);
  if (hooks.signal?.aborted) cancel();
  const stop = hooks.deadline === undefined ? undefined : clock.timer(Math.max(0, hooks.deadline - clock.now()), () => {
    controller.abort(new Failure('the time allowed for the copy ran out'));
  });
  try {
    return await work(controller.signal);
  } finally {
    stop?.();
    hooks.signal?.removeEventListener('abort', cancel);
  }
}
