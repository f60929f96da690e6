import { setMaxListeners } from 'node:events';
import { Authenticator } from './auth';
import { BlobCopier } from './blobs';
import { systemClock } from './clock';
import { forEachLimited } from './concurrency';
import { RepositoryConnection } from './connection';
import { CopyHooks, CopyResult, Side, Tagging } from './contract';
import { Failure } from './errors';
import { ImageGraph, readGraph } from './graph';
import { ImageReference, RepositoryReference, isDigest } from './reference';
import { RegistryClient } from './registry-client';
import { Retrier } from './retry';
import { lookAtTags, writeTag } from './tags';
import { HttpTransport } from './transport/http';

const CONCURRENCY = 4;

/**
 * Copies an image, byte for byte: blobs, then manifests from the leaves to the root, then tags. Nothing is
 * uploaded when the tags are there already; no tag ever means an image of which a part is missing.
 *
 * @returns what was done.
 * @throws CopyError a sentence with operation, side and reference.
 */
export async function copyImage(
  source: ImageReference,
  destination: RepositoryReference,
  tagging: Tagging,
  hooks: CopyHooks = {},
): Promise<CopyResult> {
  return inTime(hooks, async signal => {
    const clock = hooks.clock ?? systemClock;
    const transport = new HttpTransport(clock, signal);
    const retrier = new Retrier(clock, hooks.deadline ?? Infinity, signal);
    const connect = (side: Side, repository: RepositoryReference, scopes: readonly string[]) => {
      const origin = new URL(hooks.origins?.[repository.host] ?? `https://${repository.host}`);
      const authenticator = new Authenticator({ host: repository.host, origin, scopes, provider: hooks.credentials, transport });
      return new RegistryClient(new RepositoryConnection(side, repository, origin, transport, authenticator, clock), retrier);
    };
    const pull = `repository:${source.repository}:pull`;
    const push = `repository:${destination.repository}:pull,push`;
    try {
      const from = connect('source', source, [pull]);
      const to = connect('destination', destination, source.host === destination.host ? [push, pull] : [push]);
      return await run(source, from, to, tagging);
    } finally {
      transport.close();
    }
  });
}

async function run(source: ImageReference, from: RegistryClient, to: RegistryClient, tagging: Tagging): Promise<CopyResult> {
  const digest = isDigest(source.version) ? source.version : await from.requireManifest(source.version);
  const tags = await lookAtTags(tagging.tags(digest), digest, to);
  const blobs = new BlobCopier(from, to);
  if (tags.missing.length > 0 || !tags.present) {
    const graph = tags.present ? await rootOnly(digest, to) : await readGraph(digest, from, to, CONCURRENCY);
    await forEachLimited(graph.blobs, CONCURRENCY, async blob => blobs.copy(blob));
    for (const child of graph.children) await to.putManifest(child.digest, child);
    if (tags.missing.length === 0) await to.putManifest(digest, graph.root);
    for (const tag of tags.missing) await writeTag(tag, graph.root, to);
  }
  return { digest, ...blobs.counts };
}

/** The image is in the destination, only a tag is missing. */
async function rootOnly(digest: string, to: RegistryClient): Promise<ImageGraph> {
  return { root: await to.getManifest(digest), children: [], blobs: [] };
}

/** Ends the work at the deadline or when the caller cancels, with all its connections. */
async function inTime<T>(hooks: CopyHooks, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const clock = hooks.clock ?? systemClock;
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const cancel = () => controller.abort(new Failure('the copy was cancelled'));
  hooks.signal?.addEventListener('abort', cancel, { once: true });
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
