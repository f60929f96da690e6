import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { Usage } from '../machine/usage';

/** A repository of a registry on loopback. */
export interface Place {
  readonly host: string;
  readonly repository: string;
  /** The file with its certificate. Without it, the registry speaks plain http. */
  readonly certificate?: string;
}

/** One image to be copied. */
export interface CopyJob {
  readonly from: Place;
  readonly to: Place;
  /** A fresh folder for whatever the tool writes. */
  readonly scratch: string;
  /** When to give up. */
  readonly limitSeconds: number;
}

/** How a copy ended. */
export interface CopyOutcome {
  readonly end: 'done' | 'failed' | 'hung';
  readonly usage: Usage;
  /** What the tool said, for whoever wants to know why. */
  readonly output: string;
}

/** Somebody who can copy an image from registry to registry. */
export interface CopyTool {
  readonly name: string;
  readonly version: string;
  /** Whether it unpacks layers, needs all of them for that, and may give them other digests when it packs them again. */
  readonly unpacks?: boolean;
  copy(job: CopyJob): Promise<CopyOutcome>;
}

/** The tag of the source. All tools but ours give it to the copy too; ours makes its own. */
export const TAG = 'v1';

/** What ours puts before the beginning of the digest. */
export const LIVE_TAG_PREFIX = 'live-bench.';

/** The tag that ours gives to an image. */
export function liveTagOf(digest: string): string {
  return LIVE_TAG_PREFIX + digest.slice('sha256:'.length, 'sha256:'.length + 12);
}

/** A file with the certificates of both registries, for programs to trust. */
export function certificatesOf({ from, to, scratch }: Pick<CopyJob, 'from' | 'to' | 'scratch'>): string {
  const file = path.join(scratch, 'certificates.pem');
  const files = [from.certificate, to.certificate].filter(each => each !== undefined);
  writeFileSync(file, files.map(each => readFileSync(each, 'utf8')).join(''));
  return file;
}
