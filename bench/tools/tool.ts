import { Usage } from '../machine/usage';

/** One image to be copied. Both registries speak plain http on loopback. */
export interface CopyJob {
  readonly from: { readonly host: string; readonly repository: string };
  readonly to: { readonly host: string; readonly repository: string };
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
