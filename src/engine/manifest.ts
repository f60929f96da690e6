import { Descriptor } from './contract';
import { digestOf } from './digest';
import { Failure, RetryReason } from './errors';
import { isObject, parseObject } from './json';
import { IMAGES, INDEXES, kindOfManifest, ownMediaType, simplified } from './manifest-kind';
import { isDigest } from './reference';

/** A manifest exactly as the registry sent it. */
export interface RawManifest {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Buffer;
}

/** An entry of an index. */
export interface IndexEntry extends Descriptor {
  /** The whole entry, as it is in the index. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** What a manifest refers to. */
export interface ManifestContent {
  readonly kind: 'image' | 'index';
  /** Manifests of an index. */
  readonly children: readonly IndexEntry[];
  /** Configuration and layers of an image. */
  readonly blobs: readonly Descriptor[];
}

const [, DOCKER_IMAGE] = IMAGES;
/** The media types of an index, by OCI and by Docker. */
export const [OCI_INDEX, DOCKER_LIST] = INDEXES;
const SCHEMA1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+(?:json|prettyjws)$/;
// Layers that must not be redistributed: registries do not hold them, clients fetch them from their `urls`.
const FOREIGN = /^application\/vnd\.(?:docker\.image\.rootfs\.foreign|oci\.image\.layer\.nondistributable)\./;

/** The `Accept` header of every manifest request. */
export const ACCEPTED_MANIFESTS = [...IMAGES, ...INDEXES].join(', ');

/** Largest manifest that is read: the limit of ECR, and what the specification tells clients to expect. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/**
 * Reads what a manifest refers to.
 *
 * @param listedAs the media type that the parent index gives it, if it has a parent.
 * @throws Failure if the manifest cannot be copied.
 */
export function readManifest(manifest: RawManifest, listedAs?: string): ManifestContent {
  const json = parseObject(manifest.bytes, 'the manifest');
  const mediaType = ownMediaType(json) ?? manifest.mediaType;
  if (SCHEMA1.test(mediaType) || json.schemaVersion === 1) {
    throw new Failure('it is a Docker schema 1 image, which no current registry accepts: push it again with a current client');
  }
  const kind = kindOfManifest(json, manifest.mediaType, listedAs);
  if (kind === 'index' && INDEXES.includes(mediaType)) return { kind, children: descriptors(json.manifests), blobs: [] };
  if (kind === 'image' && IMAGES.includes(mediaType)) {
    const layers = descriptors(json.layers).filter(layer => !FOREIGN.test(layer.mediaType));
    return { kind, children: [], blobs: [...descriptors([json.config]), ...layers] };
  }
  throw new Failure(`manifests of type '${mediaType.slice(0, 100)}' cannot be copied`);
}

/** An index of some entries, the same bytes for the same entries. */
export function newIndex(entries: readonly Readonly<Record<string, unknown>>[]): RawManifest {
  const mediaType = entries.every(entry => entry.mediaType === DOCKER_IMAGE) ? DOCKER_LIST : OCI_INDEX;
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests: entries }));
  return { mediaType, bytes, digest: digestOf(bytes) };
}

/**
 * The media type to send a manifest with: its own, because the specification requires the header to repeat it.
 *
 * @param header the `Content-Type` that the registry sent. Some registries send `application/json` or nothing, which says nothing.
 */
export function mediaTypeOf(bytes: Buffer, header: string, retry?: RetryReason): string {
  const own = ownMediaType(parseObject(bytes, 'the manifest', retry));
  const given = simplified(header);
  const isDefinite = IMAGES.includes(given) || INDEXES.includes(given) || SCHEMA1.test(given);
  if (own !== undefined && own !== given && isDefinite) {
    throw new Failure(`the registry sent it as '${given}', but the manifest itself says '${own.slice(0, 100)}'`);
  }
  return own ?? given;
}

function descriptors(list: unknown): IndexEntry[] {
  // Programs in Go write an empty list as null.
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw new Failure('the manifest has a malformed list of descriptors');
  return list.map((item: unknown) => {
    const json = isObject(item) ? item : {};
    const { mediaType, digest, size } = json;
    if (typeof digest !== 'string' || !isDigest(digest) || typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw new Failure('the manifest has a malformed descriptor (digest sha256 or sha512 and a size are needed)');
    }
    return { mediaType: typeof mediaType === 'string' ? mediaType : '', digest, size, json };
  });
}
