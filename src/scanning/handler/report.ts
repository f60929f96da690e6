import { GateOrder } from './decode-gate';
import { Charge, Verdict } from './judge';
import { oneLine, truncateUtf8 } from '../../custom-resource/text';
import type { AcceptedFindingProperties } from '../scan-gate-properties';

/** The longest reason, in bytes: with what else is in the answer less than the 4096 that CloudFormation reads. */
export const REASON_BYTES = 3000;

const EXPIRED_BYTES = 500;
const UNKNOWN_BYTES = 900;
const ACCEPTED_BYTES = 1000;
const MOST_PLATFORMS = 5;

/** Why an image may not be used, worst first, as much as fits, and what to do about it. */
export function reportOf(image: string, { charges, unknown, expired }: Verdict, { failOn }: Pick<GateOrder, 'failOn'>, also = ''): string {
  const head = `the image ${truncateUtf8(image, 450)} may not be used`;
  const obstacles = unknown.map(({ image: { platform }, obstacle }) => `${platform === undefined ? '' : `${platform}: `}${obstacle?.why}; ${obstacle?.cure}`);
  const sentences = [
    unknown.length > 0 ? `nobody knows whether it is clean: ${fitted(obstacles, UNKNOWN_BYTES)}` : '',
    expired.length > 0 ? `no longer accepted: ${fitted(expired.map(({ Name, LastDay }) => `${Name} (until ${LastDay})`), EXPIRED_BYTES)}` : '',
    charges.length > 0 ? 'update the packages or the base image, or accept a finding for some time: AcceptedFinding.until(name, lastDay, reason)' : '',
    also,
  ].filter(Boolean);
  if (charges.length === 0) return oneLine([head, ...sentences].join('. '));
  const found = `${charges.length} ${charges.length === 1 ? 'finding' : 'findings'} of severity ${failOn} or worse`;
  const left = REASON_BYTES - size([head, `${found}: `, ...sentences].join('. '));
  return oneLine([head, `${found}: ${fitted(charges.map(describe), left)}`, ...sentences].join('. '));
}

/** What is accepted, for the log. */
export function describeAccepted(accepted: readonly AcceptedFindingProperties[]): string {
  return fitted(accepted.map(({ Name, LastDay, Reason }) => `${Name} until ${LastDay} (${Reason})`), ACCEPTED_BYTES);
}

/** Findings in a few words, for the log. */
export function describeCharges(charges: readonly Charge[]): string {
  return fitted(charges.map(describe), ACCEPTED_BYTES);
}

function describe({ severity, name, inPackage, fixedIn, platforms }: Charge): string {
  const names = [...platforms.slice(0, MOST_PLATFORMS), ...platforms.length > MOST_PLATFORMS ? ['…'] : []].join(', ');
  const where = inPackage === undefined ? '' : ` in ${inPackage}${fixedIn === undefined ? '' : `, fixed in ${fixedIn}`}`;
  return oneLine(`${severity} ${name}${where}${names === '' ? '' : ` (${names})`}`);
}

/** As many parts as fit, and how many are left. */
function fitted(parts: readonly string[], bytes: number): string {
  const more = (count: number) => count === 0 ? [] : [`and ${count} more`];
  let left = bytes - size(`; and ${parts.length} more`);
  const fit = parts.findIndex(part => (left -= size(`; ${part}`)) < 0);
  const count = fit < 0 ? parts.length : fit;
  return [...parts.slice(0, count), ...more(parts.length - count)].join('; ');
}

/** As long as it gets in JSON. */
function size(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}
