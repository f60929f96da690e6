import { createHash } from 'node:crypto';
import { Transform, TransformCallback } from 'node:stream';
import { Descriptor } from './contract';
import { Failure } from './errors';

/** The digest of some bytes, with the algorithm of a known digest. */
export function digestOf(bytes: Buffer, like = 'sha256:'): string {
  const algorithm = algorithmOf(like);
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

/** Throws unless the bytes are what the digest (and the size, when known) says. */
export function verifyBytes(bytes: Buffer, digest: string, size?: number): void {
  if (size !== undefined && bytes.length !== size) throw new Failure(sizeReason(size, bytes.length), 'corrupt');
  const actual = digestOf(bytes, digest);
  if (actual !== digest) throw new Failure(digestReason(digest, actual), 'corrupt');
}

/**
 * Passes a blob on while checking its size and digest.
 *
 * The last chunk is held back until everything is verified: an upload with a `Content-Length` can then never
 * complete with wrong bytes, whatever the destination checks.
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

function algorithmOf(digest: string): 'sha256' | 'sha512' {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

function sizeReason(expected: number, actual: number | string): string {
  return `expected ${expected} bytes, got ${actual}`;
}

function digestReason(expected: string, actual: string): string {
  return `the content is corrupt, expected ${expected}, got ${actual}`;
}
