import { BlobCopier } from './blobs';
import { forEachLimited } from './concurrency';
import { CopyError } from './errors';
import { Located, nodeOf, readGraph } from './graph';
import { RawManifest, newIndex } from './manifest';
import { Referrer, fallbackTag, listReferrers, taggedReferrers } from './referrer-list';
import { ReferrerReport } from './referrer-report';
import { RegistryClient } from './registry-client';
import { writeTags } from './tags';

const CONCURRENCY = 4;
// Signatures of attestations of signatures: nobody goes further.
const MAX_DEPTH = 3;
const MAX_REFERRERS = 200;
const TOO_MANY = `there are more than ${MAX_REFERRERS}`;
const NO_TIME = 'no time is left for it';
// Where cosign keeps what it knows of an image in registries without referrers.
// https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
const COSIGN_SUFFIXES = ['.sig', '.att', '.sbom'];

type Subject = Pick<Located, 'digest' | 'from'>;

/** Copies what refers to an image: signatures, attestations, bills of materials. What cannot be copied is told, and stops nothing. */
export class ReferrerCopier {
  private readonly report = new ReferrerReport();

  /** @param isLate whether the time for referrers is over. */
  constructor(private readonly to: RegistryClient, private readonly blobs: BlobCopier, private readonly isLate: () => boolean) {}

  /** Copies the referrers of some manifests and answers with what became of them, in words. */
  public async copy(subjects: readonly Subject[]): Promise<string> {
    let level = subjects;
    for (let depth = 0; level.length > 0; depth++) {
      const next: Subject[] = [];
      // One list at a time: each may have many entries, and memory is small.
      for (const subject of level) next.push(...await this.copyReferrersOf(subject, depth));
      level = next;
    }
    return String(this.report);
  }

  private async copyReferrersOf(subject: Subject, depth: number): Promise<readonly Subject[]> {
    const { digest, from } = subject;
    if (this.isLate()) {
      this.report.miss(`what refers to ${digest}`, NO_TIME);
      return [];
    }
    const arrived: Referrer[] = [];
    await this.trying(`the list of what refers to ${digest}`, async () => {
      const { referrers, more, isCut } = await listReferrers(digest, from, { referrers: MAX_REFERRERS, isLate: this.isLate });
      if (isCut) this.report.miss(`the rest of what refers to ${digest}`, this.isLate() ? NO_TIME : 'only a part of the list was read');
      for (const referrer of referrers) {
        if (await this.copyReferrer(referrer, from, depth)) arrived.push(referrer);
      }
      if (more > 0) this.report.miss(`${more} more that refer to ${digest}`, TOO_MANY, more);
      if (arrived.length > 0) await this.list(digest, arrived);
    });
    if (depth < MAX_DEPTH) await this.copyCosignTags(subject);
    return arrived.map(referrer => ({ digest: referrer.digest, from }));
  }

  private async copyReferrer({ kind, digest, size }: Referrer, from: RegistryClient, depth: number): Promise<boolean> {
    const what = `${kind} ${digest}`;
    const obstacle = depth >= MAX_DEPTH ? `further than ${MAX_DEPTH} referrers from the image`
      : this.report.count >= MAX_REFERRERS ? TOO_MANY
        : this.isLate() ? NO_TIME : undefined;
    if (obstacle !== undefined) {
      this.report.miss(what, obstacle);
      return false;
    }
    return this.trying(what, async () => this.bring(await from.getManifest(digest, size), from));
  }

  /** A registry without the referrers API finds them by a tag that the client has to keep. */
  private async list(digest: string, arrived: readonly Referrer[]): Promise<void> {
    if (await this.to.getReferrers(digest) !== undefined) return;
    const others = (await taggedReferrers(digest, this.to)).filter(each => !arrived.some(referrer => referrer.digest === each.digest));
    await writeTags([fallbackTag(digest)], newIndex([...others, ...arrived].map(({ json }) => json)), this.to);
  }

  private async copyCosignTags({ digest, from }: Subject): Promise<void> {
    for (const tag of COSIGN_SUFFIXES.map(suffix => fallbackTag(digest) + suffix)) {
      await this.trying(tag, async () => {
        if (await from.findManifest(tag) === undefined) return;
        const manifest = await from.getManifest(tag);
        const own = await this.to.findManifest(tag);
        if (own === manifest.digest) return;
        if (own !== undefined) {
          this.report.miss(tag, 'the destination has its own');
          return;
        }
        await this.bring(manifest, from);
        await writeTags([tag], manifest, this.to);
      });
    }
  }

  private async bring(manifest: RawManifest, from: RegistryClient): Promise<void> {
    const graph = await readGraph(await nodeOf(manifest, from), this.to);
    await forEachLimited(graph.blobs, CONCURRENCY, async blob => this.blobs.copy(blob));
    for (const each of [...graph.children, manifest]) await this.to.putManifest(each.digest, each);
    this.report.add();
  }

  private async trying(what: string, step: () => Promise<unknown>): Promise<boolean> {
    try {
      await step();
      return true;
    } catch (error) {
      if (!(error instanceof CopyError)) throw error;
      this.report.miss(what, error.message);
      return false;
    }
  }
}
