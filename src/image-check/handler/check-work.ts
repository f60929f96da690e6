import { Blobs } from './blobs';
import { CheckOrder, decodeCheck, isDigest } from './decode-check';
import { Fit, examine } from './examine';
import { Unfit } from './unfit';
import { Outcome, Work, WorkLimits } from '../../custom-resource/protocol';
import { AwsSeams } from '../../custom-resource/aws';
import { EcrApi, UnsafeManifest } from '../../custom-resource/ecr';
import { UNSURE, isRolledBack } from '../../custom-resource/rollback';
import { messageOf } from '../../custom-resource/text';
import { Failure } from '../../engine/errors';
import type { ImageCheckData } from '../image-check-properties';

type Properties = Readonly<Record<string, unknown>>;

// Five tries of ten seconds, and the waits between them.
const ROLLBACK_MILLISECONDS = 70_000;

/** Create and Update: lets an image pass, or fails with why it cannot run. */
export function checkWork(seams: AwsSeams): Work {
  return async ({ RequestType, ResourceProperties: properties = {}, StackId }, limits) => {
    try {
      const order = decodeCheck(properties);
      const { digest, summary } = await look(order, seams, limits);
      return passed(digest, `${order.reference} for ${order.usedBy}: ${summary}`);
    } catch (error) {
      const reason = messageOf(error);
      // Asked only now, because most images pass.
      const rollsBack = await isRolledBack(StackId, seams);
      if (rollsBack && mayPassUnseen(properties)) return passed(String(properties.Version), `CloudFormation rolls back, else: ${reason}`);
      // A rollback never creates anything.
      return { status: 'FAILED', reason: rollsBack === undefined && RequestType === 'Update' ? `${reason}. ${UNSURE}` : reason };
    }
  };
}

/** Stops in time to ask CloudFormation whether it rolls back. */
async function look(order: CheckOrder, seams: AwsSeams, { deadline, signal }: WorkLimits): Promise<Fit> {
  const { clock } = seams;
  const end = deadline - ROLLBACK_MILLISECONDS;
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

/** A function of Lambda needs a digest, and of an image that is only called by its tag nobody else knows it. */
function mayPassUnseen({ Runner, Version }: Properties): boolean {
  return Runner !== 'LAMBDA' || isDigest(String(Version));
}

function passed(version: string, summary: string): Outcome {
  const data: ImageCheckData | undefined = isDigest(version) ? { DigestHex: version.slice(version.indexOf(':') + 1) } : undefined;
  return { status: 'SUCCESS', data: data && { ...data }, summary };
}

function sentenceOf({ reference, usedBy, runner }: CheckOrder, error: unknown): string {
  const message = messageOf(error);
  if (error instanceof Unfit || error instanceof UnsafeManifest) return `the image ${reference} cannot run in ${usedBy}: ${message}`;
  const cure = message.includes('; ') ? message : `${message}; deploy again`;
  const without = runner === 'LAMBDA' ? 'toLambdaCode({ imageCheck: ImageCheck.none() })' : 'imageCheck: ImageCheck.none()';
  return `the image ${reference} could not be checked for ${usedBy}: ${cure}, or do without the check: ${without}`;
}
