import { ScanGateRequest } from './decode-gate';
import { Finding } from './findings';
import { ScanResult } from './scans';
import { LONG_REASON_BYTES } from '../../custom-resource/log-lines';
import { jsonBytes, oneLine, truncateUtf8 } from '../../custom-resource/text';
import type { AcceptedFindingProperties } from '../scan-gate-properties';
import { SEVERITIES, Severity, atOrAbove, endOfDay } from '../severity';

/** A finding and the platforms that have it. */
export interface FindingOnPlatforms extends Finding {
  readonly platforms: readonly string[];
}

/** The result of the evaluation of an image. */
export interface Verdict {
  /** The findings that fail the deployment, worst first. */
  readonly blocking: readonly FindingOnPlatforms[];
  /** Accepted findings that the scan reports. */
  readonly accepted: readonly AcceptedFindingProperties[];
  /** Findings whose acceptance has expired. */
  readonly expired: readonly AcceptedFindingProperties[];
  /** Images without a result. */
  readonly unknown: readonly ScanResult[];
}

/** Evaluates scan results by the rules of a gate, at some time. */
export function evaluateScans(results: readonly ScanResult[], { failOn, accept }: Pick<ScanGateRequest, 'failOn' | 'accept'>, now: number): Verdict {
  const failing = atOrAbove(failOn);
  const severe = mergePlatforms(results).filter(({ severity }) => failing.includes(severity));
  const listed = accept.filter(({ Name }) => severe.some(each => isSameName(each.name, Name)));
  const accepted = listed.filter(({ LastDay }) => (endOfDay(LastDay) ?? -Infinity) >= now);
  return {
    blocking: severe.filter(({ name }) => !accepted.some(({ Name }) => isSameName(name, Name))).sort(worstFirst),
    accepted,
    expired: listed.filter(each => !accepted.includes(each)),
    unknown: results.filter(({ obstacle }) => obstacle !== undefined),
  };
}

/** Whether the image passes. */
export function isClean({ blocking, unknown }: Verdict): boolean {
  return blocking.length === 0 && unknown.length === 0;
}

/** The findings, each once for all platforms. */
function mergePlatforms(results: readonly ScanResult[]): FindingOnPlatforms[] {
  const found = new Map<string, FindingOnPlatforms>();
  for (const { image: { platform }, findings } of results) {
    for (const finding of findings) {
      const key = JSON.stringify([finding.name, finding.severity, finding.inPackage, finding.fixedIn]);
      const platforms = new Set([...found.get(key)?.platforms ?? [], ...platform === undefined ? [] : [platform]]);
      found.set(key, { ...finding, platforms: [...platforms] });
    }
  }
  return [...found.values()];
}

function isSameName(one: string, other: string): boolean {
  return one.toUpperCase() === other.toUpperCase();
}

function worstFirst(one: FindingOnPlatforms, other: FindingOnPlatforms): number {
  return SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity) || (one.name < other.name ? -1 : Number(one.name > other.name));
}

const EXPIRED_BYTES = 500;
const UNKNOWN_BYTES = 900;
const ACCEPTED_BYTES = 1000;
const MOST_PLATFORMS = 5;

/** An image that does not pass. */
export interface FailedImage {
  /** The reference of the image. */
  readonly image: string;
  readonly verdict: Verdict;
  readonly failOn: Severity;
  /**
   * A sentence at the end of the reason.
   *
   * @default - none
   */
  readonly note?: string;
}

/** The reason why an image fails: as many findings as fit, worst first, and the fix. */
export function failureReason({ image, verdict: { blocking, unknown, expired }, failOn, note = '' }: FailedImage): string {
  const head = `the image ${truncateUtf8(image, 450)} may not be used`;
  const obstacles = unknown.map(({ image: { platform }, obstacle }) => `${platform === undefined ? '' : `${platform}: `}${obstacle?.why}; ${obstacle?.fix}`);
  const sentences = [
    unknown.length > 0 ? `it is unknown whether it is clean: ${joinWhatFits(obstacles, UNKNOWN_BYTES)}` : '',
    expired.length > 0 ? `no longer accepted: ${joinWhatFits(expired.map(({ Name, LastDay }) => `${Name} (until ${LastDay})`), EXPIRED_BYTES)}` : '',
    blocking.length > 0 ? 'update the packages or the base image, or accept a finding for some time: AcceptedFinding.until(name, lastDay, reason)' : '',
    note,
  ].filter(Boolean);
  if (blocking.length === 0) return oneLine([head, ...sentences].join('. '));
  const counted = `${blocking.length} ${blocking.length === 1 ? 'finding' : 'findings'} of severity ${failOn} or worse`;
  const left = LONG_REASON_BYTES - spaceFor([head, `${counted}: `, ...sentences].join('. '));
  return oneLine([head, `${counted}: ${joinWhatFits(blocking.map(describe), left)}`, ...sentences].join('. '));
}

/** The accepted findings, for the log. */
export function describeAccepted(accepted: readonly AcceptedFindingProperties[]): string {
  return joinWhatFits(accepted.map(({ Name, LastDay, Reason }) => `${Name} until ${LastDay} (${Reason})`), ACCEPTED_BYTES);
}

/** Findings, for the log. */
export function describeFindings(findings: readonly FindingOnPlatforms[]): string {
  return joinWhatFits(findings.map(describe), ACCEPTED_BYTES);
}

function describe({ severity, name, inPackage, fixedIn, platforms }: FindingOnPlatforms): string {
  const names = [...platforms.slice(0, MOST_PLATFORMS), ...platforms.length > MOST_PLATFORMS ? ['…'] : []].join(', ');
  const where = inPackage === undefined ? '' : ` in ${inPackage}${fixedIn === undefined ? '' : `, fixed in ${fixedIn}`}`;
  return oneLine(`${severity} ${name}${where}${names === '' ? '' : ` (${names})`}`);
}

/** Joins as many parts as fit, and appends the number of the others. */
function joinWhatFits(parts: readonly string[], bytes: number): string {
  let left = bytes - spaceFor(`; and ${parts.length} more`);
  const firstOmitted = parts.findIndex(part => (left -= spaceFor(`; ${part}`)) < 0);
  if (firstOmitted < 0) return parts.join('; ');
  return [...parts.slice(0, firstOmitted), `and ${parts.length - firstOmitted} more`].join('; ');
}

/** The bytes to reserve for a part of the reason: two more than it needs. */
function spaceFor(text: string): number {
  return jsonBytes(text) + 2;
}
