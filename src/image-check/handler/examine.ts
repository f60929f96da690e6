import { Blobs, MAX_BLOB_BYTES } from './blobs';
import { CheckOrder } from './decode-check';
import { EcrApi, StoredImage, findImage, manifestOf, readImage, Manifest } from '../../custom-resource/ecr';
import { isAttestation, UNNAMED_PLATFORM, platformName, runnableImages } from '../../custom-resource/runnable-images';
import { shortText } from '../../custom-resource/text';
import { isObject, parseJson, records } from '../../engine/json';
import { IMAGES } from '../../engine/manifest';

/** The result for an image that can run. */
export interface Fit {
  /** The digest of the image that runs. */
  readonly digest: string;
  /** For the log. */
  readonly summary: string;
}

/** The settings that build for an architecture, and that run on it. */
interface Words {
  readonly build: string;
  readonly task: string;
  readonly lambda: string;
}

const WORDS: Readonly<Record<string, Words>> = {
  amd64: { build: 'Platform.LINUX_AMD64', task: 'CpuArchitecture.X86_64', lambda: 'Architecture.X86_64' },
  arm64: { build: 'Platform.LINUX_ARM64', task: 'CpuArchitecture.ARM64', lambda: 'Architecture.ARM_64' },
};
const MOST_PLATFORMS = 6;
const AGAIN = 'deploy again, so that it is published again';
const WITHOUT_STATEMENTS = 'build it without: set BUILDX_NO_DEFAULT_ATTESTATIONS=1 where the CDK CLI runs';

/** Examines an image. Throws an `IncompatibleImageError` if it cannot run. */
export async function examine(order: CheckOrder, ecr: EcrApi, blobs: Blobs): Promise<Fit> {
  const image = await findImage(ecr, order.version);
  if (image === undefined) throw new IncompatibleImageError('it is not in the repository', AGAIN);
  if (isAttestation(manifestOf(image))) throw new IncompatibleImageError('it is not an image, but an attestation of one', WITHOUT_STATEMENTS);
  if (order.architecture === undefined) return { digest: image.digest, summary: 'it is there' };
  const chosen = choose(order, order.architecture, await candidatesOf(ecr, blobs, image));
  const built = chosen.platform === undefined ? `its platform is unknown: ${chosen.obstacle}` : `it is built for ${chosen.platform}`;
  if (order.runner !== 'LAMBDA') return { digest: image.digest, summary: built };
  const unproven = checkForLambda(await chosenImage(ecr, image, chosen));
  return { digest: chosen.digest, summary: [built, unproven].filter(Boolean).join('; ') };
}

/** The candidate that runs: the first one for the architecture, otherwise the first one with an unknown platform. */
function choose(order: CheckOrder, architecture: string, candidates: readonly Candidate[]): Candidate {
  const chosen = candidates.find(({ platform }) => runsOn(platform, architecture)) ?? candidates.find(({ platform }) => platform === undefined);
  if (chosen !== undefined) return chosen;
  const platforms = [...new Set(candidates.map(({ platform }) => platform))];
  const named = [...platforms.slice(0, MOST_PLATFORMS), ...platforms.length > MOST_PLATFORMS ? ['others'] : []].join(', ');
  const runner = order.runner === 'LAMBDA' ? 'function' : 'task';
  throw new IncompatibleImageError(`it is built for ${named}, and the ${runner} runs on linux/${architecture}`, fixFor(order, architecture, candidates));
}

function fixFor({ runner }: CheckOrder, architecture: string, candidates: readonly Candidate[]): string {
  const build = WORDS[architecture] === undefined ? `use an image for linux/${architecture}` : `build it with platform: ${WORDS[architecture].build}`;
  const [, other] = Object.entries(WORDS).find(([name]) => candidates.some(({ platform }) => runsOn(platform, name))) ?? [];
  if (other === undefined || runner === 'EC2') return build;
  return runner === 'LAMBDA' ? `${build}, or give the function architecture: ${other.lambda}` : `${build}, or give the service cpuArchitecture: ${other.task}`;
}

async function chosenImage(ecr: EcrApi, image: StoredImage, { digest }: Candidate): Promise<StoredImage> {
  return digest === image.digest ? image : readImage(ecr, digest);
}

/** An image and its platform. */
export interface Candidate {
  readonly digest: string;
  /** @default - unknown */
  readonly platform?: string;
  /** The reason for an unknown platform. */
  readonly obstacle?: string;
}

/** The media types of image configurations. */
export const CONFIGURATIONS = ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'];

type Json = Readonly<Record<string, unknown>>;

// For these, builders write either no variant or the one that every such processor has.
const USUAL_VARIANTS: Readonly<Record<string, string>> = { amd64: 'v1', arm64: 'v8' };

/** The images that could run: the image itself, or those in an index. */
export async function candidatesOf(ecr: EcrApi, blobs: Blobs, image: StoredImage): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const { digest, platform } of await runnableImages(ecr, image)) {
    const isNamed = platform !== undefined && platform !== UNNAMED_PLATFORM;
    const look = async () => platformIn(blobs, manifestOf(digest === image.digest ? image : await readImage(ecr, digest)));
    found.push({ digest, ...(isNamed ? { platform } : await look()) });
  }
  return found;
}

/** Whether an image for a platform runs on Linux with a CPU architecture. */
export function runsOn(platform: string | undefined, architecture: string): boolean {
  const variant = USUAL_VARIANTS[architecture];
  return platform === `linux/${architecture}` || (variant !== undefined && platform === `linux/${architecture}/${variant}`);
}

/** The platform in the configuration of an image. */
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

const MAX_BYTES = 10 * 1024 ** 3;
const LAYERS = [
  'application/vnd.docker.image.rootfs.diff.tar.gzip', 'application/vnd.oci.image.layer.v1.tar+gzip', 'application/vnd.oci.image.layer.v1.tar',
];

/**
 * Throws if Lambda does not accept an image. Returns a note about layers that are not documented to work.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
 */
export function checkForLambda(image: StoredImage): string | undefined {
  const { mediaType = image.mediaType, config, layers } = manifestOf(image).json;
  const fix = 'use an image that Docker has built, without attestations';
  if (!IMAGES.includes(String(mediaType))) {
    throw new IncompatibleImageError(`it is of type ${shortText(mediaType) ?? 'unknown'}, and Lambda takes Docker's image manifests V2 schema 2 and those of OCI`, fix);
  }
  const configuration = isObject(config) ? config.mediaType : undefined;
  if (!CONFIGURATIONS.includes(String(configuration))) {
    throw new IncompatibleImageError(`its configuration is of type ${shortText(configuration) ?? 'unknown'}, which is not a configuration of an image`, fix);
  }
  // Compressed layers are never larger than uncompressed ones.
  const bytes = records(layers).reduce((sum, { size }) => sum + (typeof size === 'number' ? size : 0), 0);
  if (bytes > MAX_BYTES) {
    throw new IncompatibleImageError(`its layers have ${(bytes / 1024 ** 3).toFixed(1)} GiB compressed, and Lambda accepts 10 GB uncompressed`, 'make the image smaller');
  }
  const unproven = records(layers).map(layer => layer.mediaType).find(type => !LAYERS.includes(String(type)));
  return unproven === undefined ? undefined : `Lambda is not documented to accept its layers of type ${shortText(unproven)}`;
}

/** The reason for which an image cannot run, and the fix. */
export class IncompatibleImageError extends Error {
  constructor(why: string, fix: string) {
    super(`${why}; ${fix}`);
  }
}
