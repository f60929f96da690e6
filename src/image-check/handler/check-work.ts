import { Blobs } from './blobs';
import { CheckOrder, decodeCheck, isDigest } from './decode-check';
import { Fit, examine, IncompatibleImageError } from './examine';
import { AwsSeams } from '../../custom-resource/aws';
import { EcrApi, UnsafeManifest } from '../../custom-resource/ecr';
import { Outcome, Work, WorkLimits, Seams, serveCustomResource, CustomResourceEvent, InvocationContext, resourceHash } from '../../custom-resource/protocol';
import { UNSURE, isRolledBack } from '../../custom-resource/rollback';
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
export function checkWork(seams: AwsSeams): Work {
  return async ({ RequestType, ResourceProperties: properties = {}, StackId }, limits) => {
    try {
      const order = decodeCheck(properties);
      const { digest, summary } = await examineInTime(order, seams, limits);
      return passed(digest, `${order.reference} for ${order.usedBy}: ${summary}`);
    } catch (error) {
      const reason = messageOf(error);
      // CloudFormation is asked only after a failure, because most images pass.
      const rollsBack = await isRolledBack(StackId, seams);
      if (rollsBack && mayPassUnseen(properties)) return passed(String(properties.Version), `CloudFormation rolls back; otherwise: ${reason}`);
      // Only for updates, because a rollback never creates a resource.
      return { status: 'FAILED', reason: rollsBack === undefined && RequestType === 'Update' ? `${reason}. ${UNSURE}` : reason };
    }
  };
}

/** Examines the image. Stops early enough to ask CloudFormation whether it rolls back. */
async function examineInTime(order: CheckOrder, seams: AwsSeams, { deadline, signal }: WorkLimits): Promise<Fit> {
  const { clock } = seams;
  const end = Math.min(deadline, clock.now() + CHECK_MILLISECONDS) - ROLLBACK_MILLISECONDS;
  const late = new AbortController();
  const cancel = clock.timer(end - clock.now(), () => late.abort(new Failure('it took too long')));
  const limits = { deadline: end, signal: AbortSignal.any([signal, late.signal]) };
  const ecr = new EcrApi(order.registry, order.repositoryName, seams, limits);
  const blobs = new Blobs(ecr, seams, limits.signal);
  try {
    return await examine(order, ecr, blobs);
  } catch (error) {
    throw new Error(sentenceOf(order, late.signal.aborted ? late.signal.reason : error));
  } finally {
    cancel();
    blobs.close();
  }
}

/** Whether the image can pass without an examination. A Lambda function needs a digest, which is unknown if the image is given by tag. */
function mayPassUnseen({ Runner, Version }: Properties): boolean {
  return Runner !== 'LAMBDA' || isDigest(String(Version));
}

function passed(version: string, summary: string): Outcome {
  const data: ImageCheckData | undefined = isDigest(version) ? { DigestHex: version.slice(version.indexOf(':') + 1) } : undefined;
  return { status: 'SUCCESS', data: data && { ...data }, summary };
}

function sentenceOf({ reference, usedBy, runner }: CheckOrder, error: unknown): string {
  const message = messageOf(error);
  if (error instanceof IncompatibleImageError || error instanceof UnsafeManifest) return `the image ${reference} cannot run in ${usedBy}: ${message}`;
  const fix = message.includes('; ') ? message : `${message}; deploy again`;
  const without = runner === 'LAMBDA' ? 'toLambdaCode({ imageCheck: ImageCheck.none() })' : 'imageCheck: ImageCheck.none()';
  return `the image ${reference} could not be checked for ${usedBy}: ${fix}, or skip the check: ${without}`;
}

/** Serves the events of image checks in a function that also serves another resource. Returns whether the event was one. */
export async function servedAsCheck(event: CustomResourceEvent, context: InvocationContext, seams: Seams & AwsSeams): Promise<boolean> {
  if (event.ResourceType !== IMAGE_CHECK) return false;
  await serveImageCheck(event, context, checkWork(seams), seams);
  return true;
}

/** Serves `Custom::ContainerImageCheck`. There is nothing to delete. */
export async function serveImageCheck(event: CustomResourceEvent, context: InvocationContext, work: Work, seams: Seams): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the check of the image',
    tooLong: 'deploy again',
    physicalId: each => each.PhysicalResourceId ?? `image-check-${resourceHash(each)}`,
    work,
    remove: async () => ({ status: 'SUCCESS', summary: 'nothing is removed' }),
  }, seams);
}
