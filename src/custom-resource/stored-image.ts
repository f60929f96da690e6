import { EcrApi } from './ecr-api';
import { isRecord, records } from './json';
import { shortText } from './text';

/** An image as it is in the repository. */
export interface StoredImage {
  readonly digest: string;
  readonly manifest: string;
  readonly mediaType?: string;
}

/** An image of one platform: what a scan looks at, and what runs. */
export interface RunnableImage {
  readonly digest: string;
  /** Of an image that is part of an index. */
  readonly platform?: string;
}

/** The platform of an image that does not say. */
export const UNNAMED_PLATFORM = 'an unnamed platform';

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
/** The media types of images of one platform. */
export const IMAGES = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'];
const INDEXES = [OCI_INDEX, DOCKER_LIST];
const MEDIA_TYPES = [...IMAGES, ...INDEXES];
// What builders attach to an image (provenance, for example) has this in the place of a platform. Nothing runs it.
const ATTACHMENT = 'unknown/unknown';
const ATTACHED = 'vnd.docker.reference.type';
const MAX_DEPTH = 8;

/** The image under a tag or digest; `undefined` when there is none. */
export async function findImage(ecr: EcrApi, version: string): Promise<StoredImage | undefined> {
  const imageId = version.includes(':') ? { imageDigest: version } : { imageTag: version };
  const { images, failures } = await ecr.ask('BatchGetImage', { imageIds: [imageId], acceptedMediaTypes: MEDIA_TYPES });
  const [found] = records(images);
  const digest = isRecord(found?.imageId) ? found.imageId.imageDigest : undefined;
  if (version.includes(':') && digest !== undefined && digest !== version) throw new Error(`ECR gave another image than ${version}`);
  if (typeof digest === 'string' && typeof found.imageManifest === 'string') {
    const mediaType = typeof found.imageManifestMediaType === 'string' ? found.imageManifestMediaType : undefined;
    return { digest, manifest: found.imageManifest, mediaType };
  }
  const code = records(failures)[0]?.failureCode;
  if (code === undefined || code === 'ImageNotFound') return undefined;
  throw new Error(`ECR did not give the image ${version}: ${shortText(code)}`);
}

/** The image under a tag or digest, which has to be there. */
export async function readImage(ecr: EcrApi, version: string): Promise<StoredImage> {
  const image = await findImage(ecr, version);
  if (image === undefined) throw new Error(`the image ${version} is not in the repository; deploy again, so that it is published again`);
  return image;
}

/** The images that can run: all platforms of an index, because any of them may be chosen. */
export async function runnableImages(ecr: EcrApi, image: StoredImage, depth = 0): Promise<RunnableImage[]> {
  const { digest, mediaType } = image;
  const json = manifestOf(image);
  if (!isIndex(json, mediaType)) return [{ digest }];
  if (depth === MAX_DEPTH) throw new Error(`indexes are nested deeper than ${MAX_DEPTH} levels`);
  const found = new Map<string, RunnableImage>();
  for (const { digest: child, mediaType: type, platform, annotations } of records(json.manifests)) {
    const name = platformName(platform);
    if (typeof child !== 'string') throw new Error(`the index ${digest} lists something without a digest`);
    if (name === ATTACHMENT && (isRecord(annotations) && ATTACHED in annotations || isAttachment(manifestOf(await readImage(ecr, child))))) continue;
    // What is of no known kind may run as well.
    const isNested = INDEXES.includes(String(type));
    const inside = isNested ? await runnableImages(ecr, await readImage(ecr, child), depth + 1) : [{ digest: child, platform: name }];
    inside.forEach(each => found.set(each.digest, each));
  }
  if (found.size === 0) throw new Error(`the index ${digest} has no image that can run`);
  return [...found.values()];
}

/** Whatever it calls itself: what lists manifests is an index. */
function isIndex({ manifests, mediaType: own }: Readonly<Record<string, unknown>>, mediaType?: string): boolean {
  return Array.isArray(manifests) || [own, mediaType].some(type => INDEXES.includes(String(type)));
}

/** Whether a manifest has only statements about an image, its provenance for example. */
export function isAttachment({ layers }: Readonly<Record<string, unknown>>): boolean {
  const types = records(layers).map(({ mediaType }) => String(mediaType));
  return types.length > 0 && types.every(type => type.startsWith('application/vnd.in-toto'));
}

/** The manifest of an image, which has to be a JSON object. */
export function manifestOf({ manifest }: StoredImage): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(manifest);
    if (isRecord(json)) return json;
  } catch {
    // The same sentence as for a manifest of another kind.
  }
  throw new Error('the manifest of the image is not a JSON object');
}

/** A platform, for people. */
export function platformName(platform: unknown): string {
  const { os, architecture, variant } = isRecord(platform) ? platform : {};
  return [os, architecture, variant].map(part => shortText(part, 20)).filter(Boolean).join('/') || UNNAMED_PLATFORM;
}
