import { Finding, findingsOn, isReadable, listedOn } from './findings';
import { Answer, AwsRefusal } from '../../custom-resource/aws';
import { EcrApi } from '../../custom-resource/ecr';
import { isObject } from '../../engine/json';
import { shortText } from '../../custom-resource/text';

/** What one look at a scan has shown. */
export type Look =
  /** Nothing that could be judged yet. */
  | { readonly state: 'WAITING'; readonly why: string }
  /** There is no scan, and perhaps there never will be one. */
  | { readonly state: 'NO_SCAN' }
  /** There are findings, or none. */
  | { readonly state: 'SCANNED'; readonly findings: readonly Finding[]; readonly isFinal: boolean }
  /** Nobody will ever know by this scan. */
  | { readonly state: 'NOT_SCANNABLE'; readonly why: string; readonly cure: string };

// Half of what ECR allows: an enhanced finding may list hundreds of packages.
const PAGE = 50;
const MAX_PAGES = 1000;

const UNSUPPORTED = 'use a base image that ECR can scan, or enhanced scanning, which knows more of them';

/** What it means when a scan ends without findings that count, by status. */
const DEAD_ENDS: Readonly<Record<string, { readonly why: string; readonly cure: string }>> = {
  FAILED: { why: 'the scan failed', cure: UNSUPPORTED },
  UNSUPPORTED_IMAGE: { why: 'it is of a kind that cannot be scanned', cure: UNSUPPORTED },
  FINDINGS_UNAVAILABLE: { why: 'its findings are not available', cure: 'see in Amazon Inspector why, and deploy again' },
  SCAN_ELIGIBILITY_EXPIRED: { why: 'enhanced scanning has stopped looking at it', cure: 'lengthen the re-scan duration of Amazon Inspector, or build the image anew' },
  LIMIT_EXCEEDED: { why: 'the account may not scan more images now', cure: 'deploy again tomorrow, or ask AWS for a higher quota' },
  IMAGE_ARCHIVED: { why: 'it is archived, and archived images are not scanned', cure: 'restore it in ECR' },
};

/**
 * Looks at the scan of an image once.
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
    const { status, description } = isObject(answer.imageScanStatus) ? answer.imageScanStatus : { status: undefined, description: undefined };
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

/** One page of the findings, `undefined` without a scan. */
async function findingsPage(ecr: EcrApi, imageDigest: string, nextToken: unknown): Promise<Answer | undefined> {
  try {
    const answer = await ecr.ask('DescribeImageScanFindings', { imageId: { imageDigest }, maxResults: PAGE, ...(nextToken !== undefined && { nextToken }) });
    const { imageDigest: found = imageDigest } = isObject(answer.imageId) ? answer.imageId : {};
    if (found !== imageDigest) throw new Error(`ECR returned the findings of another image than ${imageDigest}`);
    return answer;
  } catch (error) {
    if (error instanceof AwsRefusal && error.type === 'ScanNotFoundException') return undefined;
    throw error;
  }
}

/** The number of findings that ECR has counted and not listed, if there are any. */
function missing({ findingSeverityCounts: counts }: Readonly<Record<string, unknown>>, listed: ReadonlyMap<string, number>): Look | undefined {
  const short = Object.entries(isObject(counts) ? counts : {}).find(([severity, count]) => Number(count) > (listed.get(severity) ?? 0));
  if (short === undefined) return undefined;
  const [severity, count] = short;
  return { state: 'WAITING', why: `${count} findings of severity ${shortText(severity, 20)} are counted, and ${listed.get(severity) ?? 0} are listed` };
}

/** Has an image scanned that nobody has scanned; what speaks against it. */
export async function startScan(ecr: EcrApi, imageDigest: string): Promise<Look | undefined> {
  try {
    await ecr.ask('StartImageScan', { imageId: { imageDigest } });
    return undefined;
  } catch (error) {
    const type = error instanceof AwsRefusal ? error.type : undefined;
    if (type === 'UnsupportedImageTypeException') return { state: 'NOT_SCANNABLE', ...DEAD_ENDS.UNSUPPORTED_IMAGE };
    // One scan a day; and none by hand where scanning is enhanced. Either way there may be one soon.
    if (type === 'LimitExceededException' || type === 'ValidationException' || type === 'InvalidParameterException') return undefined;
    throw error;
  }
}

function withoutFindings(status: unknown, description: unknown): Look {
  if (status === 'IN_PROGRESS' || status === 'PENDING') return { state: 'WAITING', why: status };
  const { why, cure } = (Object.keys(DEAD_ENDS).includes(String(status)) ? DEAD_ENDS[String(status)] : undefined) ?? { why: `its scan has the status '${shortText(status)}', which is not known here`, cure: 'see in ECR what that means' };
  const details = shortText(description, 200);
  return { state: 'NOT_SCANNABLE', why: details === undefined ? why : `${why} (${details})`, cure };
}

/**
 * A basic scan says when it was completed. An enhanced one gets its findings one by one while it is called `ACTIVE` already, and
 * is said to be completed at the time of the newest; and for a while it looks like a basic scan without findings and without that time.
 *
 * @see https://github.com/aws/aws-sdk/issues/289
 */
function isFinal(status: string, { imageScanCompletedAt, enhancedFindings }: Readonly<Record<string, unknown>>): boolean {
  return status === 'COMPLETE' && imageScanCompletedAt !== undefined && enhancedFindings === undefined;
}
