import { forEachLimited } from './concurrency';
import { TagRequest } from './contract';
import { CopyError } from './errors';
import { RawManifest } from './manifest';
import { RegistryClient } from './registry-client';

/** What looking at the wanted tags has shown. */
export interface TagState {
  /** Tags that have to be written, in order. */
  readonly missing: readonly string[];
  /** Whether a tag means the image already, so that all of it must be there. */
  readonly present: boolean;
}

const CONCURRENCY = 4;

/** Looks at all tags before anything is uploaded; a tag that must not move and means another image is an error. */
export async function lookAtTags(tags: readonly TagRequest[], digest: string, destination: RegistryClient): Promise<TagState> {
  const digests = new Map<string, string | undefined>();
  await forEachLimited(tags, CONCURRENCY, async ({ name }) => { digests.set(name, await destination.findManifest(name)); });
  const found = tags.map(tag => ({ tag, current: digests.get(tag.name) }));
  for (const { tag, current } of found) {
    if (current !== undefined && current !== digest && tag.onOtherDigest === 'fail') throw conflict(tag.name, current, digest, destination);
  }
  return {
    missing: found.filter(({ current }) => current !== digest).map(({ tag }) => tag.name),
    present: found.some(({ current }) => current === digest),
  };
}

/** Writes tags, one after the other. */
export async function writeTags(names: readonly string[], manifest: RawManifest, destination: RegistryClient): Promise<void> {
  for (const name of names) await writeTag(name, manifest, destination);
}

/** Notes what a source has meant. A note that is there already stays: it names a build of the same inputs. */
export async function rememberSource(tag: string, manifest: RawManifest, destination: RegistryClient): Promise<void> {
  try {
    await destination.putManifest(tag, manifest);
  } catch (error) {
    if (!saysTaken(error) || await destination.findManifest(tag) === undefined) throw error;
  }
}

/** Losing a race against someone who wrote the same is a success. */
async function writeTag(name: string, manifest: RawManifest, destination: RegistryClient): Promise<void> {
  try {
    await destination.putManifest(name, manifest);
  } catch (error) {
    if (!saysTaken(error)) throw error;
    const current = await destination.findManifest(name);
    if (current === undefined) throw error;
    if (current !== manifest.digest) throw conflict(name, current, manifest.digest, destination);
  }
}

/** Registries differ in how they say so, and may mean something else by it. So the tag has to be looked up. */
function saysTaken(error: unknown): boolean {
  return error instanceof CopyError && (error.code === 'TAG_INVALID' || error.status === 409);
}

function conflict(tag: string, current: string, wanted: string, destination: RegistryClient): CopyError {
  return destination.connection.error({ operation: 'tag the image', version: tag }, {
    reason: `the tag already means ${current} and must not move to ${wanted}`,
    code: 'TAG_INVALID',
  });
}
