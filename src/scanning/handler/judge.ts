import { GateOrder } from './decode-gate';
import { Finding } from './findings';
import { ScanResult } from './watch-scans';
import type { AcceptedFindingProperties } from '../scan-gate-properties';
import { atOrAbove, endOfDay, SEVERITIES } from '../severity';

/** A finding, and the platforms of the image that have it. */
export interface Charge extends Finding {
  readonly platforms: readonly string[];
}

/** What a gate thinks of an image. */
export interface Verdict {
  /** What stops the deployment, worst first. */
  readonly charges: readonly Charge[];
  /** Accepted, and found. */
  readonly accepted: readonly AcceptedFindingProperties[];
  /** Accepted once, found, and counting again. */
  readonly expired: readonly AcceptedFindingProperties[];
  /** Images that nobody knows enough about. */
  readonly unknown: readonly ScanResult[];
}

/** Holds what was found against what a gate demands, at some time. */
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

/** Whether the image may be used. */
export function isClean({ charges, unknown }: Verdict): boolean {
  return charges.length === 0 && unknown.length === 0;
}

/** One charge for what several platforms have in common. */
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
