import { createHash } from 'node:crypto';
import { Transform, TransformCallback } from 'node:stream';
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
  if (size !== undefined && bytes.length !== size) throw new Failure(sizeReason(size, bytes.length), 'corrupt');
  const actual = digestOf(bytes, digest);
  if (actual !== digest) throw new Failure(digestReason(digest, actual), 'corrupt');
}

/** The content inside a descriptor. `undefined` if there is none, or if it is not what the digest says. */
export function inlineContent({ data, digest, size }: Descriptor): Buffer | undefined {
  if (data === undefined || data.length !== 4 * Math.ceil(size / 3)) return undefined;
  const bytes = Buffer.from(data, 'base64');
  return bytes.length === size && digestOf(bytes, digest) === digest ? bytes : undefined;
}

/**
 * A stream that verifies size and digest of a blob.
 *
 * It holds the last chunk back until everything is verified. An upload with a `Content-Length` therefore never completes with wrong
 * bytes, no matter what the destination verifies.
 */
export class VerifiedBlob extends Transform {
  private readonly hash;
  private readonly algorithm: string;
  private received = 0;
  private held?: Buffer;

  constructor(private readonly expected: Descriptor) {
    super();
    this.algorithm = algorithmOf(expected.digest);
    this.hash = createHash(this.algorithm);
  }

  override _transform(chunk: Buffer, _encoding: string, callback: TransformCallback): void {
    if (this.received === 0) this.emit('begin');
    this.received += chunk.length;
    if (this.received > this.expected.size) {
      callback(new Failure(sizeReason(this.expected.size, `at least ${this.received}`), 'corrupt', 'feed'));
      return;
    }
    this.hash.update(chunk);
    const ready = this.held;
    this.held = chunk;
    callback(null, ready);
  }

  override _flush(callback: TransformCallback): void {
    if (this.received !== this.expected.size) {
      callback(new Failure(sizeReason(this.expected.size, this.received), 'corrupt', 'feed'));
      return;
    }
    const actual = `${this.algorithm}:${this.hash.digest('hex')}`;
    if (actual !== this.expected.digest) {
      callback(new Failure(digestReason(this.expected.digest, actual), 'corrupt', 'feed'));
      return;
    }
    callback(null, this.held);
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
