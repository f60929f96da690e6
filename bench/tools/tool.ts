import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { Usage } from '../machine/usage';

/** A repository of a registry on loopback. */
export interface Place {
  readonly host: string;
  readonly repository: string;
  /** The file with its certificate. Without it, the registry uses plain http. */
  readonly certificate?: string;
}

/** One image to copy. */
export interface CopyJob {
  readonly from: Place;
  readonly to: Place;
  /** A new folder for files of the tool. */
  readonly scratch: string;
  /** The timeout. */
  readonly limitSeconds: number;
}

/** The result of a copy. */
export interface CopyOutcome {
  readonly end: 'done' | 'failed' | 'hung';
  readonly usage: Usage;
  /** The output of the tool, for the analysis of failures. */
  readonly output: string;
}

/** A tool that can copy an image between registries. */
export interface CopyTool {
  readonly name: string;
  readonly version: string;
  /** Whether it unpacks layers, needs all of them for that, and can give them other digests when it packs them again. */
  readonly unpacks?: boolean;
  copy(job: CopyJob): Promise<CopyOutcome>;
}

/** The tag of the source. All tools but ours use it for the copy too; ours creates its own. */
export const TAG = 'v1';

/** The prefix that ours adds to the beginning of the digest. */
export const LIVE_TAG_PREFIX = 'live-bench.';

/** The tag that ours gives to an image. */
export function liveTagOf(digest: string): string {
  return LIVE_TAG_PREFIX + digest.slice('sha256:'.length, 'sha256:'.length + 12);
}

/** A file with the certificates of both registries, for the trust store of programs. */
export function certificatesOf({ from, to, scratch }: Pick<CopyJob, 'from' | 'to' | 'scratch'>): string {
  const file = path.join(scratch, 'certificates.pem');
  const files = [from.certificate, to.certificate].filter(each => each !== undefined);
  writeFileSync(file, files.map(each => readFileSync(each, 'utf8')).join(''));
  return file;
}
