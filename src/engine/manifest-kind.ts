import { Failure } from './errors';
import { isObject } from './json';

type Json = Readonly<Record<string, unknown>>;

/** The media types of images of one platform. */
export const IMAGES = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'];
/** The media types of indexes. */
export const INDEXES = ['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'];

// The fields by which programs tell apart an index, an image, and a Docker schema 1 image.
const SHAPES = [['manifests'], ['config', 'layers'], ['fsLayers']];
const MANIFEST_FIELDS = ['schemaVersion', 'mediaType', 'artifactType', 'subject', 'annotations', ...SHAPES.flat()];
const DESCRIPTOR_FIELDS = ['mediaType', 'digest', 'size', 'urls', 'annotations', 'data', 'artifactType', 'platform'];
const PLATFORM_FIELDS = ['architecture', 'os', 'os.version', 'os.features', 'variant'];

/**
 * What kind of manifest this is, by its fields, its own media type, and the media types that others give it. `undefined` if none of
 * them tells, as for an unknown artifact.
 *
 * Some programs go by the fields, others by a media type. A manifest is refused if they could come to different results, because
 * then the image that is checked may not be the image that runs.
 *
 * @param mediaTypes what the registry or the parent index says, if anything.
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

/** The media type that a manifest gives itself; it may do without. */
export function ownMediaType({ mediaType }: Json): string | undefined {
  if (!isGiven(mediaType) || mediaType === '') return undefined;
  if (typeof mediaType !== 'string') throw new Failure('the manifest has a media type that is not a string');
  return mediaType;
}

/** A media type without parameters, in lower case. */
export function simplified(mediaType: string = ''): string {
  return mediaType.split(';')[0].trim().toLowerCase();
}

/** Refuses names that differ from a known one only by case: for Go, and so for Docker and containerd, they are the same. */
function refuseLookalikes(manifest: Json): void {
  const { config, subject, layers, manifests } = manifest;
  const descriptors = [config, subject, layers, manifests].flat().filter(isObject);
  expectNoLookalikes([manifest], MANIFEST_FIELDS);
  expectNoLookalikes(descriptors, DESCRIPTOR_FIELDS);
  expectNoLookalikes(descriptors.map(({ platform }) => platform).filter(isObject), PLATFORM_FIELDS);
}

function expectNoLookalikes(objects: readonly Json[], fields: readonly string[]): void {
  const names = objects.flatMap(object => Object.keys(object)).filter(name => !fields.includes(name)).map(folded);
  const field = fields.find(each => names.includes(folded(each)));
  if (field !== undefined) throw new Failure(`the manifest has a field that some programs take for '${field}'`);
}

/** Go also takes the long s for an s. Its other special letter, the Kelvin sign, is a k, which no field has. */
function folded(name: string): string {
  return name.toUpperCase();
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
