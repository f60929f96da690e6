import { Stack } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct, IConstruct } from 'constructs';
import { BuildHandler } from '../build/image-build';
import { CopyHandler } from '../copy/image-copy';
import { ContainerImageCheck, ImageChecker, ImageCheckHandler, ImageUse } from '../image-check/container-image-check';
import { ImageCheck } from '../image-check/image-check';
import { childOf, homeOf } from '../private/stacks';
import { ImageScanGate, ScanGateHandler } from '../scanning/image-scan-gate';
import { ScanGate } from '../scanning/scan-gate';

/** The digest and the tag of an image in its repository. */
export interface NamedImage {
  readonly imageTag: string;
  /**
   * `sha256:…`
   *
   * @default - unknown
   */
  readonly imageDigest?: string;
}

/** The gate that an image must pass. */
export interface GateQuestion {
  readonly repository: IRepository;
  /** The prefix of the live tags of the image. */
  readonly imageTagPrefix: string;
  /** @default - nothing */
  readonly gate?: ScanGate;
}

/** The digest and the tag for users of an image. With a gate, they come from the gate. */
export function gated(image: Construct, { imageTag, imageDigest }: NamedImage, { repository, imageTagPrefix, gate }: GateQuestion): NamedImage {
  if (gate === undefined) return { imageTag, imageDigest };
  const handler = scanGateHandlerFor(repository, image);
  return new ImageScanGate(image, 'ScanGate', { handler, gate, repository, imageTag, imageDigest, imageTagPrefix });
}

/** The parts of an image that a check needs. */
export interface CheckableImage {
  readonly repository: IRepository;
  /** The digest or tag that runs the image. */
  readonly _version: string;
  /** Whether the deployment of the image needs a function. */
  readonly _comesByFunction: boolean;
  /** Whether development mode leaves out checks. */
  readonly _isUnchecked: boolean;
  /** The function that publishes the image. */
  readonly _publisher?: ImageChecker;
}

/** Whether an image is checked. By default, only if its deployment needs a function in any case. */
export function isChecked({ _comesByFunction: comesByFunction, _isUnchecked: isUnchecked }: CheckableImage, check?: ImageCheck): boolean {
  if (isUnchecked) return false;
  return check === undefined ? comesByFunction : check._includesAll();
}

/** Checks an image before the resources in the scope run it. */
export function checked(scope: Construct, image: CheckableImage, use: ImageUse): ContainerImageCheck {
  const { repository, _version: version, _publisher: publisher } = image;
  // The function that publishes the image, or one that only checks.
  const handler = publisher !== undefined && Stack.of(publisher) === Stack.of(scope) ? publisher : imageCheckHandlerFor(repository, scope);
  // The ID contains the function, because CloudFormation cannot change the function of an existing custom resource.
  return new ContainerImageCheck(scope, pathInStack(handler), { handler, repository, version, ...use });
}

function pathInStack(construct: IConstruct): string {
  return construct.node.path.slice(Stack.of(construct).node.path.length + 1);
}

/** The function that copies images of a repository. */
export function copyHandlerFor(repository: IRepository, image: Construct): CopyHandler {
  return handlerFor(CopyHandler, 'CopyHandler', repository, image);
}

/** The function that builds images of a repository. */
export function buildHandlerFor(repository: IRepository, image: Construct): BuildHandler {
  return handlerFor(BuildHandler, 'BuildHandler', repository, image);
}

/** The function that evaluates the scans of a repository. */
export function scanGateHandlerFor(repository: IRepository, image: Construct): ScanGateHandler {
  return handlerFor(ScanGateHandler, 'ScanGateHandler', repository, image);
}

/** The function that only checks images of a repository, for the resources of a stack. */
export function imageCheckHandlerFor(repository: IRepository, user: Construct): ImageCheckHandler {
  return handlerFor(ImageCheckHandler, 'ImageCheckHandler', repository, user);
}

/**
 * One handler per repository, in the stack of its images, or for a check in the stack that runs them.
 *
 * Its policy refers to the sources of the images. In the parent of a nested stack, it would depend on the nested stack, which depends on the handler.
 */
function handlerFor<T extends Construct>(
  Handler: new (scope: Construct, id: string) => T, name: string, repository: IRepository, image: Construct,
): T {
  const stack = Stack.of(image);
  const home = homeOf(repository);
  const [scope, id] = stack === Stack.of(home) ? [home, name] : [stack, `${name}Of-${home.node.path}`];
  const existing = childOf(scope, id);
  // Recognized by its methods, because it can come from another copy of this package.
  return existing !== undefined && 'addResource' in existing ? existing as unknown as T : new Handler(scope as Construct, id);
}
