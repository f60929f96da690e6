import { GateOrder, decodeGate, passedTag } from './decode-gate';
import { Verdict, isClean, judge, describeAccepted, describeCharges, reportOf, REASON_BYTES } from './judge';
import { lookAtScan, startScan, watchScans } from './scans';
import { AwsRefusal, AwsSeams } from '../../custom-resource/aws';
import { EcrApi, StoredImage, findImage, manifestOf, readImage } from '../../custom-resource/ecr';
import { Outcome, Work, WorkLimits, Seams, serveCustomResource, CustomResourceEvent, InvocationContext, resourceHash } from '../../custom-resource/protocol';
import { UNSURE, isRolledBack } from '../../custom-resource/rollback';
import { runnableImages } from '../../custom-resource/runnable-images';
import { messageOf } from '../../custom-resource/text';
import type { ScanGateData } from '../scan-gate-properties';

const KNOWN_NOW_MILLISECONDS = 30_000;

/** The work for Create and Update: passes an image, or fails with the findings of its scan. */
export function gateWork(seams: AwsSeams): Work {
  const { clock } = seams;
  return async ({ RequestType, ResourceProperties, StackId, Continuation }, { deadline, signal }) => {
    const order = decodeGate(ResourceProperties ?? {});
    const ecr = new EcrApi(order.registry, order.repositoryName, seams, { deadline, signal });
    const rollsBack = await isRolledBack(StackId, seams);
    if (rollsBack && order.digest !== undefined) return passed(order, order.digest, 'CloudFormation rolls back');
    const image = await readImage(ecr, order.digest ?? order.tag);
    if (rollsBack) return passed(order, image.digest, 'CloudFormation rolls back');
    // Throws if the manifest is ambiguous, even if the image passed before.
    manifestOf(image);
    if ((await findImage(ecr, passedTag(order, image.digest)))?.digest === image.digest) {
      return passed(order, image.digest, `it has passed before; ${await knownNow(order, image, seams, { deadline, signal })}`);
    }
    const results = await watchScans(await runnableImages(ecr, image), {
      clock, deadline, signal, until: (Continuation?.Since ?? clock.now()) + order.waitMilliseconds,
      look: async digest => lookAtScan(ecr, digest),
      start: async digest => startScan(ecr, digest),
    });
    if (results === undefined) return { status: 'UNFINISHED', reason: `the scan of ${order.repositoryName}@${image.digest} is not over; deploy again` };
    const verdict = judge(results, order, clock.now());
    if (!isClean(verdict)) {
      // Only for updates, because a rollback never creates a resource.
      const also = rollsBack === undefined && RequestType === 'Update' ? UNSURE : '';
      return { status: 'FAILED', reason: reportOf(`${order.repositoryName}@${image.digest}`, verdict, order, also) };
    }
    return passed(order, image.digest, `${summaryOf(verdict)}; ${await remember(ecr, order, image)}`);
  };
}

function passed({ tag }: GateOrder, digest: string, why: string): Outcome {
  const data: ScanGateData = { DigestHex: digest.slice(digest.indexOf(':') + 1), Tag: tag };
  return { status: 'SUCCESS', data: { ...data }, summary: `${digest} passed: ${why}` };
}

function summaryOf({ accepted }: Verdict): string {
  return accepted.length === 0 ? 'clean' : `clean but for what is accepted: ${describeAccepted(accepted)}`;
}

/** The current findings, for the log. The image passes regardless of them. */
async function knownNow(order: GateOrder, image: StoredImage, seams: AwsSeams, { deadline, signal }: WorkLimits): Promise<string> {
  const { clock } = seams;
  try {
    const now = clock.now();
    const ecr = new EcrApi(order.registry, order.repositoryName, seams, { deadline: Math.min(deadline, now + KNOWN_NOW_MILLISECONDS), signal });
    const images = await runnableImages(ecr, image);
    const look = async (digest: string) => lookAtScan(ecr, digest);
    const results = await watchScans(images, { clock, deadline, signal, until: now, look, start: async () => undefined });
    const { charges, unknown } = judge(results ?? [], order, now);
    if (charges.length > 0) return `known now: ${describeCharges(charges)}`;
    return unknown.length > 0 ? 'the findings that are known now were not read' : 'no finding is known now';
  } catch (error) {
    return `the findings that are known now could not be read: ${messageOf(error)}`;
  }
}

/** Tags the image as passed, so that it passes again, for example in a rollback. */
async function remember(ecr: EcrApi, order: GateOrder, { digest, manifest, mediaType }: StoredImage): Promise<string> {
  const imageTag = passedTag(order, digest);
  try {
    await ecr.ask('PutImage', { imageManifest: manifest, imageTag, imageDigest: digest, imageManifestMediaType: mediaType });
    return 'remembered';
  } catch (error) {
    if (error instanceof AwsRefusal && await isRemembered(ecr, { imageTag, digest, error })) return 'remembered';
    return `not recorded, so it is evaluated again in the next deployment: ${messageOf(error)}`;
  }
}

/** Whether another deployment has written the tag for the same image at the same time. Otherwise the tag may name another image. */
async function isRemembered(ecr: EcrApi, { imageTag, digest, error }: { imageTag: string; digest: string; error: AwsRefusal }): Promise<boolean> {
  if (error.type === 'ImageAlreadyExistsException') return true;
  if (error.type !== 'ImageTagAlreadyExistsException') return false;
  return (await findImage(ecr, imageTag).catch(() => undefined))?.digest === digest;
}

/** Serves `Custom::ImageScanGate`. Delete does nothing: the tag of a passed image stays as long as the image. */
export async function serveScanGate(event: CustomResourceEvent, context: InvocationContext, work: Work, seams: Seams): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the scan gate',
    tooLong: 'deploy again',
    reasonBytes: REASON_BYTES,
    physicalId: each => each.PhysicalResourceId ?? `scan-gate-${resourceHash(each)}`,
    work,
    remove: async () => ({ status: 'SUCCESS', summary: 'nothing is removed' }),
  }, seams);
}
