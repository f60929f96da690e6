import { Blobs, MAX_BLOB_BYTES } from './blobs';
import { EcrApi, Manifest, StoredImage, manifestOf, readImage } from '../../custom-resource/ecr';
import { isObject, parseJson } from '../../engine/json';
import { UNNAMED_PLATFORM, platformName, runnableImages } from '../../custom-resource/runnable-images';
import { shortText } from '../../custom-resource/text';

/** An image of one platform, and what it is built for. */
export interface Candidate {
  readonly digest: string;
  /** @default - nobody knows */
  readonly platform?: string;
  /** Why nobody knows. */
  readonly obstacle?: string;
}

/** The media types of what says how an image runs. */
export const CONFIGURATIONS = ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'];

type Json = Readonly<Record<string, unknown>>;

// A builder writes no variant for these, or the one that every such processor has.
const USUAL_VARIANTS: Readonly<Record<string, string>> = { amd64: 'v1', arm64: 'v8' };

/** The images of one platform that could run: the image itself, or those that an index lists. */
export async function candidatesOf(ecr: EcrApi, blobs: Blobs, image: StoredImage): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const { digest, platform } of await runnableImages(ecr, image)) {
    const isNamed = platform !== undefined && platform !== UNNAMED_PLATFORM;
    const look = async () => platformIn(blobs, manifestOf(digest === image.digest ? image : await readImage(ecr, digest)));
    found.push({ digest, ...(isNamed ? { platform } : await look()) });
  }
  return found;
}

/** Whether something that is built for a platform runs on Linux with a CPU architecture. */
export function runsOn(platform: string | undefined, architecture: string): boolean {
  const variant = USUAL_VARIANTS[architecture];
  return platform === `linux/${architecture}` || (variant !== undefined && platform === `linux/${architecture}/${variant}`);
}

/** An image of its own says in its configuration what it is built for. */
async function platformIn(blobs: Blobs, { json: { config } }: Manifest): Promise<Omit<Candidate, 'digest'>> {
  const { digest, mediaType, size } = isObject(config) ? config : {} as Json;
  if (typeof digest !== 'string' || !CONFIGURATIONS.includes(String(mediaType)) || Number(size) > MAX_BLOB_BYTES) {
    return { obstacle: `it has no configuration that is known here (${shortText(mediaType) ?? 'none'})` };
  }
  const platform = platformName(parse(await blobs.read(digest)));
  return platform.split('/').length > 1 ? { platform } : { obstacle: 'its configuration does not say' };
}

function parse(bytes: Buffer): unknown {
  try {
    return parseJson(bytes);
  } catch {
    return undefined;
  }
}
