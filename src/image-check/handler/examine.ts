import { Blobs } from './blobs';
import { Candidate, candidatesOf, runsOn } from './candidates';
import { CheckOrder } from './decode-check';
import { checkForLambda } from './for-lambda';
import { Unfit } from './unfit';
import { EcrApi, StoredImage, findImage, manifestOf, readImage } from '../../custom-resource/ecr';
import { isAttestation } from '../../custom-resource/runnable-images';

/** What was found out about an image that can run. */
export interface Fit {
  /** The image that runs. */
  readonly digest: string;
  /** For the log. */
  readonly summary: string;
}

/** How to build for an architecture, and how to have a runner take another. */
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

/** Looks at an image; throws `Unfit` when it cannot run. */
export async function examine(order: CheckOrder, ecr: EcrApi, blobs: Blobs): Promise<Fit> {
  const image = await findImage(ecr, order.version);
  if (image === undefined) throw new Unfit('it is not in the repository', AGAIN);
  if (isAttestation(manifestOf(image))) throw new Unfit('it is no image, but what a builder states about one', WITHOUT_STATEMENTS);
  if (order.architecture === undefined) return { digest: image.digest, summary: 'it is there' };
  const chosen = choose(order, order.architecture, await candidatesOf(ecr, blobs, image));
  const built = chosen.platform === undefined ? `nobody knows what it is built for: ${chosen.obstacle}` : `it is built for ${chosen.platform}`;
  if (order.runner !== 'LAMBDA') return { digest: image.digest, summary: built };
  const unproven = checkForLambda(await chosenImage(ecr, image, chosen));
  return { digest: chosen.digest, summary: [built, unproven].filter(Boolean).join('; ') };
}

/** The one that runs: the first that is right, else the first of which nobody knows. */
function choose(order: CheckOrder, architecture: string, candidates: readonly Candidate[]): Candidate {
  const chosen = candidates.find(({ platform }) => runsOn(platform, architecture)) ?? candidates.find(({ platform }) => platform === undefined);
  if (chosen !== undefined) return chosen;
  const platforms = [...new Set(candidates.map(({ platform }) => platform))];
  const named = [...platforms.slice(0, MOST_PLATFORMS), ...platforms.length > MOST_PLATFORMS ? ['others'] : []].join(', ');
  const runner = order.runner === 'LAMBDA' ? 'function' : 'task';
  throw new Unfit(`it is built for ${named}, and the ${runner} runs on linux/${architecture}`, cureFor(order, architecture, candidates));
}

function cureFor({ runner }: CheckOrder, architecture: string, candidates: readonly Candidate[]): string {
  const build = WORDS[architecture] === undefined ? `use an image for linux/${architecture}` : `build it with platform: ${WORDS[architecture].build}`;
  const [, other] = Object.entries(WORDS).find(([name]) => candidates.some(({ platform }) => runsOn(platform, name))) ?? [];
  if (other === undefined || runner === 'EC2') return build;
  return runner === 'LAMBDA' ? `${build}, or give the function architecture: ${other.lambda}` : `${build}, or give the service cpuArchitecture: ${other.task}`;
}

async function chosenImage(ecr: EcrApi, image: StoredImage, { digest }: Candidate): Promise<StoredImage> {
  return digest === image.digest ? image : readImage(ecr, digest);
}
