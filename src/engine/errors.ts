/** The side of the copy at which something happened. */
export type Side = 'source' | 'destination';

/**
 * Why an attempt may be repeated: `transient` (the other end failed or could not be reached), `slow` (it did not begin to send a blob in
 * time, so the next attempt waits longer), `busy` (it limits the rate of requests),
 * `corrupt` (the bytes do not match their digest), `unauthorized` (the token expired), `permission` (a permission that this
 * deployment has just added takes some seconds to take effect).
 */
export type RetryReason = 'transient' | 'slow' | 'busy' | 'corrupt' | 'unauthorized' | 'permission';

/** Whether and when an attempt may be repeated. */
export interface RetryDetails {
  /** @default - must not be repeated */
  readonly retry?: RetryReason;
  /** Milliseconds that the other end asked to wait. */
  readonly retryAfter?: number;
}

/** An error that says whether its attempt may be repeated. The code that reads the response decides. */
export class RetryableError extends Error {
  public readonly retry?: RetryReason;
  public readonly retryAfter?: number;

  constructor(message: string, { retry, retryAfter }: RetryDetails = {}) {
    super(message);
    this.retry = retry;
    this.retryAfter = retryAfter;
  }
}

/** The details of a `Failure`. */
export interface FailureDetails extends RetryDetails {
  /**
   * The side of an upload that failed: the peer that receives a body, or the feed that provides it.
   *
   * @default peer
   */
  readonly party?: 'peer' | 'feed';
  /** HTTP status of a refusal that another server sent on behalf of the registry. */
  readonly status?: number;
}

/** A failure below the level at which operation, side and reference are known. */
export class Failure extends RetryableError {
  public readonly party: 'peer' | 'feed';
  public readonly status?: number;

  /** @param reason the end of a sentence, without addresses or secrets */
  constructor(public readonly reason: string, { party = 'peer', status, ...details }: FailureDetails = {}) {
    super(reason, details);
    this.name = 'Failure';
    this.party = party;
    this.status = status;
  }
}

const MAX_SHOWN = 100;

/** A text from outside, for a reason. A long text is replaced instead of cut, because a part of a secret would not be recognized and removed. */
export function shown(text: string): string {
  return text.length <= MAX_SHOWN ? text : `a text of ${text.length} characters`;
}

/** The details of a `CopyError`. */
export interface CopyErrorDetails extends RetryDetails {
  /** The failed operation, as a part of a sentence: `read the manifest`. */
  readonly operation: string;
  readonly side: Side;
  /** `host/repository` with tag or digest. */
  readonly reference: string;
  /** Why it failed: `the registry answered 404 MANIFEST_UNKNOWN`. Never an address, header or body. */
  readonly reason: string;
  /** HTTP status, if the registry responded. */
  readonly status?: number;
  /** Error code of the registry, for example `TAG_INVALID`. */
  readonly code?: string;
}

/** A failure in one sentence: operation, side, reference, reason. */
export class CopyError extends RetryableError {
  public readonly operation: string;
  public readonly side: Side;
  public readonly reference: string;
  public readonly status?: number;
  public readonly code?: string;
  public readonly retryable: boolean;

  constructor(public readonly details: CopyErrorDetails) {
    const where = details.side === 'source' ? 'from the source' : 'at the destination';
    super(`could not ${details.operation} ${where} ${details.reference}: ${details.reason}`, details);
    this.name = 'CopyError';
    this.operation = details.operation;
    this.side = details.side;
    this.reference = details.reference;
    this.status = details.status;
    this.code = details.code;
    this.retryable = details.retry !== undefined;
  }
}
