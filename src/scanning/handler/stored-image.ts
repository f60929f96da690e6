import { EcrApi, EcrRefusal, isRecord, records, shortText } from './ecr-api';

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

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const IMAGES = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'];
const MEDIA_TYPES = [...IMAGES, OCI_INDEX, DOCKER_LIST];
// What builders attach to an image (provenance, for example) has this in the place of a platform. Nothing runs it.
const ATTACHMENT = 'unknown/unknown';
const MAX_DEPTH = 8;

/** The image under a tag or digest; `undefined` when there is none. */
export async function findImage(ecr: EcrApi, version: string): Promise<StoredImage | undefined> {
  const imageId = version.includes(':') ? { imageDigest: version } : { imageTag: version };
  const { images, failures } = await ecr.ask('BatchGetImage', { imageIds: [imageId], acceptedMediaTypes: MEDIA_TYPES });
  const [found] = records(images);
  const digest = isRecord(found?.imageId) ? found.imageId.imageDigest : undefined;
  if (typeof digest === 'string' && typeof found.imageManifest === 'string') {
    const mediaType = typeof found.imageManifestMediaType === 'string' ? found.imageManifestMediaType : undefined;
    return { digest, manifest: found.imageManifest, mediaType };
  }
  const code = records(failures)[0]?.failureCode;
  if (code === undefined || code === 'ImageNotFound') return undefined;
  throw new EcrRefusal(`ECR did not give the image ${version}: ${shortText(code)}`);
}

/** The image under a tag or digest, which has to be there. */
export async function readImage(ecr: EcrApi, version: string): Promise<StoredImage> {
  const image = await findImage(ecr, version);
  if (image === undefined) throw new EcrRefusal(`the image ${version} is not in the repository; deploy again, so that it is published again`);
  return image;
}

/** The images that can run: all platforms of an index, because any of them may be chosen. */
export async function runnableImages(ecr: EcrApi, { digest, manifest, mediaType }: StoredImage, depth = 0): Promise<RunnableImage[]> {
  const json = parse(manifest);
  if (![OCI_INDEX, DOCKER_LIST].includes(String(json.mediaType ?? mediaType))) return [{ digest }];
  if (depth === MAX_DEPTH) throw new EcrRefusal(`indexes are nested deeper than ${MAX_DEPTH} levels`);
  const found = new Map<string, RunnableImage>();
  for (const { digest: child, mediaType: type, platform } of records(json.manifests)) {
    const name = platformName(platform);
    if (typeof child !== 'string' || name === ATTACHMENT || !MEDIA_TYPES.includes(String(type))) continue;
    const isImage = IMAGES.includes(String(type));
    const inside = isImage ? [{ digest: child, platform: name }] : await runnableImages(ecr, await readImage(ecr, child), depth + 1);
    inside.forEach(each => found.set(each.digest, each));
  }
  if (found.size === 0) throw new EcrRefusal(`the index ${digest} has no image that can run`);
  return [...found.values()];
}

function parse(manifest: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(manifest);
    if (isRecord(json)) return json;
  } catch {
    // The same sentence as for a manifest of another kind.
  }
  throw new EcrRefusal('the manifest of the image is not a JSON object');
}

function platformName(platform: unknown): string {
  const { os, architecture, variant } = isRecord(platform) ? platform : {};
  return [os, architecture, variant].map(part => shortText(part, 20)).filter(Boolean).join('/') || 'an unnamed platform';
}
