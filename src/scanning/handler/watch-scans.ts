import { Finding } from './findings';
import { Look } from './scan';
import { RunnableImage } from '../../custom-resource/runnable-images';
import { Clock } from '../../engine/clock';

/** What became of the scan of one image. */
export interface ScanResult {
  readonly image: RunnableImage;
  readonly findings: readonly Finding[];
  /** Why nobody knows whether the image is clean. */
  readonly obstacle?: { readonly why: string; readonly cure: string };
}

/** How scans are looked at, and how long. */
export interface WatchOptions {
  readonly look: (digest: string) => Promise<Look>;
  readonly start: (digest: string) => Promise<Look | undefined>;
  readonly clock: Clock;
  /** When the gate gives up. */
  readonly until: number;
  /** When this invocation has to end. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

interface Watched {
  readonly image: RunnableImage;
  last?: Look;
  /** What the last look has shown, when that was, and since when it is so. */
  shown?: string;
  seen: number;
  since: number;
  wasStarted: boolean;
}

const FOREIGN: Look = {
  state: 'NOT_SCANNABLE', why: 'it has layers that are not in the repository, so no scan sees them', cure: 'use an image without foreign (nondistributable) layers',
};
const PAUSE_MILLISECONDS = 10_000;
/** How long what may not be all has to stay as it is. */
export const SETTLING_MILLISECONDS = 120_000;

/** Waits for the scans of some images; `undefined` when this invocation is too short for it. */
export async function watchScans(images: readonly RunnableImage[], options: WatchOptions): Promise<ScanResult[] | undefined> {
  const { clock, until, deadline, signal } = options;
  const watched = images.map((image): Watched => ({
    image, last: image.hasForeignLayers ? FOREIGN : undefined, seen: 0, since: 0, wasStarted: false,
  }));
  for (;;) {
    for (const each of watched.filter(one => !isSettled(one))) await lookAgain(each, options);
    const now = clock.now();
    if (watched.every(isSettled) || now >= until) return watched.map(resultOf);
    const pause = Math.min(until - now, PAUSE_MILLISECONDS * (0.5 + clock.random()));
    if (now + pause >= deadline) return undefined;
    await clock.sleep(pause, signal);
  }
}

async function lookAgain(each: Watched, { look, start, clock }: WatchOptions): Promise<void> {
  const { digest } = each.image;
  let seen = await look(digest);
  // A scan on push may take a moment to begin, so one look is not enough.
  if (seen.state === 'NO_SCAN' && each.last?.state === 'NO_SCAN' && !each.wasStarted) {
    each.wasStarted = true;
    seen = await start(digest) ?? seen;
  }
  const shown = JSON.stringify(seen);
  each.seen = clock.now();
  if (shown !== each.shown) Object.assign(each, { shown, since: each.seen });
  each.last = seen;
}

function isSettled({ last, seen, since }: Watched): boolean {
  return last?.state === 'NOT_SCANNABLE' || (last?.state === 'SCANNED' && (last.isFinal || seen - since >= SETTLING_MILLISECONDS));
}

function resultOf(each: Watched): ScanResult {
  const { image, last } = each;
  const findings = last?.state === 'SCANNED' ? last.findings : [];
  if (last?.state === 'NOT_SCANNABLE') return { image, findings, obstacle: last };
  if (last?.state === 'NO_SCAN') {
    const cure = 'turn scanning on for the repository (ImageRepository does; for an imported one see to it), and deploy again';
    return { image, findings, obstacle: { why: 'it was never scanned', cure } };
  }
  if (isSettled(each)) return { image, findings };
  const status = last?.state === 'WAITING' ? last.why : 'findings still arrive';
  return { image, findings, obstacle: { why: `its scan is not over (${status})`, cure: 'deploy again, or give the gate a longer waitAtMost' } };
}
