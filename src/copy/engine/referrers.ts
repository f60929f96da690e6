import { BlobCopier } from './blobs';
import { forEachLimited } from './concurrency';
import { CopyError } from './errors';
import { Located, nodeOf, readGraph } from './graph';
import { RawManifest, newIndex } from './manifest';
import { Referrer, fallbackTag, listReferrers } from './referrer-list';
import { RegistryClient } from './registry-client';
import { writeTags } from './tags';

const CONCURRENCY = 4;
// Signatures of attestations of signatures: nobody goes further.
const MAX_DEPTH = 3;
// Where cosign keeps what it knows of an image in registries without referrers.
// https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
const COSIGN_SUFFIXES = ['.sig', '.att', '.sbom'];

type Subject = Pick<Located, 'digest' | 'from'>;

/** Copies what refers to an image: signatures, attestations, bills of materials. What cannot be copied is told, and stops nothing. */
export class ReferrerCopier {
  private copied = 0;
  private readonly problems: string[] = [];

  constructor(private readonly to: RegistryClient, private readonly blobs: BlobCopier) {}

  /** Copies the referrers of some manifests and answers with what became of them, in words. */
  public async copy(subjects: readonly Subject[]): Promise<string> {
    let level = subjects;
    for (let depth = 0; level.length > 0 && depth < MAX_DEPTH; depth++) {
      const next: Subject[] = [];
      await forEachLimited(level, CONCURRENCY, async subject => {
        next.push(...await this.copyReferrersOf(subject));
        await this.copyCosignTags(subject);
      });
      level = next;
    }
    await forEachLimited(level, CONCURRENCY, async subject => this.tellReferrersOf(subject));
    const lost = this.problems.length === 0 ? '' : `, ${this.problems.length} not copied: ${this.problems.join('; ')}`;
    return `${this.copied} copied${lost}`;
  }

  private async copyReferrersOf({ digest, from }: Subject): Promise<readonly Subject[]> {
    const arrived: Referrer[] = [];
    await this.trying(`the list of what refers to ${digest}`, async () => {
      const { referrers, isCut } = await listReferrers(digest, from);
      if (isCut) this.problems.push(`the rest of what refers to ${digest} (the list is too long)`);
      for (const referrer of referrers) {
        await this.trying(`${referrer.kind} ${referrer.digest}`, async () => {
          await this.bring(await from.getManifest(referrer.digest, referrer.size), from);
          arrived.push(referrer);
        });
      }
      if (arrived.length > 0) await this.list(digest, arrived);
    });
    return arrived.map(referrer => ({ digest: referrer.digest, from }));
  }

  private async tellReferrersOf({ digest, from }: Subject): Promise<void> {
    await this.trying(`the list of what refers to ${digest}`, async () => {
      const { referrers } = await listReferrers(digest, from);
      this.problems.push(...referrers.map(each => `${each.kind} ${each.digest} (further than ${MAX_DEPTH} referrers from the image)`));
    });
  }

  /** A registry without the referrers API finds them by a tag that the client has to keep. */
  private async list(digest: string, arrived: readonly Referrer[]): Promise<void> {
    const { referrers, isKeptByRegistry } = await listReferrers(digest, this.to);
    if (isKeptByRegistry) return;
    const others = referrers.filter(each => !arrived.some(referrer => referrer.digest === each.digest));
    await writeTags([fallbackTag(digest)], newIndex([...others, ...arrived].map(({ json }) => json)), this.to);
  }

  private async copyCosignTags({ digest, from }: Subject): Promise<void> {
    for (const tag of COSIGN_SUFFIXES.map(suffix => fallbackTag(digest) + suffix)) {
      await this.trying(tag, async () => {
        if (await from.findManifest(tag) === undefined) return;
        const manifest = await from.getManifest(tag);
        await this.bring(manifest, from);
        await writeTags([tag], manifest, this.to);
      });
    }
  }

  private async bring(manifest: RawManifest, from: RegistryClient): Promise<void> {
    const graph = await readGraph(await nodeOf(manifest, from), this.to);
    await forEachLimited(graph.blobs, CONCURRENCY, async blob => this.blobs.copy(blob));
    for (const each of [...graph.children, manifest]) await this.to.putManifest(each.digest, each);
    this.copied++;
  }

  private async trying(what: string, step: () => Promise<unknown>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof CopyError)) throw error;
      this.problems.push(`${what} (${error.message})`);
    }
  }
}
