import { bring } from './bring';
import { CopyHooks, CopyOptions, CopyResult } from './contract';
import { nodeOf } from './graph';
import { joinPlatforms } from './platforms';
import { ImageReference, RepositoryReference, isDigest } from './reference';
import { inSession } from './session';

/**
 * Copies an image, byte for byte: blobs, then manifests from the leaves to the root, then tags. Nothing is
 * uploaded when the tags are there already; no tag ever means an image of which a part is missing.
 *
 * @returns what was done.
 * @throws CopyError a sentence with operation, side and reference.
 */
export async function copyImage(
  source: ImageReference, destination: RepositoryReference, options: CopyOptions, hooks: CopyHooks = {},
): Promise<CopyResult> {
  return inSession([source], destination, hooks, async ([from], to) => bring({
    digest: isDigest(source.version) ? source.version : undefined,
    read: async () => nodeOf(await from.getManifest(source.version), from),
  }, to, options, hooks));
}

/** Copies images of several platforms and joins them to one index; otherwise the same as `copyImage`. */
export async function copyPlatforms(
  sources: readonly ImageReference[], destination: RepositoryReference, options: CopyOptions, hooks: CopyHooks = {},
): Promise<CopyResult> {
  return inSession(sources, destination, hooks, async (from, to) => bring({
    read: async () => joinPlatforms(sources.map(({ version }, position) => ({ version, from: from[position] }))),
  }, to, options, hooks));
}
