import { ScanGateRequest, decodeGate, passedTag } from './decode-gate';
import { Verdict, describeAccepted, describeFindings, evaluateScans, failureReason, isClean } from './evaluate-scans';
import { readScanState, startScan, watchScans } from './scans';
import { AwsCallError, AwsDependencies } from '../../custom-resource/aws';
import { EcrApi, StoredImage, findImage, manifestOf, readImage } from '../../custom-resource/ecr';
import { LONG_REASON_BYTES } from '../../custom-resource/log-lines';
import { Outcome, Work, WorkLimits, ProtocolDependencies, serveCustomResource, CustomResourceEvent, InvocationContext, resourceHash } from '../../custom-resource/protocol';
import { ROLLBACK_UNKNOWN, isRolledBack } from '../../custom-resource/rollback';
import { runnableImages } from '../../custom-resource/runnable-images';
import { messageOf } from '../../custom-resource/text';
import type { ScanGateData } from '../scan-gate-properties';

const CURRENT_FINDINGS_MILLISECONDS = 30_000;

/** The work for Create and Update: passes an image, or fails with the findings of its scan. */
export function gateWork(dependencies: AwsDependencies): Work {
  const { clock } = dependencies;
  return async ({ RequestType, ResourceProperties, StackId, Continuation }, { deadline, signal }) => {
    const request = decodeGate(ResourceProperties ?? {});
    const ecr = new EcrApi(request.registry, request.repositoryName, dependencies, { deadline, signal });
    const rollsBack = await isRolledBack(StackId, dependencies);
    if (rollsBack && request.digest !== undefined) return passed(request, request.digest, 'CloudFormation rolls back');
    const image = await readImage(ecr, request.digest ?? request.tag);
    if (rollsBack) return passed(request, image.digest, 'CloudFormation rolls back');
    // Throws if the manifest is ambiguous, even if the image passed before.
    manifestOf(image);
    if ((await findImage(ecr, passedTag(request, image.digest)))?.digest === image.digest) {
      return passed(request, image.digest, `it has passed before; ${await currentFindings(request, image, dependencies, { deadline, signal })}`);
    }
    const results = await watchScans(await runnableImages(ecr, image), {
      clock, deadline, signal, until: (Continuation?.Since ?? clock.now()) + request.waitMilliseconds,
      read: async digest => readScanState(ecr, digest),
      start: async digest => startScan(ecr, digest),
    });
    if (results === undefined) return { status: 'UNFINISHED', reason: `the scan of ${request.repositoryName}@${image.digest} is not over; deploy again` };
    const verdict = evaluateScans(results, request, clock.now());
    if (!isClean(verdict)) {
      // Only for updates, because a rollback never creates a resource.
      const note = rollsBack === undefined && RequestType === 'Update' ? ROLLBACK_UNKNOWN : undefined;
      return { status: 'FAILED', reason: failureReason({ image: `${request.repositoryName}@${image.digest}`, verdict, failOn: request.failOn, note }) };
    }
    return passed(request, image.digest, `${summaryOf(verdict)}; ${await tagAsPassed(ecr, request, image)}`);
  };
}

function passed({ tag }: ScanGateRequest, digest: string, why: string): Outcome {
  const data: ScanGateData = { DigestHex: digest.slice(digest.indexOf(':') + 1), Tag: tag };
  return { status: 'SUCCESS', data: { ...data }, summary: `${digest} passed: ${why}` };
}

function summaryOf({ accepted }: Verdict): string {
  return accepted.length === 0 ? 'clean' : `clean but for what is accepted: ${describeAccepted(accepted)}`;
}

/** The current findings, for the log. The image passes regardless of them. */
async function currentFindings(
  request: ScanGateRequest, image: StoredImage, dependencies: AwsDependencies, { deadline, signal }: WorkLimits,
): Promise<string> {
  const { clock } = dependencies;
  try {
    const now = clock.now();
    const limits = { deadline: Math.min(deadline, now + CURRENT_FINDINGS_MILLISECONDS), signal };
    const ecr = new EcrApi(request.registry, request.repositoryName, dependencies, limits);
    const images = await runnableImages(ecr, image);
    const read = async (digest: string) => readScanState(ecr, digest);
    const results = await watchScans(images, { clock, deadline, signal, until: now, read, start: async () => undefined });
    const { blocking, unknown } = evaluateScans(results ?? [], request, now);
    if (blocking.length > 0) return `known now: ${describeFindings(blocking)}`;
    return unknown.length > 0 ? 'the findings that are known now were not read' : 'no finding is known now';
  } catch (error) {
    return `the findings that are known now could not be read: ${messageOf(error)}`;
  }
}

/** Tags the image as passed, so that it passes again, for example in a rollback. */
async function tagAsPassed(ecr: EcrApi, request: ScanGateRequest, { digest, manifest, mediaType }: StoredImage): Promise<string> {
  const imageTag = passedTag(request, digest);
  try {
    await ecr.call('PutImage', { imageManifest: manifest, imageTag, imageDigest: digest, imageManifestMediaType: mediaType });
    return 'remembered';
  } catch (error) {
    if (error instanceof AwsCallError && await isTaggedAsPassed(ecr, { imageTag, digest, error })) return 'remembered';
    return `not recorded, so it is evaluated again in the next deployment: ${messageOf(error)}`;
  }
}

/** Whether another deployment has written the tag for the same image at the same time. Otherwise the tag may name another image. */
async function isTaggedAsPassed(
  ecr: EcrApi, { imageTag, digest, error }: { readonly imageTag: string; readonly digest: string; readonly error: AwsCallError },
): Promise<boolean> {
  if (error.type === 'ImageAlreadyExistsException') return true;
  if (error.type !== 'ImageTagAlreadyExistsException') return false;
  return (await findImage(ecr, imageTag).catch(() => undefined))?.digest === digest;
}

/** Serves `Custom::ImageScanGate`. Delete does nothing: the tag of a passed image stays as long as the image. */
export async function serveScanGate(
  event: CustomResourceEvent, context: InvocationContext, work: Work, dependencies: ProtocolDependencies,
): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the scan gate',
    timeoutFix: 'deploy again',
    reasonBytes: LONG_REASON_BYTES,
    physicalId: each => each.PhysicalResourceId ?? `scan-gate-${resourceHash(each)}`,
    work,
    remove: async () => ({ status: 'SUCCESS', summary: 'nothing is removed' }),
  }, dependencies);
}
