import { Blobs, MAX_BLOB_BYTES } from './blobs';
import { ImageCheckRequest } from './decode-check';
import { EcrApi, StoredImage, findImage, manifestOf, readImage, Manifest } from '../../custom-resource/ecr';
import { isAttestation, UNNAMED_PLATFORM, platformName, runnableImages } from '../../custom-resource/runnable-images';
import { shortText } from '../../custom-resource/text';
import { inlineContent } from '../../engine/digest';
import { isObject, parseJson, records } from '../../engine/json';
import { BUILDKIT_CACHE, CONFIGURATIONS, IMAGES } from '../../engine/manifest';
import { Platform, formatPlatform, parsePlatform, readPlatform } from '../../engine/platforms';
import type { Runner } from '../image-check-properties';

/** An image that passed the check. */
export interface CheckedImage {
  /** The digest of the image that runs. */
  readonly digest: string;
  /** For the log. */
  readonly summary: string;
}

/** What the code of users calls an architecture, for messages. */
interface ArchitectureNames {
  readonly build: string;
  readonly task: string;
  readonly lambda: string;
}

const NAMES: Readonly<Record<string, ArchitectureNames>> = {
  amd64: { build: 'Platform.LINUX_AMD64', task: 'CpuArchitecture.X86_64', lambda: 'Architecture.X86_64' },
  arm64: { build: 'Platform.LINUX_ARM64', task: 'CpuArchitecture.ARM64', lambda: 'Architecture.ARM_64' },
};
const MOST_PLATFORMS = 6;
const DEPLOY_AGAIN = 'deploy again, so that it is published again';
const WITHOUT_ATTESTATIONS = 'build it without: set BUILDX_NO_DEFAULT_ATTESTATIONS=1 where the CDK CLI runs';

/** Examines an image. Throws an `IncompatibleImageError` if it cannot run. */
export async function examine(request: ImageCheckRequest, ecr: EcrApi, blobs: Blobs): Promise<CheckedImage> {
  const image = await findImage(ecr, request.version);
  if (image === undefined) throw new IncompatibleImageError({ why: 'it is not in the repository', fix: DEPLOY_AGAIN });
  if (isAttestation(manifestOf(image))) throw new IncompatibleImageError({ why: 'it is not an image, but an attestation of one', fix: WITHOUT_ATTESTATIONS });
  if (request.architecture === undefined) return { digest: image.digest, summary: 'it is there' };
  const chosen = chooseCandidate(request, request.architecture, await candidatesOf(ecr, blobs, image));
  const built = chosen.platform === undefined ? `its platform is unknown: ${chosen.obstacle}` : `it is built for ${chosen.platform}`;
  if (request.runner !== 'LAMBDA') return { digest: image.digest, summary: built };
  const undocumented = checkForLambda(await chosenImage(ecr, image, chosen));
  return { digest: chosen.digest, summary: [built, undocumented].filter(Boolean).join('; ') };
}

/** The candidate that runs: the one with the lowest requirements for the architecture, otherwise the first one with an unknown platform. */
function chooseCandidate(request: ImageCheckRequest, architecture: string, candidates: readonly Candidate[]): Candidate {
  const fitting = candidates.filter(({ platform }) => runsOn(platform, { architecture, runner: request.runner }));
  const [best] = fitting.sort((one, other) => requirementOf(one, architecture) - requirementOf(other, architecture));
  const chosen = best ?? candidates.find(({ platform }) => platform === undefined);
  if (chosen !== undefined) return chosen;
  const platforms = [...new Set(candidates.map(({ platform = '' }) => formatPlatform(parsePlatform(platform))))];
  const named = [...platforms.slice(0, MOST_PLATFORMS), ...platforms.length > MOST_PLATFORMS ? ['others'] : []].join(', ');
  const runner = request.runner === 'LAMBDA' ? 'function' : 'task';
  throw new IncompatibleImageError({
    why: `it is built for ${named}, and the ${runner} runs on linux/${architecture}`, fix: fixForArchitecture(request, architecture, candidates),
  });
}

function fixForArchitecture({ runner }: ImageCheckRequest, architecture: string, candidates: readonly Candidate[]): string {
  const build = NAMES[architecture] === undefined ? `use an image for linux/${architecture}` : `build it with platform: ${NAMES[architecture].build}`;
  const [, other] = Object.entries(NAMES).find(([name]) => candidates.some(({ platform }) => runsOn(platform, { architecture: name, runner }))) ?? [];
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

type Json = Readonly<Record<string, unknown>>;

// The highest variants that all processors of Fargate and Lambda have: AVX2, and the Graviton2.
// https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html
const HIGHEST_VARIANTS: Readonly<Record<string, number>> = { amd64: 3, arm64: 8.2 };
// Architectures that many EC2 instances also run. AWS does not guarantee them for Fargate and Lambda.
const ALSO_ON_EC2: Readonly<Record<string, string>> = { amd64: '386', arm64: 'arm' };
// More than any known variant.
const MOST_REQUIREMENTS = 100;

/** The images that could run: the image itself, or those in an index. */
export async function candidatesOf(ecr: EcrApi, blobs: Blobs, image: StoredImage): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const { digest, platform } of await runnableImages(ecr, image)) {
    const isNamed = platform !== undefined && platform !== UNNAMED_PLATFORM;
    const readPlatformOf = async () => platformIn(blobs, manifestOf(digest === image.digest ? image : await readImage(ecr, digest)));
    found.push({ digest, ...(isNamed ? { platform } : await readPlatformOf()) });
  }
  return found;
}

/** Whether an image for a platform runs on Linux with a CPU architecture. On EC2, the instances decide about variants. */
function runsOn(platform: string | undefined, { architecture, runner }: { readonly architecture: string; readonly runner: Runner }): boolean {
  if (platform === undefined) return false;
  const built = parsePlatform(platform);
  if (built.os !== 'linux') return false;
  if (built.architecture !== architecture) return runner === 'EC2' && built.architecture === ALSO_ON_EC2[architecture];
  const highest = HIGHEST_VARIANTS[architecture];
  return highest === undefined || runner === 'EC2' || versionOf(built) <= highest;
}

/** The requirements of an image, as a number to compare: 0 for none, more for a variant, and most for another architecture. */
function requirementOf({ platform = '' }: Candidate, architecture: string): number {
  const built = parsePlatform(platform);
  return built.architecture === architecture ? versionOf(built) : MOST_REQUIREMENTS;
}

/** The number of a variant: 8.2 for `v8.2`, 0 for none. */
function versionOf({ variant = 'v0' }: Platform): number {
  const [, version] = /^v(\d+(?:\.\d+)?)$/.exec(variant) ?? [];
  return version === undefined ? MOST_REQUIREMENTS : Number(version);
}

/** The platform in the configuration of an image. */
async function platformIn(blobs: Blobs, { json: { config } }: Manifest): Promise<Omit<Candidate, 'digest'>> {
  const { digest, mediaType, size, data } = isObject(config) ? config : {} as Json;
  if (mediaType === BUILDKIT_CACHE) {
    throw new IncompatibleImageError({ why: 'it is a cache of BuildKit, not an image', fix: 'use the tag of the image instead of that of the cache' });
  }
  if (typeof digest !== 'string' || !CONFIGURATIONS.includes(String(mediaType)) || Number(size) > MAX_BLOB_BYTES) {
    return { obstacle: `it has no configuration that is known here (${shortText(mediaType) ?? 'none'})` };
  }
  const json = parseJsonIfValid(inlineContent({ mediaType: String(mediaType), digest, size: Number(size), data: typeof data === 'string' ? data : undefined }) ?? await blobs.read(digest));
  const { os, architecture } = readPlatform(json);
  return os === undefined || architecture === undefined ? { obstacle: 'its configuration does not contain it' } : { platform: platformName(json) };
}

function parseJsonIfValid(bytes: Buffer): unknown {
  try {
    return parseJson(bytes);
  } catch {
    return undefined;
  }
}

const MAX_LAMBDA_BYTES = 10 * 1024 ** 3;
const LAYER_TYPES = [
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
    throw new IncompatibleImageError({
      why: `it is of type ${shortText(mediaType) ?? 'unknown'}, and Lambda supports Docker image manifests V2 schema 2 and OCI image manifests`, fix,
    });
  }
  const configuration = isObject(config) ? config.mediaType : undefined;
  if (!CONFIGURATIONS.includes(String(configuration))) {
    throw new IncompatibleImageError({ why: `its configuration is of type ${shortText(configuration) ?? 'unknown'}, which is not a configuration of an image`, fix });
  }
  // Compressed layers are never larger than uncompressed ones.
  const bytes = records(layers).reduce((sum, { size }) => sum + (typeof size === 'number' ? size : 0), 0);
  if (bytes > MAX_LAMBDA_BYTES) {
    throw new IncompatibleImageError({
      why: `its layers have ${(bytes / 1024 ** 3).toFixed(1)} GiB compressed, and Lambda accepts 10 GB uncompressed`, fix: 'make the image smaller',
    });
  }
  const undocumented = records(layers).map(layer => layer.mediaType).find(type => !LAYER_TYPES.includes(String(type)));
  return undocumented === undefined ? undefined : `Lambda is not documented to accept its layers of type ${shortText(undocumented)}`;
}

/** The error for an image that cannot run, with the fix. */
export class IncompatibleImageError extends Error {
  constructor({ why, fix }: { readonly why: string; readonly fix: string }) {
    super(`${why}; ${fix}`);
  }
}
