import { Descriptor } from './contract';
import { digestOf } from './digest';
import { Failure, RetryReason } from './errors';
import { markupOf } from './markup';
import { isDigest } from './reference';

/** A manifest exactly as the registry sent it. */
export interface RawManifest {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Buffer;
}

/** What a manifest refers to. */
export interface ManifestContent {
  /** Manifests of an index. */
  readonly children: readonly Descriptor[];
  /** Configuration and layers of an image. */
  readonly blobs: readonly Descriptor[];
}

const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const DOCKER_IMAGE = 'application/vnd.docker.distribution.manifest.v2+json';
/** The media type of an index. */
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const IMAGES = [OCI_IMAGE, DOCKER_IMAGE];
const INDEXES = [OCI_INDEX, DOCKER_LIST];
const SCHEMA1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+(?:json|prettyjws)$/;
// Layers that must not be redistributed: registries do not hold them, clients fetch them from their `urls`.
const FOREIGN = /^application\/vnd\.(?:docker\.image\.rootfs\.foreign|oci\.image\.layer\.nondistributable)\./;

/** The `Accept` header of every manifest request. */
export const ACCEPTED_MANIFESTS = [...IMAGES, ...INDEXES].join(', ');

/** Largest manifest that is read: the limit of ECR, and what the specification tells clients to expect. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** Reads what a manifest refers to; throws a `Failure` when it is none that can be copied. */
export function readManifest(manifest: RawManifest): ManifestContent {
  const json = parse(manifest.bytes);
  const mediaType = String(json.mediaType ?? manifest.mediaType);
  if (SCHEMA1.test(mediaType) || json.schemaVersion === 1) {
    throw new Failure('it is a Docker schema 1 image, which no current registry accepts: push it again with a current client');
  }
  if (INDEXES.includes(mediaType)) return { children: descriptors(json.manifests), blobs: [] };
  if (IMAGES.includes(mediaType)) {
    const layers = descriptors(json.layers).filter(layer => !FOREIGN.test(layer.mediaType));
    return { children: [], blobs: [...descriptors([json.config]), ...layers] };
  }
  throw new Failure(`manifests of type '${mediaType.slice(0, 100)}' cannot be copied`);
}

/** The entries of an index just as they are, `undefined` for an image. */
export function indexEntries(manifest: RawManifest): readonly Record<string, unknown>[] | undefined {
  const { manifests, mediaType } = parse(manifest.bytes);
  return INDEXES.includes(String(mediaType ?? manifest.mediaType)) && Array.isArray(manifests) ? manifests.filter(isObject) : undefined;
}

/** An index of some entries, the same bytes for the same entries. */
export function newIndex(entries: readonly Record<string, unknown>[]): RawManifest {
  const mediaType = entries.every(entry => entry.mediaType === DOCKER_IMAGE) ? DOCKER_LIST : OCI_INDEX;
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests: entries }));
  return { mediaType, bytes, digest: digestOf(bytes) };
}

/** The media type to send a manifest with: its own, because that is what the header must repeat. */
export function mediaTypeOf(bytes: Buffer, header: string, retry?: RetryReason): string {
  const { mediaType } = parse(bytes, retry);
  return typeof mediaType === 'string' && mediaType !== '' ? mediaType : header;
}

/** A JSON object, or a failure that says what was expected. */
export function parseObject(bytes: Buffer, what: string, retry?: RetryReason): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(bytes.toString('utf8'));
    if (isObject(json)) return json;
  } catch {
    // Falls through to the same sentence as any other value that is no object.
  }
  const markup = markupOf(bytes);
  if (markup !== undefined) throw new Failure(`${what} is ${markup}: is this the host of a registry?`);
  throw new Failure(`${what} is not a JSON object`, retry);
}

function parse(bytes: Buffer, retry?: RetryReason): Record<string, unknown> {
  return parseObject(bytes, 'the manifest', retry);
}

function descriptors(list: unknown): Descriptor[] {
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw new Failure('the manifest has a malformed list of descriptors');
  return list.map((item: unknown) => {
    const { mediaType, digest, size } = isObject(item) ? item : {};
    if (typeof digest !== 'string' || !isDigest(digest) || typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw new Failure('the manifest has a malformed descriptor (digest sha256 or sha512 and a size are needed)');
    }
    return { mediaType: typeof mediaType === 'string' ? mediaType : '', digest, size };
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
