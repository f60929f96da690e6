import { EcrApi } from './ecr-api';
import { isRecord, records } from './json';
import { messageOf, shortText } from './text';
import { digestOf } from '../engine/digest';
import { parseObject } from '../engine/json';
import { IMAGES, INDEXES, kindOfManifest } from '../engine/manifest';

/** An image as it is in the repository. Its bytes have the digest. */
export interface StoredImage {
  readonly digest: string;
  readonly manifest: string;
  /** What ECR says. */
  readonly mediaType?: string;
}

/** A parsed manifest. Its fields and all media types that are known agree on its kind. */
export interface Manifest {
  /** @default - an artifact of another kind, which may run as well */
  readonly kind?: 'image' | 'index';
  readonly json: Json;
}

type Json = Readonly<Record<string, unknown>>;

/** The largest manifest that ECR takes. */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** The image under a tag or digest; `undefined` when there is none. */
export async function findImage(ecr: EcrApi, version: string): Promise<StoredImage | undefined> {
  const isByDigest = version.includes(':');
  const imageId = isByDigest ? { imageDigest: version } : { imageTag: version };
  const { images, failures } = await ecr.ask('BatchGetImage', { imageIds: [imageId], acceptedMediaTypes: [...IMAGES, ...INDEXES] });
  const [found] = records(images);
  const digest = isRecord(found?.imageId) ? found.imageId.imageDigest : undefined;
  if (typeof digest === 'string' && typeof found.imageManifest === 'string') {
    const { imageManifest: manifest, imageManifestMediaType: mediaType } = found;
    if (isByDigest && digest !== version) throw new Error(`ECR returned another image than ${version}`);
    verify(manifest, digest);
    return { digest, manifest, mediaType: typeof mediaType === 'string' ? mediaType : undefined };
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

/** Nobody can be sure what runs when this manifest is run. */
export class UnsafeManifest extends Error {
  constructor(why: string, digest: string) {
    super(`${why} (${digest}); build the image again`);
  }
}

/**
 * Reads the manifest of an image. Throws an `UnsafeManifest` when two programs could take it for different things: what is
 * checked is then not necessarily what runs.
 *
 * @param listedAs media type that an index gives for it.
 */
export function manifestOf({ digest, manifest, mediaType }: StoredImage, listedAs?: string): Manifest {
  try {
    const json = parseObject(Buffer.from(manifest), 'the manifest');
    return { kind: kindOfManifest(json, mediaType, listedAs), json };
  } catch (error) {
    throw new UnsafeManifest(messageOf(error), digest);
  }
}

function verify(manifest: string, digest: string): void {
  const bytes = Buffer.from(manifest);
  if (bytes.length > MAX_MANIFEST_BYTES) throw new Error(`the manifest of ${digest} is larger than ${MAX_MANIFEST_BYTES} bytes`);
  if (digestOf(bytes, digest) !== digest) throw new Error(`ECR returned a manifest that does not have the digest ${digest}`);
}
