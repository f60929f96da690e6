import { Descriptor, isDigest, digestOf } from './digest';
import { Failure, RetryReason, shown } from './errors';
import { isObject, parseObject } from './json';

type Json = Readonly<Record<string, unknown>>;

/** A manifest, byte by byte as the registry sent it. */
export interface RawManifest {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Buffer;
}

/** An entry of an index. */
export interface IndexEntry extends Descriptor {
  /** The whole entry of the index. */
  readonly json: Json;
}

/** The references of a manifest. */
export interface ManifestContent {
  readonly kind: 'image' | 'index';
  /** Manifests of an index. */
  readonly children: readonly IndexEntry[];
  /** Configuration and layers of an image. */
  readonly blobs: readonly BlobDescriptor[];
}

/** A configuration or layer. */
export interface BlobDescriptor extends Descriptor {
  /** Whether it is a layer that the registry may lack, because clients download it from elsewhere. */
  readonly isForeign: boolean;
}

/** The media types of images of one platform. */
export const IMAGES = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'];
/** The media types of indexes. */
export const INDEXES = ['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'];
const [, DOCKER_IMAGE] = IMAGES;
/** The media types of an index, by OCI and by Docker. */
export const [OCI_INDEX, DOCKER_LIST] = INDEXES;
/** The media type of the configuration of a build cache that BuildKit has exported. */
export const BUILDKIT_CACHE = 'application/vnd.buildkit.cacheconfig.v0';
const SCHEMA1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+(?:json|prettyjws)$/;
const FOREIGN = /^application\/vnd\.(?:docker\.image\.rootfs\.foreign|oci\.image\.layer\.nondistributable)\./;
const LAYER = /^application\/vnd\.(?:docker\.image\.rootfs|oci\.image\.layer)\./;
/** The media types of image configurations. */
export const CONFIGURATIONS = ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'];
// Media types from servers that do not know manifests.
const MEANINGLESS = ['', 'application/json', 'application/octet-stream', 'text/plain', 'text/json', 'binary/octet-stream'];

/** The `Accept` header of every manifest request. */
export const ACCEPTED_MANIFESTS = [...IMAGES, ...INDEXES].join(', ');

/** The maximum size of a manifest: the limit of ECR, and the size that the specification requires clients to support. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/**
 * Reads the references of a manifest.
 *
 * @param listedAs the media type in the parent index, if it has a parent.
 * @throws Failure if the manifest cannot be copied.
 */
export function readManifest(manifest: RawManifest, listedAs?: string): ManifestContent {
  const json = parseObject(manifest.bytes, 'the manifest');
  const mediaType = ownMediaType(json) ?? manifest.mediaType;
  if (SCHEMA1.test(mediaType) || json.schemaVersion === 1) {
    throw new Failure('it is a Docker schema 1 image, which no current registry accepts: push it again with a current client');
  }
  kindOfManifest(json, manifest.mediaType, listedAs);
  if (INDEXES.includes(mediaType)) {
    const children = descriptors(json.manifests);
    refuseBlobs(children);
    return { kind: 'index', children, blobs: [] };
  }
  if (IMAGES.includes(mediaType)) {
    const blobs = [...descriptors([json.config]), ...descriptors(json.layers)];
    return { kind: 'image', children: [], blobs: blobs.map(blob => ({ ...blob, isForeign: isForeign(blob.mediaType) })) };
  }
  throw new Failure(`manifests of type '${shown(mediaType)}' cannot be copied`);
}

/** Whether a layer must not be redistributed. Most registries do not store such layers; clients download them from their `urls`. */
export function isForeign(mediaType: string): boolean {
  return FOREIGN.test(simplified(mediaType));
}

/** Rejects an index that lists something other than manifests, such as the cache that BuildKit exports. */
function refuseBlobs(children: readonly IndexEntry[]): void {
  const kinds = children.map(child => ({ ...child, kind: kindOfBlob(simplified(child.mediaType)) }));
  const found = kinds.find(({ kind }) => kind !== undefined);
  if (found === undefined) return;
  const entry = `its entry ${found.digest} is a ${found.kind} (${shown(found.mediaType)})`;
  const isCache = children.some(({ mediaType }) => simplified(mediaType) === BUILDKIT_CACHE);
  throw new Failure(isCache
    ? `it is a build cache of BuildKit, not an image: ${entry}; use the tag of the image instead of that of the cache`
    : `${entry}, not an image`);
}

function kindOfBlob(mediaType: string): string | undefined {
  if (LAYER.test(mediaType)) return 'layer';
  return CONFIGURATIONS.includes(mediaType) || mediaType === BUILDKIT_CACHE ? 'configuration' : undefined;
}

/** Creates an index. The same entries result in the same bytes. */
export function newIndex(entries: readonly Json[]): RawManifest {
  const mediaType = entries.every(entry => entry.mediaType === DOCKER_IMAGE) ? DOCKER_LIST : OCI_INDEX;
  return indexOf({ schemaVersion: 2, mediaType, manifests: entries }, mediaType);
}

/** Serializes the content of a new manifest. */
export function indexOf(content: Json, mediaType: string): RawManifest {
  const bytes = Buffer.from(JSON.stringify(content));
  return { mediaType, bytes, digest: digestOf(bytes) };
}

/**
 * The media type for sending a manifest. It is the `mediaType` in the manifest, which the specification requires the header to repeat,
 * otherwise the one that the registry sent. If both are missing or meaningless, the manifest is an OCI manifest, because manifests of Docker
 * contain their media type.
 *
 * @param header the `Content-Type` that the registry sent, or the media type in the parent index.
 */
export function mediaTypeOf(bytes: Buffer, header: string, retry?: RetryReason): string {
  const json = parseObject(bytes, 'the manifest', retry);
  const own = ownMediaType(json);
  const given = simplified(header);
  const isDefinite = IMAGES.includes(given) || INDEXES.includes(given) || SCHEMA1.test(given);
  if (own !== undefined && own !== given && isDefinite) {
    throw new Failure(`the registry sent it as '${given}', but the manifest itself says '${shown(own)}'`);
  }
  return own ?? (MEANINGLESS.includes(given) ? typeByFields(json) : undefined) ?? given;
}

function typeByFields({ schemaVersion, manifests, config }: Json): string | undefined {
  if (schemaVersion === 1) return undefined;
  if (isGiven(manifests)) return OCI_INDEX;
  return isGiven(config) ? IMAGES[0] : undefined;
}

function descriptors(list: unknown): IndexEntry[] {
  // Go programs write an empty list as null.
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw new Failure('the manifest has a malformed list of descriptors');
  return list.map((item: unknown) => {
    const json = isObject(item) ? item : {};
    const { mediaType, digest, data } = json;
    const size = Number.isSafeInteger(json.size) ? Number(json.size) : -1;
    if (typeof digest !== 'string' || !isDigest(digest) || size < 0) {
      throw new Failure('the manifest has a malformed descriptor (digest sha256 or sha512 and a size are needed)');
    }
    return { mediaType: typeof mediaType === 'string' ? mediaType : '', digest, size, ...(typeof data === 'string' && { data }), json };
  });
}

// The fields by which programs distinguish an index, an image, and a Docker schema 1 image.
const SHAPES = [['manifests'], ['config', 'layers'], ['fsLayers']];
const MANIFEST_FIELDS = ['schemaVersion', 'mediaType', 'artifactType', 'subject', 'annotations', ...SHAPES.flat()];
const DESCRIPTOR_FIELDS = ['mediaType', 'digest', 'size', 'urls', 'annotations', 'data', 'artifactType', 'platform'];
const PLATFORM_FIELDS = ['architecture', 'os', 'os.version', 'os.features', 'variant'];

/**
 * The kind of a manifest, by its fields, its own media type, and the media types from other sources. `undefined` if none of them is
 * known, as for an unknown artifact.
 *
 * Some programs rely on the fields, others on a media type. A manifest is rejected if they could get different results, because then the image
 * that is checked may not be the image that runs.
 *
 * @param mediaTypes the media types from the registry and the parent index, if any.
 * @throws Failure if the manifest is ambiguous.
 */
export function kindOfManifest(json: Json, ...mediaTypes: readonly (string | undefined)[]): 'image' | 'index' | undefined {
  refuseLookalikes(json);
  const [field, other] = SHAPES.flatMap(fields => fields.filter(name => isGiven(json[name])).slice(0, 1));
  if (other !== undefined) throw new Failure(`the manifest has both '${field}' and '${other}', so it can be read in two ways`);
  const types = [ownMediaType(json), ...mediaTypes].map(simplified);
  const isIndex = field === 'manifests' || types.some(type => INDEXES.includes(type));
  const isImage = (field !== undefined && field !== 'manifests') || types.some(type => IMAGES.includes(type));
  if (isIndex && isImage) throw new Failure('the manifest is an image by one of its fields or media types and an index by another');
  if (isIndex) return 'index';
  return isImage ? 'image' : undefined;
}

/** The media type in the manifest itself, if there is one. */
export function ownMediaType({ mediaType }: Json): string | undefined {
  if (!isGiven(mediaType) || mediaType === '') return undefined;
  if (typeof mediaType !== 'string') throw new Failure('the manifest has a media type that is not a string');
  return mediaType;
}

/** A media type in lower case, without parameters. */
export function simplified(mediaType: string = ''): string {
  return mediaType.split(';')[0].trim().toLowerCase();
}

/** Rejects names that differ from a known one only by case. For Go, and therefore Docker and containerd, they are the same name. */
function refuseLookalikes(manifest: Json): void {
  const { config, subject, layers, manifests } = manifest;
  const entries = [config, subject, layers, manifests].flat().filter(isObject);
  expectNoLookalikes([manifest], MANIFEST_FIELDS);
  expectNoLookalikes(entries, DESCRIPTOR_FIELDS);
  expectNoLookalikes(entries.map(({ platform }) => platform).filter(isObject), PLATFORM_FIELDS);
}

function expectNoLookalikes(objects: readonly Json[], fields: readonly string[]): void {
  const names = objects.flatMap(object => Object.keys(object)).filter(name => !fields.includes(name)).map(folded);
  const field = fields.find(each => names.includes(folded(each)));
  if (field !== undefined) throw new Failure(`the manifest has a field that some programs take for '${field}'`);
}

/** A name without case, as Go compares names. Go also treats the long s as an s, and the Kelvin sign as a k, which no field name contains. */
function folded(name: string): string {
  return name.toUpperCase();
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
