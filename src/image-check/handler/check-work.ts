import { Blobs } from './blobs';
import { ImageCheckRequest, decodeCheck, isDigest } from './decode-check';
import { CheckedImage, IncompatibleImageError, examine } from './examine';
import { AwsDependencies } from '../../custom-resource/aws';
import { AmbiguousManifestError, EcrApi } from '../../custom-resource/ecr';
import { LambdaDependencies } from '../../custom-resource/lambda';
import { Outcome, Work, WorkLimits, ProtocolDependencies, serveCustomResource, CustomResourceEvent, InvocationContext, resourceHash } from '../../custom-resource/protocol';
import { ROLLBACK_UNKNOWN, isRolledBack } from '../../custom-resource/rollback';
import { messageOf } from '../../custom-resource/text';
import { Failure } from '../../engine/errors';
import { IMAGE_CHECK } from '../image-check-properties';
import type { ImageCheckData } from '../image-check-properties';

type Properties = Readonly<Record<string, unknown>>;

// The time to ask CloudFormation: five attempts of ten seconds, and the waits between them.
const ROLLBACK_MILLISECONDS = 70_000;
// Shorter than functions that publish images can run, so that a wrong image fails the deployment early.
const CHECK_MILLISECONDS = 300_000;

/** The work for Create and Update: passes if the image can run, and fails with the reason if it cannot. */
export function checkWork(dependencies: AwsDependencies): Work {
  return async ({ RequestType, ResourceProperties: properties = {}, StackId }, limits) => {
    try {
      const request = decodeCheck(properties);
      const { digest, summary } = await examineInTime(request, dependencies, limits);
      return passed(digest, `${request.reference} for ${request.usedBy}: ${summary}`);
    } catch (error) {
      const reason = messageOf(error);
      // CloudFormation is asked only after a failure, because most images pass.
      const rollsBack = await isRolledBack(StackId, dependencies);
      if (rollsBack && mayPassUnchecked(properties)) return passed(String(properties.Version), `CloudFormation rolls back; otherwise: ${reason}`);
      // Only for updates, because a rollback never creates a resource.
      return { status: 'FAILED', reason: rollsBack === undefined && RequestType === 'Update' ? `${reason}. ${ROLLBACK_UNKNOWN}` : reason };
    }
  };
}

/** Examines the image. Stops early enough to ask CloudFormation whether it rolls back. */
async function examineInTime(request: ImageCheckRequest, dependencies: AwsDependencies, { deadline, signal }: WorkLimits): Promise<CheckedImage> {
  const { clock } = dependencies;
  const end = Math.min(deadline, clock.now() + CHECK_MILLISECONDS) - ROLLBACK_MILLISECONDS;
  const timeout = new AbortController();
  const cancel = clock.timer(end - clock.now(), () => timeout.abort(new Failure('it took too long')));
  const limits = { deadline: end, signal: AbortSignal.any([signal, timeout.signal]) };
  const ecr = new EcrApi(request.registry, request.repositoryName, dependencies, limits);
  const blobs = new Blobs(ecr, dependencies, limits.signal);
  try {
    return await examine(request, ecr, blobs);
  } catch (error) {
    throw new Error(explainCheck(request, timeout.signal.aborted ? timeout.signal.reason : error));
  } finally {
    cancel();
    blobs.close();
  }
}

/** Whether the image can pass without an examination. A Lambda function needs a digest, which is unknown if the image is given by tag. */
function mayPassUnchecked({ Runner, Version }: Properties): boolean {
  return Runner !== 'LAMBDA' || isDigest(String(Version));
}

function passed(version: string, summary: string): Outcome {
  const data: ImageCheckData | undefined = isDigest(version) ? { DigestHex: version.slice(version.indexOf(':') + 1) } : undefined;
  return { status: 'SUCCESS', data: data && { ...data }, summary };
}

function explainCheck({ reference, usedBy, runner }: ImageCheckRequest, error: unknown): string {
  const message = messageOf(error);
  if (error instanceof IncompatibleImageError || error instanceof AmbiguousManifestError) return `the image ${reference} cannot run in ${usedBy}: ${message}`;
  const fix = message.includes('; ') ? message : `${message}; deploy again`;
  const without = runner === 'LAMBDA' ? 'toLambdaCode({ imageCheck: ImageCheck.none() })' : 'imageCheck: ImageCheck.none()';
  return `the image ${reference} could not be checked for ${usedBy}: ${fix}, or skip the check: ${without}`;
}

/** Serves the events of image checks in a function that also serves another resource. Returns whether the event was one. */
export async function serveIfImageCheck(event: CustomResourceEvent, context: InvocationContext, dependencies: LambdaDependencies): Promise<boolean> {
  if (event.ResourceType !== IMAGE_CHECK) return false;
  await serveImageCheck(event, context, checkWork(dependencies), dependencies);
  return true;
}

/** Serves `Custom::ContainerImageCheck`. There is nothing to delete. */
export async function serveImageCheck(
  event: CustomResourceEvent, context: InvocationContext, work: Work, dependencies: ProtocolDependencies,
): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the check of the image',
    timeoutFix: 'deploy again',
    physicalId: each => each.PhysicalResourceId ?? `image-check-${resourceHash(each)}`,
    work,
    remove: async () => ({ status: 'SUCCESS', summary: 'nothing is removed' }),
  }, dependencies);
}
