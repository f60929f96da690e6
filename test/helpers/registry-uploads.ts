import { Answer, Call, refused } from './registry-answers';
import { digestLike, sha256 } from './registry-images';
import { TestRepository } from './registry-store';

/** A running upload. */
export interface Session {
  readonly id: string;
  readonly name: string;
  bytes: Buffer;
}

/** Uploads of Docker's own registry. Others differ in single steps. */
export class Uploads {
  private readonly sessions = new Map<string, Session>();
  private count = 0;

  /** Begins an upload. */
  public begin(name: string, origin: string): Answer {
    const session = { id: `session-${++this.count}`, name, bytes: Buffer.alloc(0) };
    this.sessions.set(session.id, session);
    return { status: 202, headers: { location: this.location(session, origin), range: '0-0', ...this.extraHeaders() } };
  }

  /** Answers a request for a running upload. */
  public answer(call: Call, repository: TestRepository, origin: string): Answer {
    const session = this.sessions.get(call.reference);
    if (!this.isCurrent(call, session)) return this.lost(call.reference);
    if (session === undefined) return refused(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
    switch (call.kind) {
      case 'PATCH upload':
        return this.patch(call, session, origin);
      case 'GET upload':
        return this.status(session, origin);
      case 'PUT upload':
        return this.finish(call, session, repository, origin);
      default:
        this.forget(session.id);
        return { status: 204 };
    }
  }

  /** The connection broke in the middle of a chunk. */
  public interrupted(id: string, bytes: Buffer): void {
    const session = this.sessions.get(id);
    if (session !== undefined) session.bytes = Buffer.concat([session.bytes, bytes]);
  }

  /** The answer for a stored blob. */
  public stored(name: string, digest: string, origin: string): Answer {
    return { status: 201, headers: { 'location': `${origin}/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest } };
  }

  /** The digest in the answer, for any digest in the request. */
  public nameOf(bytes: Buffer, _digest: string): string {
    return sha256(bytes);
  }

  /** The address for the next chunk. It contains the number of previous bytes, and older addresses are invalid. */
  protected location({ name, id, bytes }: Session, origin: string): string {
    return `${origin}/v2/${name}/blobs/uploads/${id}?_state=${stateOf(bytes.length)}`;
  }

  protected extraHeaders(): Answer['headers'] {
    return {};
  }

  protected isCurrent({ url }: Call, session: Session | undefined): boolean {
    const state = url.searchParams.get('_state');
    return state !== null && (session === undefined || state === stateOf(session.bytes.length));
  }

  protected patch({ body }: Call, session: Session, origin: string): Answer {
    session.bytes = Buffer.concat([session.bytes, body]);
    return { status: 202, headers: { location: this.location(session, origin), range: rangeOf(session.bytes.length) } };
  }

  protected status(session: Session, origin: string): Answer {
    return { status: 204, headers: { location: this.location(session, origin), range: rangeOf(session.bytes.length) } };
  }

  protected finish({ url, body }: Call, session: Session, repository: TestRepository, origin: string): Answer {
    const digest = url.searchParams.get('digest') ?? '';
    const bytes = Buffer.concat([session.bytes, body]);
    if (digestLike(bytes, digest) !== digest) return this.wrongDigest(session);
    repository.keep(bytes, digest);
    this.forget(session.id);
    return this.stored(session.name, this.nameOf(bytes, digest), origin);
  }

  protected wrongDigest({ id }: Session): Answer {
    this.forget(id);
    return refused(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
  }

  /** The upload no longer exists, or not at this address. */
  protected lost(id: string): Answer {
    this.forget(id);
    return refused(404, 'BLOB_UPLOAD_INVALID', 'blob upload invalid');
  }

  protected forget(id: string): void {
    this.sessions.delete(id);
  }
}

/** The `Range` of the received bytes: an empty upload looks like one byte. */
export function rangeOf(length: number): string {
  return `0-${Math.max(0, length - 1)}`;
}

function stateOf(length: number): string {
  return length === 0 ? 'opaque' : `opaque-${length}`;
}
