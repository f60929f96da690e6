import { isDeepStrictEqual } from 'node:util';
import { Finding, findingsOn, isReadable, listedOn } from './findings';
import { AwsCallError, AwsResponse } from '../../custom-resource/aws';
import { EcrApi } from '../../custom-resource/ecr';
import { RunnableImage } from '../../custom-resource/runnable-images';
import { shortText } from '../../custom-resource/text';
import { Clock, pause } from '../../engine/clock';
import { isObject } from '../../engine/json';

/** The state of a scan. */
export type ScanState =
  /** There is no result yet. */
  | { readonly state: 'WAITING'; readonly why: string }
  /** There is no scan. It may start later or never. */
  | { readonly state: 'NO_SCAN' }
  /** The scan has a result, with or without findings. */
  | { readonly state: 'SCANNED'; readonly findings: readonly Finding[]; readonly isFinal: boolean }
  /** The scan will never have a result. */
  | { readonly state: 'NOT_SCANNABLE'; readonly why: string; readonly fix: string };

// Half of the limit of ECR, because an enhanced finding may list hundreds of packages.
const PAGE_SIZE = 50;
const MAX_PAGES = 1000;

const UNSUPPORTED_FIX = 'use a base image that ECR can scan, or enhanced scanning, which knows more of them';

/** Reasons and fixes for scans that end without findings, by status. */
const NOT_SCANNABLE_STATUSES: Readonly<Record<string, { readonly why: string; readonly fix: string }>> = {
  FAILED: { why: 'the scan failed', fix: UNSUPPORTED_FIX },
  UNSUPPORTED_IMAGE: { why: 'it is of a kind that cannot be scanned', fix: UNSUPPORTED_FIX },
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
export async function readScanState(ecr: EcrApi, imageDigest: string): Promise<ScanState> {
  const findings: Finding[] = [];
  const listed = new Map<string, number>();
  let nextToken: unknown;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const response = await findingsPage(ecr, imageDigest, nextToken);
    if (response === undefined) return { state: 'NO_SCAN' };
    const { status, description }: AwsResponse = isObject(response.imageScanStatus) ? response.imageScanStatus : {};
    if (status !== 'COMPLETE' && status !== 'ACTIVE') return stateWithoutFindings(status, description);
    const page = response.imageScanFindings;
    if (!isObject(page) || !isReadable(page)) return { state: 'WAITING', why: `${status}, without findings that can be read` };
    findings.push(...findingsOn(page));
    for (const { severity } of listedOn(page)) listed.set(String(severity), (listed.get(String(severity)) ?? 0) + 1);
    nextToken = response.nextToken ?? undefined;
    if (nextToken === undefined) return stateIfIncomplete(page, listed) ?? { state: 'SCANNED', findings, isFinal: isFinal(status, page) };
  }
  throw new Error(`ECR lists findings of ${imageDigest} without an end`);
}

/** One page of findings. `undefined` without a scan. */
async function findingsPage(ecr: EcrApi, imageDigest: string, nextToken: unknown): Promise<AwsResponse | undefined> {
  try {
    const response = await ecr.call('DescribeImageScanFindings', { imageId: { imageDigest }, maxResults: PAGE_SIZE, nextToken });
    const { imageDigest: found = imageDigest } = isObject(response.imageId) ? response.imageId : {};
    if (found !== imageDigest) throw new Error(`ECR returned the findings of another image than ${imageDigest}`);
    return response;
  } catch (error) {
    if (error instanceof AwsCallError && error.type === 'ScanNotFoundException') return undefined;
    throw error;
  }
}

/** The state if ECR counts more findings than it lists. */
function stateIfIncomplete({ findingSeverityCounts: counts }: AwsResponse, listed: ReadonlyMap<string, number>): ScanState | undefined {
  const incomplete = Object.entries(isObject(counts) ? counts : {}).find(([severity, count]) => Number(count) > (listed.get(severity) ?? 0));
  if (incomplete === undefined) return undefined;
  const [severity, count] = incomplete;
  return { state: 'WAITING', why: `${count} findings of severity ${shortText(severity, 20)} are counted, and ${listed.get(severity) ?? 0} are listed` };
}

/** Starts a scan. Returns a state if the image cannot be scanned. */
export async function startScan(ecr: EcrApi, imageDigest: string): Promise<ScanState | undefined> {
  try {
    await ecr.call('StartImageScan', { imageId: { imageDigest } });
    return undefined;
  } catch (error) {
    const type = error instanceof AwsCallError ? error.type : undefined;
    if (type === 'UnsupportedImageTypeException') return { state: 'NOT_SCANNABLE', ...NOT_SCANNABLE_STATUSES.UNSUPPORTED_IMAGE };
    if (type === 'ImageArchivedException') return { state: 'NOT_SCANNABLE', ...NOT_SCANNABLE_STATUSES.IMAGE_ARCHIVED };
    // ECR allows one basic scan per day, and no manual scan with enhanced scanning. In both cases a result may follow soon.
    if (type === 'LimitExceededException' || type === 'ValidationException' || type === 'InvalidParameterException') return undefined;
    throw error;
  }
}

function stateWithoutFindings(status: unknown, description: unknown): ScanState {
  if (status === 'IN_PROGRESS' || status === 'PENDING') return { state: 'WAITING', why: status };
  const { why, fix } = Object.hasOwn(NOT_SCANNABLE_STATUSES, String(status)) ? NOT_SCANNABLE_STATUSES[String(status)]
    : { why: `its scan has the status '${shortText(status)}', which is not known here`, fix: 'look up its meaning in ECR' };
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
  readonly read: (digest: string) => Promise<ScanState>;
  readonly start: (digest: string) => Promise<ScanState | undefined>;
  readonly clock: Clock;
  /** The time at which the gate gives up. */
  readonly until: number;
  /** The time at which this invocation must end. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

interface WatchedScan {
  readonly image: RunnableImage;
  /** The state that was read last. */
  last: ScanState;
  /** The time at which the state was read. */
  readAt: number;
  /** The time at which the state last changed. */
  changedAt: number;
  /** Whether this function has started the scan. */
  wasStarted: boolean;
}

const FOREIGN_LAYERS: ScanState = {
  state: 'NOT_SCANNABLE', why: 'it has layers that are not in the repository, so no scan sees them', fix: 'use an image without foreign (nondistributable) layers',
};
const NOT_READ: ScanState = { state: 'WAITING', why: 'not read yet' };
const PAUSE_MILLISECONDS = 10_000;
/** The time for which findings must not change until they count as complete. */
export const SETTLING_MILLISECONDS = 120_000;

/** Waits for the scans of some images. Returns `undefined` if this invocation must end first. */
export async function watchScans(images: readonly RunnableImage[], options: WatchOptions): Promise<ScanResult[] | undefined> {
  const { clock, until, deadline, signal } = options;
  const watched = images.map((image): WatchedScan => ({
    image, last: image.hasForeignLayers ? FOREIGN_LAYERS : NOT_READ, readAt: 0, changedAt: 0, wasStarted: false,
  }));
  for (;;) {
    for (const scan of watched.filter(each => !isSettled(each))) await update(scan, options);
    const now = clock.now();
    if (watched.every(isSettled) || now >= until) return watched.map(resultOf);
    const wait = Math.min(until - now, PAUSE_MILLISECONDS * (0.5 + clock.random()));
    if (!await pause(wait, { clock, deadline, signal })) return undefined;
  }
}

async function update(scan: WatchedScan, { read, start, clock }: WatchOptions): Promise<void> {
  const { image: { digest }, last } = scan;
  let next = await read(digest);
  // A scan on push may begin a moment later, so the state is read twice before a scan is started.
  if (next.state === 'NO_SCAN' && last.state === 'NO_SCAN' && !scan.wasStarted) {
    scan.wasStarted = true;
    next = await start(digest) ?? next;
  }
  scan.last = next;
  scan.readAt = clock.now();
  if (!isDeepStrictEqual(next, last)) scan.changedAt = scan.readAt;
}

function isSettled({ last, readAt, changedAt }: WatchedScan): boolean {
  return last.state === 'NOT_SCANNABLE' || (last.state === 'SCANNED' && (last.isFinal || readAt - changedAt >= SETTLING_MILLISECONDS));
}

function resultOf(scan: WatchedScan): ScanResult {
  const { image, last } = scan;
  const findings = last.state === 'SCANNED' ? last.findings : [];
  if (last.state === 'NOT_SCANNABLE') return { image, findings, obstacle: last };
  if (last.state === 'NO_SCAN') {
    const fix = 'turn on scanning for the repository (ImageRepository does), and deploy again';
    return { image, findings, obstacle: { why: 'it was never scanned', fix } };
  }
  if (isSettled(scan)) return { image, findings };
  const status = last.state === 'WAITING' ? last.why : 'findings still arrive';
  return { image, findings, obstacle: { why: `its scan is not over (${status})`, fix: 'deploy again, or give the gate a longer waitAtMost' } };
}
