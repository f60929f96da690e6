import { Answer, Call, refused } from './registry-answers';
import { digestLike } from './registry-images';
import { TestRepository } from './registry-store';
import { Session, Uploads, rangeOf } from './registry-uploads';

/** In a cloud registry, a blob has the digest of the request. */
class CloudUploads extends Uploads {
  public override nameOf(bytes: Buffer, digest: string): string {
    return digestLike(bytes, digest);
  }
}

/**
 * ECR: a chunk is answered with 201 and the `Range` of the first chunk, though all bytes are kept;
 * bytes cannot be sent twice; the state of an upload cannot be requested; an empty blob cannot be stored.
 */
export class EcrUploads extends CloudUploads {
  private readonly firstChunks = new Map<string, number>();

  protected override location({ name, id }: Session, origin: string): string {
    return `${origin}/v2/${name}/blobs/uploads/${id}`;
  }

  protected override isCurrent(): boolean {
    return true;
  }

  protected override patch(call: Call, session: Session, origin: string): Answer {
    const gap = wrongStart(call, session, session.bytes.length);
    if (gap !== undefined) return gap;
    const { headers } = super.patch(call, session, origin);
    const first = this.firstChunks.get(session.id) ?? session.bytes.length;
    this.firstChunks.set(session.id, first);
    return { status: 201, headers: { ...headers, range: rangeOf(first) } };
  }

  protected override status(): Answer {
    return refused(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
  }

  protected override finish(call: Call, session: Session, repository: TestRepository, origin: string): Answer {
    const gap = call.body.length === 0 ? undefined : wrongStart(call, session, 0);
    if (gap !== undefined) return gap;
    if (call.body.length + session.bytes.length === 0) {
      const words = `The upload with id '${session.id}' in the repository with name '${session.name}' in registry with id '111122223333'`;
      return refused(400, 'BLOB_UPLOAD_INVALID', `${words} cannot be completed because it does not have any parts`);
    }
    return super.finish(call, session, repository, origin);
  }

  protected override wrongDigest({ id }: Session): Answer {
    this.forget(id);
    return refused(400, 'BLOB_UPLOAD_INVALID', 'None of the provided layer digests match the calculated layer digest');
  }
}

/** Google: one stream and no more chunks, at a very long URL with long headers. */
export class GarUploads extends CloudUploads {
  protected override location({ name, id }: Session): string {
    return `/artifacts-uploads/namespaces/project/repositories/${name}/uploads/${id}?upload=${'A'.repeat(7000)}`;
  }

  protected override extraHeaders(): Answer['headers'] {
    return { 'x-guploader-uploadid': 'A'.repeat(7000), 'x-goog-upload-url': 'A'.repeat(7000) };
  }

  protected override isCurrent(): boolean {
    return true;
  }

  protected override patch(call: Call, session: Session, origin: string): Answer {
    if (session.bytes.length > 0) return refused(405, 'UNSUPPORTED', 'chunked uploads are not supported');
    return super.patch(call, session, origin);
  }
}

/** Docker Hub: exactly like the specification. */
export class HubUploads extends CloudUploads {
  protected override patch(call: Call, session: Session, origin: string): Answer {
    return outOfOrder(call, session) ?? super.patch(call, session, origin);
  }

  protected override finish(call: Call, session: Session, repository: TestRepository, origin: string): Answer {
    return outOfOrder(call, session) ?? super.finish(call, session, repository, origin);
  }
}

/** Azure: an upload whose connection broke no longer exists. */
export class AcrUploads extends CloudUploads {
  public override interrupted(id: string): void {
    this.forget(id);
  }

  protected override isCurrent(_: Call, session: Session | undefined): boolean {
    return session !== undefined;
  }

  protected override location(session: Session): string {
    return super.location(session, '');
  }
}

/** ECR counts the bytes itself; a chunk without a start position starts at `unsaid`. */
function wrongStart({ headers }: Call, { bytes }: Session, unsaid: number): Answer | undefined {
  const start = startOf(headers) ?? unsaid;
  if (start === bytes.length) return undefined;
  return refused(416, 'BLOB_UPLOAD_INVALID', `First byte of the layer part is ${start} instead of ${bytes.length}`);
}

function outOfOrder({ headers }: Call, { bytes }: Session): Answer | undefined {
  const start = startOf(headers) ?? bytes.length;
  return start === bytes.length ? undefined : { status: 416, headers: { range: rangeOf(bytes.length) } };
}

function startOf(headers: Call['headers']): number | undefined {
  const [, first] = /^(\d+)-\d+$/.exec(headers['content-range'] ?? '') ?? [];
  return first === undefined ? undefined : Number(first);
}
