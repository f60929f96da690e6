import { Hash, createHash } from 'node:crypto';
import { Failure } from './errors';

/** Content as a manifest describes it. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  /**
   * The content itself in base64, as the manifest says.
   *
   * @default - none
   */
  readonly data?: string;
}

const DIGEST = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;

/** Whether a string is a digest of a supported algorithm. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** The digest of some bytes, by the algorithm of another digest. The default is SHA-256. */
export function digestOf(bytes: Buffer, like?: string): string {
  const algorithm = algorithmOf(like);
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

/** Throws unless the bytes have the digest, and the size if it is known. */
export function verifyBytes(bytes: Buffer, digest: string, size?: number): void {
  if (size !== undefined && bytes.length !== size) throw new Failure(sizeReason(size, bytes.length), { retry: 'corrupt' });
  const actual = digestOf(bytes, digest);
  if (actual !== digest) throw new Failure(digestReason(digest, actual), { retry: 'corrupt' });
}

/** The content inside a descriptor. `undefined` if there is none, or if it does not match the digest. */
export function inlineContent({ data, digest, size }: Descriptor): Buffer | undefined {
  if (data === undefined || data.length !== 4 * Math.ceil(size / 3)) return undefined;
  const bytes = Buffer.from(data, 'base64');
  return bytes.length === size && digestOf(bytes, digest) === digest ? bytes : undefined;
}

/** The properties of a blob that are verified while it is streamed. */
export type Verification = 'size' | 'size and digest';

/**
 * The check of a blob while it is streamed.
 *
 * It holds the last chunk back until everything is verified. An upload with a `Content-Length` therefore never completes with fewer or more
 * bytes, and with `size and digest` never with other bytes, even if the destination verifies nothing.
 */
export class BlobCheck {
  private readonly algorithm: string;
  private readonly hash?: Hash;
  private received = 0;
  private held?: Buffer;

  constructor(private readonly expected: Descriptor, verification: Verification = 'size and digest') {
    this.algorithm = algorithmOf(expected.digest);
    if (verification === 'size and digest') this.hash = createHash(this.algorithm);
  }

  /** Takes the next chunk. Returns what can be sent now, if anything. */
  public next(chunk: Buffer): Buffer | undefined {
    this.received += chunk.length;
    if (this.received > this.expected.size) throw new Failure(sizeReason(this.expected.size, `at least ${this.received}`), { retry: 'corrupt', party: 'feed' });
    this.hash?.update(chunk);
    const ready = this.held;
    this.held = chunk;
    return ready;
  }

  /** Ends the check. Returns the last chunk, if there is one. */
  public end(): Buffer | undefined {
    const { hash, expected: { digest, size }, received, algorithm } = this;
    if (received !== size) throw new Failure(sizeReason(size, received), { retry: 'corrupt', party: 'feed' });
    const actual = hash && `${algorithm}:${hash.digest('hex')}`;
    if (actual !== undefined && actual !== digest) throw new Failure(digestReason(digest, actual), { retry: 'corrupt', party: 'feed' });
    return this.held;
  }
}

function algorithmOf(digest?: string): 'sha256' | 'sha512' {
  return digest?.startsWith('sha512:') ? 'sha512' : 'sha256';
}

function sizeReason(expected: number, actual: number | string): string {
  return `expected ${expected} bytes, got ${actual}`;
}

function digestReason(expected: string, actual: string): string {
  return `the content is corrupt, expected ${expected}, got ${actual}`;
}
