import { Side } from './contract';

/**
 * Why an attempt may be repeated: `transient` (the other end failed or was gone), `busy` (it has too much to do),
 * `corrupt` (the bytes were not what the digest says), `unauthorized` (the token ran out).
 */
export type RetryReason = 'transient' | 'busy' | 'corrupt' | 'unauthorized';

/** Everything that a `CopyError` says. */
export interface CopyErrorDetails {
  /** What was tried, in the words of a sentence: `read the manifest`. */
  readonly operation: string;
  readonly side: Side;
  /** `host/repository` with tag or digest. */
  readonly reference: string;
  /** Why it failed: `the registry answered 404 MANIFEST_UNKNOWN`. Never an address, header or body. */
  readonly reason: string;
  /** HTTP status, if the registry answered. */
  readonly status?: number;
  /** Error code of the registry, for example `TAG_INVALID`. */
  readonly code?: string;
  /** @default - must not be repeated */
  readonly retry?: RetryReason;
  /** How many milliseconds the registry asked to wait. */
  readonly retryAfter?: number;
}

/** A failure in one sentence: operation, side, reference, reason. */
export class CopyError extends Error {
  public readonly operation: string;
  public readonly side: Side;
  public readonly reference: string;
  public readonly status?: number;
  public readonly code?: string;
  public readonly retryable: boolean;

  constructor(public readonly details: CopyErrorDetails) {
    const where = details.side === 'source' ? 'from the source' : 'at the destination';
    super(`could not ${details.operation} ${where} ${details.reference}: ${details.reason}`);
    this.name = 'CopyError';
    this.operation = details.operation;
    this.side = details.side;
    this.reference = details.reference;
    this.status = details.status;
    this.code = details.code;
    this.retryable = details.retry !== undefined;
  }
}

/** A failure below the level at which operation, side and reference are known. */
export class Failure extends Error {
  constructor(
    /** Half a sentence without addresses or secrets. */
    public readonly reason: string,
    public readonly retry?: RetryReason,
    /** Who failed when a body is piped to a peer: the peer itself or whoever feeds the body. */
    public readonly party: 'peer' | 'feed' = 'peer',
    /** How many milliseconds the other end asked to wait. */
    public readonly retryAfter?: number,
    /** HTTP status of a refusal that somebody else has answered for the registry. */
    public readonly status?: number,
  ) {
    super(reason);
    this.name = 'Failure';
  }
}
