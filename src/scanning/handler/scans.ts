import { Finding, findingsOn, isReadable, listedOn } from './findings';
import { Answer, AwsRefusal } from '../../custom-resource/aws';
import { EcrApi } from '../../custom-resource/ecr';
import { RunnableImage } from '../../custom-resource/runnable-images';
import { shortText } from '../../custom-resource/text';
import { Clock, pause } from '../../engine/clock';
import { isObject } from '../../engine/json';

/** The state of a scan. */
export type Look =
  /** There is no result yet. */
  | { readonly state: 'WAITING'; readonly why: string }
  /** There is no scan. It may start later or never. */
  | { readonly state: 'NO_SCAN' }
  /** The scan has a result, with or without findings. */
  | { readonly state: 'SCANNED'; readonly findings: readonly Finding[]; readonly isFinal: boolean }
  /** The scan will never have a result. */
  | { readonly state: 'NOT_SCANNABLE'; readonly why: string; readonly fix: string };

// Half of the limit of ECR, because an enhanced finding may list hundreds of packages.
const PAGE = 50;
const MAX_PAGES = 1000;

const UNSUPPORTED = 'use a base image that ECR can scan, or enhanced scanning, which knows more of them';

/** Reasons and fixes for scans that end without findings, by status. */
const DEAD_ENDS: Readonly<Record<string, { readonly why: string; readonly fix: string }>> = {
  FAILED: { why: 'the scan failed', fix: UNSUPPORTED },
  UNSUPPORTED_IMAGE: { why: 'it is of a kind that cannot be scanned', fix: UNSUPPORTED },
  FINDINGS_UNAVAILABLE: { why: 'its findings are not available', fix: 'look up the reason in Amazon Inspector, and deploy again' },
  SCAN_ELIGIBILITY_EXPIRED: { why: 'enhanced scanning has stopped looking at it', fix: 'lengthen the re-scan duration of Amazon Inspector, or build the image again' },
  LIMIT_EXCEEDED: { why: 'the account may not scan more images now', fix: 'deploy again tomorrow, or ask AWS for a higher quota' },
  IMAGE_SIZE_EXCEEDED: { why: 'it is larger than what can be scanned', fix: 'make the image smaller' },
  IMAGE_ARCHIVED: { why: 'it is archived, and archived images are not scanned', fix: 'restore it in ECR' },
};

/**
 * Reads the state of the scan of an image.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html
 */
export async function lookAtScan(ecr: EcrApi, imageDigest: string): Promise<Look> {
  const findings: Finding[] = [];
  const listed = new Map<string, number>();
  let nextToken: unknown;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const answer = await findingsPage(ecr, imageDigest, nextToken);
    if (answer === undefined) return { state: 'NO_SCAN' };
    const { status, description }: Answer = isObject(answer.imageScanStatus) ? answer.imageScanStatus : {};
    if (status !== 'COMPLETE' && status !== 'ACTIVE') return withoutFindings(status, description);
    const page = answer.imageScanFindings;
    if (!isObject(page) || !isReadable(page)) return { state: 'WAITING', why: `${status}, without findings that can be read` };
    findings.push(...findingsOn(page));
    for (const { severity } of listedOn(page)) listed.set(String(severity), (listed.get(String(severity)) ?? 0) + 1);
    nextToken = answer.nextToken ?? undefined;
    if (nextToken === undefined) return missing(page, listed) ?? { state: 'SCANNED', findings, isFinal: isFinal(status, page) };
  }
  throw new Error(`ECR lists findings of ${imageDigest} without an end`);
}

/** One page of findings. `undefined` without a scan. */
async function findingsPage(ecr: EcrApi, imageDigest: string, nextToken: unknown): Promise<Answer | undefined> {
  try {
    const answer = await ecr.ask('DescribeImageScanFindings', { imageId: { imageDigest }, maxResults: PAGE, nextToken });
    const { imageDigest: found = imageDigest } = isObject(answer.imageId) ? answer.imageId : {};
    if (found !== imageDigest) throw new Error(`ECR returned the findings of another image than ${imageDigest}`);
    return answer;
  } catch (error) {
    if (error instanceof AwsRefusal && error.type === 'ScanNotFoundException') return undefined;
    throw error;
  }
}

/** The state if ECR counts more findings than it lists. */
function missing({ findingSeverityCounts: counts }: Readonly<Record<string, unknown>>, listed: ReadonlyMap<string, number>): Look | undefined {
  const short = Object.entries(isObject(counts) ? counts : {}).find(([severity, count]) => Number(count) > (listed.get(severity) ?? 0));
  if (short === undefined) return undefined;
  const [severity, count] = short;
  return { state: 'WAITING', why: `${count} findings of severity ${shortText(severity, 20)} are counted, and ${listed.get(severity) ?? 0} are listed` };
}

/** Starts a scan. Returns a state if the image cannot be scanned. */
export async function startScan(ecr: EcrApi, imageDigest: string): Promise<Look | undefined> {
  try {
    await ecr.ask('StartImageScan', { imageId: { imageDigest } });
    return undefined;
  } catch (error) {
    const type = error instanceof AwsRefusal ? error.type : undefined;
    if (type === 'UnsupportedImageTypeException') return { state: 'NOT_SCANNABLE', ...DEAD_ENDS.UNSUPPORTED_IMAGE };
    if (type === 'ImageArchivedException') return { state: 'NOT_SCANNABLE', ...DEAD_ENDS.IMAGE_ARCHIVED };
    // ECR allows one basic scan per day, and no manual scan with enhanced scanning. In both cases a result may follow soon.
    if (type === 'LimitExceededException' || type === 'ValidationException' || type === 'InvalidParameterException') return undefined;
    throw error;
  }
}

function withoutFindings(status: unknown, description: unknown): Look {
  if (status === 'IN_PROGRESS' || status === 'PENDING') return { state: 'WAITING', why: status };
  const { why, fix } = (Object.keys(DEAD_ENDS).includes(String(status)) ? DEAD_ENDS[String(status)] : undefined) ?? { why: `its scan has the status '${shortText(status)}', which is not known here`, fix: 'look up its meaning in ECR' };
  const details = shortText(description, 200);
  return { state: 'NOT_SCANNABLE', why: details === undefined ? why : `${why} (${details})`, fix };
}

/**
 * Whether no further findings will follow. A basic scan has a completion time. An enhanced scan is `ACTIVE` while its findings arrive, and
 * its completion time is that of the newest one. At first it looks like a basic scan without findings and without that time.
 *
 * @see https://github.com/aws/aws-sdk/issues/289
 */
function isFinal(status: string, { imageScanCompletedAt, enhancedFindings }: Readonly<Record<string, unknown>>): boolean {
  return status === 'COMPLETE' && imageScanCompletedAt !== undefined && enhancedFindings === undefined;
}

/** The result of the scan of one image. */
export interface ScanResult {
  readonly image: RunnableImage;
  readonly findings: readonly Finding[];
  /** The reason for a missing result. */
  readonly obstacle?: { readonly why: string; readonly fix: string };
}

/** Options for watching scans. */
export interface WatchOptions {
  readonly look: (digest: string) => Promise<Look>;
  readonly start: (digest: string) => Promise<Look | undefined>;
  readonly clock: Clock;
  /** The time at which the gate gives up. */
  readonly until: number;
  /** The time at which this invocation must end. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

interface Watched {
  readonly image: RunnableImage;
  last: Look;
  /** The latest state as text, the time at which it was read, and the time at which it last changed. */
  shown?: string;
  seen: number;
  since: number;
  wasStarted: boolean;
}

const FOREIGN: Look = {
  state: 'NOT_SCANNABLE', why: 'it has layers that are not in the repository, so no scan sees them', fix: 'use an image without foreign (nondistributable) layers',
};
const UNREAD: Look = { state: 'WAITING', why: 'not read yet' };
const PAUSE_MILLISECONDS = 10_000;
/** The time for which findings must not change until they count as complete. */
export const SETTLING_MILLISECONDS = 120_000;

/** Waits for the scans of some images. Returns `undefined` if this invocation must end first. */
export async function watchScans(images: readonly RunnableImage[], options: WatchOptions): Promise<ScanResult[] | undefined> {
  const { clock, until, deadline, signal } = options;
  const watched = images.map((image): Watched => ({
    image, last: image.hasForeignLayers ? FOREIGN : UNREAD, seen: 0, since: 0, wasStarted: false,
  }));
  for (;;) {
    for (const each of watched.filter(one => !isSettled(one))) await lookAgain(each, options);
    const now = clock.now();
    if (watched.every(isSettled) || now >= until) return watched.map(resultOf);
    const wait = Math.min(until - now, PAUSE_MILLISECONDS * (0.5 + clock.random()));
    if (!await pause(wait, { clock, deadline, signal })) return undefined;
  }
}

async function lookAgain(each: Watched, { look, start, clock }: WatchOptions): Promise<void> {
  const { digest } = each.image;
  let seen = await look(digest);
  // A scan on push may begin a moment later, so the state is read twice before a scan is started.
  if (seen.state === 'NO_SCAN' && each.last.state === 'NO_SCAN' && !each.wasStarted) {
    each.wasStarted = true;
    seen = await start(digest) ?? seen;
  }
  const shown = JSON.stringify(seen);
  each.seen = clock.now();
  if (shown !== each.shown) Object.assign(each, { shown, since: each.seen });
  each.last = seen;
}

function isSettled({ last, seen, since }: Watched): boolean {
  return last.state === 'NOT_SCANNABLE' || (last.state === 'SCANNED' && (last.isFinal || seen - since >= SETTLING_MILLISECONDS));
}

function resultOf(each: Watched): ScanResult {
  const { image, last } = each;
  const findings = last.state === 'SCANNED' ? last.findings : [];
  if (last.state === 'NOT_SCANNABLE') return { image, findings, obstacle: last };
  if (last.state === 'NO_SCAN') {
    const fix = 'turn on scanning for the repository (ImageRepository does), and deploy again';
    return { image, findings, obstacle: { why: 'it was never scanned', fix } };
  }
  if (isSettled(each)) return { image, findings };
  const status = last.state === 'WAITING' ? last.why : 'findings still arrive';
  return { image, findings, obstacle: { why: `its scan is not over (${status})`, fix: 'deploy again, or give the gate a longer waitAtMost' } };
}
