import { GateOrder } from './decode-gate';
import { Finding } from './findings';
import { ScanResult } from './scans';
import { oneLine, truncateUtf8 } from '../../custom-resource/text';
import type { AcceptedFindingProperties } from '../scan-gate-properties';
import { SEVERITIES, atOrAbove, endOfDay } from '../severity';

/** A finding and the platforms that have it. */
export interface Charge extends Finding {
  readonly platforms: readonly string[];
}

/** The evaluation of an image. */
export interface Verdict {
  /** The findings that fail the deployment, worst first. */
  readonly charges: readonly Charge[];
  /** Accepted findings that the scan reports. */
  readonly accepted: readonly AcceptedFindingProperties[];
  /** Findings whose acceptance has expired. */
  readonly expired: readonly AcceptedFindingProperties[];
  /** Images without a result. */
  readonly unknown: readonly ScanResult[];
}

/** Evaluates scan results by the rules of a gate, at some time. */
export function judge(results: readonly ScanResult[], { failOn, accept }: Pick<GateOrder, 'failOn' | 'accept'>, now: number): Verdict {
  const stopping = atOrAbove(failOn);
  const charges = merged(results).filter(({ severity }) => stopping.includes(severity));
  const found = accept.filter(({ Name }) => charges.some(each => isSame(each.name, Name)));
  const accepted = found.filter(({ LastDay }) => (endOfDay(LastDay) ?? -Infinity) >= now);
  return {
    charges: charges.filter(({ name }) => !accepted.some(({ Name }) => isSame(name, Name))).sort(worstFirst),
    accepted,
    expired: found.filter(each => !accepted.includes(each)),
    unknown: results.filter(({ obstacle }) => obstacle !== undefined),
  };
}

/** Whether the image passes. */
export function isClean({ charges, unknown }: Verdict): boolean {
  return charges.length === 0 && unknown.length === 0;
}

/** The findings, each once for all platforms. */
function merged(results: readonly ScanResult[]): Charge[] {
  const charges = new Map<string, Charge>();
  for (const { image: { platform }, findings } of results) {
    for (const finding of findings) {
      const key = JSON.stringify([finding.name, finding.severity, finding.inPackage, finding.fixedIn]);
      const platforms = new Set([...charges.get(key)?.platforms ?? [], ...platform === undefined ? [] : [platform]]);
      charges.set(key, { ...finding, platforms: [...platforms] });
    }
  }
  return [...charges.values()];
}

function isSame(one: string, other: string): boolean {
  return one.toUpperCase() === other.toUpperCase();
}

function worstFirst(one: Charge, other: Charge): number {
  return SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity) || (one.name < other.name ? -1 : Number(one.name > other.name));
}

/** The maximum size of a reason in bytes. The whole response must fit into the 4096 bytes of CloudFormation. */
export const REASON_BYTES = 3000;

const EXPIRED_BYTES = 500;
const UNKNOWN_BYTES = 900;
const ACCEPTED_BYTES = 1000;
const MOST_PLATFORMS = 5;

/** The reason why an image fails: as many findings as fit, worst first, and the fix. */
export function reportOf(image: string, { charges, unknown, expired }: Verdict, { failOn }: Pick<GateOrder, 'failOn'>, also = ''): string {
  const head = `the image ${truncateUtf8(image, 450)} may not be used`;
  const obstacles = unknown.map(({ image: { platform }, obstacle }) => `${platform === undefined ? '' : `${platform}: `}${obstacle?.why}; ${obstacle?.fix}`);
  const sentences = [
    unknown.length > 0 ? `it is unknown whether it is clean: ${fitted(obstacles, UNKNOWN_BYTES)}` : '',
    expired.length > 0 ? `no longer accepted: ${fitted(expired.map(({ Name, LastDay }) => `${Name} (until ${LastDay})`), EXPIRED_BYTES)}` : '',
    charges.length > 0 ? 'update the packages or the base image, or accept a finding for some time: AcceptedFinding.until(name, lastDay, reason)' : '',
    also,
  ].filter(Boolean);
  if (charges.length === 0) return oneLine([head, ...sentences].join('. '));
  const found = `${charges.length} ${charges.length === 1 ? 'finding' : 'findings'} of severity ${failOn} or worse`;
  const left = REASON_BYTES - size([head, `${found}: `, ...sentences].join('. '));
  return oneLine([head, `${found}: ${fitted(charges.map(describe), left)}`, ...sentences].join('. '));
}

/** The accepted findings, for the log. */
export function describeAccepted(accepted: readonly AcceptedFindingProperties[]): string {
  return fitted(accepted.map(({ Name, LastDay, Reason }) => `${Name} until ${LastDay} (${Reason})`), ACCEPTED_BYTES);
}

/** Findings, for the log. */
export function describeCharges(charges: readonly Charge[]): string {
  return fitted(charges.map(describe), ACCEPTED_BYTES);
}

function describe({ severity, name, inPackage, fixedIn, platforms }: Charge): string {
  const names = [...platforms.slice(0, MOST_PLATFORMS), ...platforms.length > MOST_PLATFORMS ? ['…'] : []].join(', ');
  const where = inPackage === undefined ? '' : ` in ${inPackage}${fixedIn === undefined ? '' : `, fixed in ${fixedIn}`}`;
  return oneLine(`${severity} ${name}${where}${names === '' ? '' : ` (${names})`}`);
}

/** Joins as many parts as fit, and appends the number of the others. */
function fitted(parts: readonly string[], bytes: number): string {
  const more = (count: number) => count === 0 ? [] : [`and ${count} more`];
  let left = bytes - size(`; and ${parts.length} more`);
  const fit = parts.findIndex(part => (left -= size(`; ${part}`)) < 0);
  const count = fit < 0 ? parts.length : fit;
  return [...parts.slice(0, count), ...more(parts.length - count)].join('; ');
}

/** The size of the JSON form of a text, in bytes. */
function size(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}
