import { OutgoingHttpHeaders } from 'node:http';

/** A place in a body: bytes from its start, a part of it, its last byte but one, its end. */
export type Offset = '0' | '1' | '25%' | '50%' | '75%' | 'n-1' | 'n';

/** Faults that answer instead of the registry, which never sees the request. */
export const STATUS_FAULTS = [
  '408', '429', '429 Retry-After seconds', '429 Retry-After date', '500', '502', '503', '504', '522', '401 expired',
] as const;

/** All possible faults of one request. */
export const FAULTS = [
  ...STATUS_FAULTS,
  'reset before the answer',
  'reset in the answer',
  // The registry has completed the request, but its answer is lost.
  'answer lost',
  // A proxy in between repeats the request.
  'handled twice, answers lost',
  'handled twice, second answer',
  'truncated body',
  'one byte too many',
  'one wrong byte',
  'wrong Content-Length',
  'stall',
  'stall in the answer',
  'slow loris',
] as const;

export type StatusFault = typeof STATUS_FAULTS[number];
export type Fault = typeof FAULTS[number] | `reset at ${Offset} of the ${'request' | 'answer'}`;

/** The value of `Retry-After`. */
export const RETRY_AFTER_SECONDS = { seconds: 7, date: 9 } as const;

/** The number of body bytes before an offset. */
export function bytesBefore(offset: Offset, total: number): number {
  if (offset === 'n') return total;
  if (offset === 'n-1') return Math.max(0, total - 1);
  return offset.endsWith('%') ? Math.floor(total * Number.parseInt(offset, 10) / 100) : Math.min(Number(offset), total);
}

/** Parses `reset at <offset> of the <part>`. */
export function resetOffset(fault: Fault, part: 'request' | 'answer'): Offset | undefined {
  if (part === 'answer' && fault === 'reset in the answer') return '50%';
  if (part === 'request' && fault === 'reset before the answer') return '0';
  const match = /^reset at (\S+) of the (\S+)$/.exec(fault);
  return match?.[2] === part ? match[1] as Offset : undefined;
}

/** Whether a fault answers instead of the registry. */
export function isStatusFault(fault: Fault): fault is StatusFault {
  return STATUS_FAULTS.some(each => each === fault);
}

/** Status, headers and body of a fault that answers instead of the registry. */
export function statusAnswer(fault: StatusFault, now: number, challenge: string): PlainAnswer {
  const status = Number(fault.slice(0, 3));
  const headers: Record<string, string> = {};
  if (fault === '401 expired') headers['www-authenticate'] = challenge;
  if (fault === '429 Retry-After seconds') headers['retry-after'] = String(RETRY_AFTER_SECONDS.seconds);
  if (fault === '429 Retry-After date') headers['retry-after'] = new Date(now + RETRY_AFTER_SECONDS.date * 1000).toUTCString();
  // Load balancers answer with HTML, registries with JSON.
  const html = [502, 504, 522].includes(status);
  headers['content-type'] = html ? 'text/html' : 'application/json';
  const body = html ? `<html><h1>${status}</h1></html>` : JSON.stringify({ errors: [{ code: CODES.get(status) ?? 'UNKNOWN', message: 'injected fault' }] });
  return { status, headers, body: Buffer.from(body) };
}

/** A complete answer. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

const CODES: ReadonlyMap<number, string> = new Map([[401, 'UNAUTHORIZED'], [429, 'TOOMANYREQUESTS']]);
