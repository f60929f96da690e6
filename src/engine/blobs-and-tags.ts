import { forEachLimited } from './clock';
import { TagRequest } from './contract';
import { CopyError } from './errors';
import { LocatedBlob } from './graph';
import { RawManifest } from './manifest';
import { RegistryClient, Upload } from './registry-client';

/** The numbers of mounted, streamed and existing blobs, and the streamed bytes. */
export interface BlobCounts {
  mounted: number;
  streamed: number;
  existing: number;
  bytes: number;
}

const MAX_NAMED = 20;

/** Copies blobs to the destination. Mounts them or finds them there if possible, and otherwise streams them. */
export class BlobCopier {
  public readonly counts: BlobCounts = { mounted: 0, streamed: 0, existing: 0, bytes: 0 };
  private readonly refused = new Set<RegistryClient>();
  private readonly lacking = new Set<string>();
  private mounts = true;

  constructor(private readonly destination: RegistryClient, private readonly onStreamed: () => void = () => undefined) {}

  /** A description of the layers that are missing at both the source and the destination. `undefined` if there are none. */
  public get leftOut(): string | undefined {
    if (this.lacking.size === 0) return undefined;
    const some = [...this.lacking].slice(0, MAX_NAMED).join(', ');
    return `${this.lacking.size} nondistributable layers that the source does not hold: ${some}${this.lacking.size > MAX_NAMED ? ', …' : ''}`;
  }

  /** Copies a blob: mounts it, finds it at the destination, or streams it. A nondistributable layer may be missing at the source. */
  public async copy(blob: LocatedBlob): Promise<void> {
    if (blob.isForeign && !await this.isOffered(blob)) return;
    const upload = this.isMountable(blob.from) ? await this.mount(blob) : undefined;
    if (upload === 'mounted') {
      this.counts.mounted++;
    } else if (await this.destination.hasBlob(blob)) {
      this.counts.existing++;
    } else {
      await this.destination.streamBlob(blob, blob.from, upload);
      this.counts.streamed++;
      this.counts.bytes += blob.size;
      this.onStreamed();
    }
  }

  /** Stops mounting, after the registry has lost a blob that it had reported as mounted. */
  public stopMounting(): void {
    this.mounts = false;
  }

  /** Whether a nondistributable layer has to be copied. */
  private async isOffered(blob: LocatedBlob): Promise<boolean> {
    if (await this.destination.hasBlob(blob)) {
      this.counts.existing++;
      return false;
    }
    const isThere = await blob.from.hasBlob(blob).catch((error: unknown) => {
      if (error instanceof CopyError && (error.status ?? 500) < 500) return false;
      throw error;
    });
    if (!isThere) this.lacking.add(blob.digest);
    return isThere;
  }

  private isMountable(from: RegistryClient): boolean {
    const [source, destination] = [from.connection, this.destination.connection];
    const isOtherRepository = source.repository.repository !== destination.repository.repository;
    return this.mounts && isOtherRepository && !this.refused.has(from) && source.sharesLogin(destination);
  }

  private async mount(blob: LocatedBlob): Promise<Upload | undefined> {
    const upload = await this.destination.mountBlob(blob, blob.from.connection.repository.repository);
    // Mounting is a setting of the registry or of the encryption key, so a refusal holds for all blobs. Every further attempt
    // would leave an upload session open.
    if (upload !== 'mounted') this.refused.add(blob.from);
    return upload;
  }
}

/** The state of the requested tags. */
export interface TagState {
  /** Tags to write, in order. */
  readonly missing: readonly string[];
  /** Whether a tag already names the image, so that the image must be complete. */
  readonly present: boolean;
}

const CONCURRENCY = 4;

/** Looks up all tags before anything is uploaded. Throws if another image has a tag that must not move. */
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

/** Writes tags one by one. */
export async function writeTags(names: readonly string[], manifest: RawManifest, destination: RegistryClient): Promise<void> {
  for (const name of names) await writeTag(name, manifest, destination);
}

/** Records the image of a source with a tag. An existing tag is kept, because it names a build of the same inputs. */
export async function rememberSource(tag: string, manifest: RawManifest, destination: RegistryClient): Promise<void> {
  try {
    await destination.putManifest(tag, manifest);
  } catch (error) {
    if (!saysTaken(error) || await destination.findManifest(tag) === undefined) throw error;
  }
}

/** Writes a tag. Succeeds if another process has written the same tag in the meantime. */
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

/** Whether an error may mean that the tag exists. Registries differ, so the tag must be looked up afterwards. */
function saysTaken(error: unknown): boolean {
  return error instanceof CopyError && (error.code === 'TAG_INVALID' || error.status === 409);
}

function conflict(tag: string, current: string, wanted: string, destination: RegistryClient): CopyError {
  return destination.connection.error({ operation: 'tag the image', version: tag }, {
    reason: `the tag already means ${current} and must not move to ${wanted}`,
    code: 'TAG_INVALID',
  });
}
