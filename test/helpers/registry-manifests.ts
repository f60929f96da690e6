import { Answer, Call, json, refused } from './registry-answers';
import { digestLike, sha256 } from './registry-images';
import { Referrers, noReferrers } from './registry-referrers';
import { ManifestFields, Missing, StoredManifest, TestRepository, fieldsOf } from './registry-store';

/** Whether an existing tag can be written again. */
export type Tags = (tag: string) => 'mutable' | 'immutable';

const TYPES = [
  'application/vnd.oci.image.manifest.v1+json', 'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json', 'application/vnd.docker.distribution.manifest.list.v2+json',
];
const LIMIT = 4 * 1024 * 1024;

/** Manifests of Docker's own registry. Others differ in single steps. */
export class Manifests {
  constructor(private readonly tags: Tags = () => 'mutable', private readonly referrers: Referrers = noReferrers) {}

  /** Answers a request for a manifest, the list of tags or that of referrers. */
  public answer(call: Call, repository: TestRepository, origin: string): Answer {
    switch (call.kind) {
      case 'PUT manifest':
        return this.write(call, repository, origin);
      case 'DELETE manifest':
        return this.remove(call, repository);
      case 'GET tags':
        return this.list(call, repository);
      case 'GET referrers':
        return this.referrers.list(call, repository);
      default:
        return this.read(call, repository);
    }
  }

  protected read({ reference, headers: { accept } }: Call, repository: TestRepository): Answer {
    const found = repository.find(reference);
    if (found === undefined || !this.isUnderstood(found, accept ?? '')) return refused(404, 'MANIFEST_UNKNOWN');
    return { status: 200, headers: { 'content-type': found.mediaType, 'docker-content-digest': found.digest }, body: found.bytes };
  }

  /** OCI manifests are only returned to clients that accept their type, and a wildcard does not count. */
  protected isUnderstood({ mediaType }: StoredManifest, accept: string): boolean {
    return !mediaType.startsWith('application/vnd.oci.image.') || accept.includes(mediaType);
  }

  protected isAlgorithm(digest: string): boolean {
    return digest.startsWith('sha256:');
  }

  protected wrongDigest(_digest: string, _name: string): Answer {
    return refused(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
  }

  protected tooLarge(): Answer {
    return refused(400, 'MANIFEST_INVALID');
  }

  /** The requested tags, for any request. */
  protected asked(tags: readonly string[], _query: URLSearchParams): readonly string[] {
    return tags;
  }

  /** The errors for missing content, one for each missing part. */
  protected incomplete({ blobs, manifests }: Missing, _name: string): Answer {
    const errors = [...blobs, ...manifests].map(detail => ({ code: 'MANIFEST_BLOB_UNKNOWN', message: 'blob unknown to registry', detail }));
    return json({ errors }, {}, 400);
  }

  protected taken(tag: string, name: string): Answer {
    return refused(400, 'TAG_INVALID', `The image tag '${tag}' already exists in the '${name}' repository and cannot be overwritten because the tag is immutable.`);
  }

  private write({ name, reference, headers, body }: Call, repository: TestRepository, origin: string): Answer {
    const mediaType = headers['content-type'] ?? '';
    const fields = parsed(body);
    if (body.length > LIMIT) return this.tooLarge();
    if (fields === undefined || !TYPES.includes(mediaType)) return refused(400, 'MANIFEST_INVALID');
    const isTag = !reference.includes(':');
    if (!isTag && (!this.isAlgorithm(reference) || digestLike(body, reference) !== reference)) return this.wrongDigest(reference, name);
    const accepted = this.referrers.accept(fields);
    if (isAnswer(accepted)) return accepted;
    const missing = repository.missing(fields);
    if (missing.blobs.length + missing.manifests.length > 0) return this.incomplete(missing, name);
    const digest = isTag ? sha256(body) : reference;
    if (isTag && this.tags(reference) === 'immutable' && repository.tags.has(reference) && !repository.archived.has(digest)) {
      return this.taken(reference, name);
    }
    repository.store({ mediaType, bytes: body, digest }, isTag ? reference : undefined);
    return { status: 201, headers: { 'location': `${origin}/v2/${name}/manifests/${digest}`, 'docker-content-digest': digest, ...accepted } };
  }

  private remove({ reference }: Call, repository: TestRepository): Answer {
    if (!reference.includes(':')) return refused(400, 'DIGEST_INVALID');
    if (!repository.manifests.delete(reference)) return refused(404, 'MANIFEST_UNKNOWN');
    [...repository.tags].filter(([, digest]) => digest === reference).forEach(([tag]) => repository.tags.delete(tag));
    return { status: 202 };
  }

  private list({ name, url }: Call, repository: TestRepository): Answer {
    const tags = [...repository.tags.keys()].sort();
    const empty = tags.length === 0 && repository.manifests.size === 0 && repository.blobs.size === 0;
    if (empty) return refused(404, 'NAME_UNKNOWN', 'repository name not known to registry');
    const { headers, body } = json({ name, tags: this.asked(tags, url.searchParams) });
    return { status: 200, headers, body: Buffer.from(`${body}\n`) };
  }
}

function parsed(body: Buffer): ManifestFields | undefined {
  try {
    return fieldsOf(body);
  } catch {
    return undefined;
  }
}

function isAnswer(value: Answer | NonNullable<Answer['headers']>): value is Answer {
  return typeof value.status === 'number';
}
