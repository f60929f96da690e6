import { Fault } from '../../helpers/fault-proxy-faults';
import { TracedRequest } from '../../helpers/fault-proxy-trace';

/**
 * What the engine guarantees for one fault at one request. The numbers follow from `src/engine/retry.ts`: six tries, four for a blob that does not
 * start to arrive (after 30, 90, 270 and 300 s), three for corrupt content, two for an expired token. Waits of at most 7.75 s in total, unless the
 * registry asks for longer ones. 45 s for a small request, of which a stalled try takes 30 s. Requests to an overloaded registry are retried for
 * two minutes, or 21 times.
 */
export interface Law {
  /** The number of consecutive faults after which the copy always recovers. */
  readonly survives: number;
  /** The number after which it can recover if the faults hit different requests with the same key. */
  readonly perhaps?: number;
  /** The text in the error message after more faults. */
  readonly reason: RegExp;
  /** The maximum duration of the whole copy, whether it succeeds or fails. */
  readonly seconds: number;
  /** Whether the message can name another request: the one that was running when the time was over. */
  readonly anywhere?: boolean;
}

const BYTES_IN_TIME = 870 / 5;

// The corrupt part is never read.
const HARMLESS: Law = { survives: Infinity, reason: /never/, seconds: 0 };
const gone: Law = { survives: 5, reason: /the connection failed \([A-Z_]+\) \(tried 6 times\)/, seconds: 8 };
const corrupt: Law = { survives: 2, reason: /(the content is corrupt|expected \d+ bytes).*\(tried 3 times\)/, seconds: 1 };
const refused: Law = { survives: 0, reason: /answered 401/, seconds: 0, anywhere: true };
const tooSlow: Law = { survives: 0, reason: /the time allowed for the copy ran out/, seconds: 870, anywhere: true };
// A small answer has 30 to 38 seconds, so a second try fits into the 45 seconds of a request.
const late: Law = { survives: 1, reason: /the answer took longer than \d+ s \(tried 2 times\), and no time is left to wait/, seconds: 45 + 38 };
const failing = (status: string): Law => ({ survives: 5, reason: new RegExp(`answered ${status}\\b.*\\(tried 6 times\\)`), seconds: 45 });
const busy: Law = { survives: 10, reason: /answered 429\b.*\(tried \d\d times\)/, seconds: 200 };
const silent = (small: boolean): Law => small
  ? { survives: 1, reason: /nothing moved for 30 s \(tried 2 times\), and no time is left to wait/, seconds: 45 + 30 }
  : { survives: 5, reason: /nothing moved for \d+ s \(tried 6 times\)/, seconds: 6 * 30 + 10 };

const unbegun: Law = { survives: 3, reason: /nothing moved for 300 s \(tried 4 times\)/, seconds: 30 + 90 + 270 + 300 + 10 };

/** The corrupt part of a request. */
export interface Spoiled extends Pick<TracedRequest, 'kind' | 'method' | 'status' | 'bytes'> {
  /** Whether the previous request with the same key was rejected: this one already has a new token. */
  readonly renewed: boolean;
  /** Whether it writes an immutable tag: the second try gets TAG_INVALID, which ends the retries. */
  readonly settles: boolean;
  /** The next request with a token, if this one is rejected for having none. */
  readonly next?: Spoiled;
}

/** Faults that are only visible to a client that reads the body of the answer. */
const IN_THE_BODY: readonly Fault[] = [
  'reset in the answer', 'stall in the answer', 'one byte too many', 'truncated body', 'one wrong byte', 'wrong Content-Length', 'slow loris',
];

/** The law for a fault at a request, `undefined` if the fault has no effect there. */
export function lawOf(fault: Fault, request: Spoiled): Law | undefined {
  const { kind, method, status, bytes = 0, renewed, settles, next } = request;
  const empty = method === 'HEAD' || bytes === 0;
  const unread = !empty && (status !== 200 || !['GET manifest', 'GET storage', 'GET blob', 'GET token'].includes(kind));
  if (unread && IN_THE_BODY.includes(fault)) {
    const law = next === undefined ? undefined : lawOf(fault, next);
    return law === undefined ? { ...HARMLESS, seconds: 870 } : { ...law, survives: law.survives + 1 };
  }
  const token = kind === 'GET token';
  const streamed = kind === 'GET storage' || kind === 'GET blob';
  // One upload, from its session to its last byte, is repeated as a whole and has no limit of 45 s.
  const small = !streamed && kind !== 'PUT upload' && kind !== 'POST upload';
  switch (fault) {
    case '429': case '429 Retry-After seconds': case '429 Retry-After date': return busy;
    case '408': case '500': case '502': case '503': case '504': case '522': return failing(fault);
    case '401 expired':
      // A second rejection is final, because neither a password nor a signed URL is renewed.
      // A blob that cannot be mounted is uploaded.
      if (kind === 'mount') return { ...refused, survives: Infinity };
      if (token || kind === 'GET storage' || renewed) return refused;
      if (kind === 'PUT upload') return { ...refused, survives: 1, reason: /the token ran out \(tried 2 times\)/ };
      return { ...refused, survives: 1, perhaps: kind === 'POST upload' ? 3 : undefined };
    case 'reset before the answer': case 'answer lost': case 'handled twice, answers lost': return gone;
    // The successful upload has closed the session, so the second try does not find it.
    case 'handled twice, second answer': return kind === 'PUT upload' ? failing('404') : HARMLESS;
    case 'reset in the answer': return gone;
    case 'stall': return streamed ? unbegun : silent(small);
    case 'stall in the answer': return streamed && empty ? unbegun : silent(small);
    case 'one byte too many': case 'truncated body': case 'one wrong byte':
      if (empty) return fault === 'one byte too many' ? HARMLESS : undefined;
      if (!token) return corrupt;
      // A token has no digest: a wrong character makes the token invalid.
      return fault === 'one wrong byte' ? refused : { ...corrupt, reason: /without a token \(tried 3 times\)/ };
    case 'wrong Content-Length':
      if (empty) return HARMLESS;
      return streamed ? corrupt : gone;
    case 'slow loris':
      if (empty && !settles) return streamed ? unbegun : silent(small);
      // The rejection that ends the retries is longer than the part that arrives in time.
      if (settles) return { ...tooSlow, survives: 1, reason: /the answer took longer than \d+ s|the time allowed for the copy ran out/ };
      if (small) return late;
      return bytes <= BYTES_IN_TIME ? { ...HARMLESS, seconds: 870 } : tooSlow;
    default: return undefined;
  }
}
