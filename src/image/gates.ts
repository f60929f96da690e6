import { Stack } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { CopyHandler } from '../copy/image-copy';
import { ContainerImageCheck, ImageCheckHandler, ImageUse } from '../image-check/container-image-check';
import { ImageCheck } from '../image-check/image-check';
import { childOf } from '../private/stacks';
import { ImageScanGate, ScanGateHandler } from '../scanning/image-scan-gate';
import { ScanGate } from '../scanning/scan-gate';

/** An image in its repository, by what it is called there. */
export interface NamedImage {
  readonly imageTag: string;
  /**
   * `sha256:…`
   *
   * @default - nobody knows it
   */
  readonly imageDigest?: string;
}

/** What an image has to pass. */
export interface GateQuestion {
  readonly repository: IRepository;
  /** Begins the live tags of the image. */
  readonly imageTagPrefix: string;
  /** @default - nothing */
  readonly gate?: ScanGate;
}

/** The names by which an image is used: where it has to pass a gate, those that the gate gives out. */
export function gated(image: Construct, { imageTag, imageDigest }: NamedImage, { repository, imageTagPrefix, gate }: GateQuestion): NamedImage {
  if (gate === undefined) return { imageTag, imageDigest };
  const handler = scanGateHandlerFor(repository, image);
  return new ImageScanGate(image, 'ScanGate', { handler, gate, repository, imageTag, imageDigest, imageTagPrefix });
}

/** An image, as far as a check asks for it. */
export interface CheckableImage {
  readonly repository: IRepository;
  /** The digest or tag by which it is run. */
  readonly _version: string;
  /** Whether a function has a hand in it when it is deployed. */
  readonly _comesByFunction: boolean;
}

/** Whether an image is looked at: unless somebody says so, only where there is a function anyway. */
export function isChecked({ _comesByFunction: comesByFunction }: CheckableImage, check?: ImageCheck): boolean {
  return check === undefined ? comesByFunction : check._includesAll();
}

/** An image that is looked at before whoever is in that scope runs it. */
export function checked(scope: Construct, { repository, _version: version }: CheckableImage, use: ImageUse): ContainerImageCheck {
  const handler = imageCheckHandlerFor(repository, scope);
  // Named by its function: CloudFormation lets no other one serve a custom resource that is there.
  return new ContainerImageCheck(scope, pathInStack(handler), { handler, repository, version, ...use });
}

function pathInStack(construct: Construct): string {
  return construct.node.path.slice(Stack.of(construct).node.path.length + 1);
}

/** The function that copies images of a repository. */
export function copyHandlerFor(repository: IRepository, image: Construct): CopyHandler {
  return handlerFor(CopyHandler, 'CopyHandler', repository, image);
}

/** The function that looks at scans in a repository. */
export function scanGateHandlerFor(repository: IRepository, image: Construct): ScanGateHandler {
  return handlerFor(ScanGateHandler, 'ScanGateHandler', repository, image);
}

/** The function that looks at images of a repository, for what runs them in a stack. */
export function imageCheckHandlerFor(repository: IRepository, user: Construct): ImageCheckHandler {
  return handlerFor(ImageCheckHandler, 'ImageCheckHandler', repository, user);
}

/**
 * One handler for each repository, in the very stack of its images or, of the check, of what runs them.
 *
 * Its policy names what the images come from. In the stack around a nested one, it would wait for the nested stack,
 * which waits for the handler.
 */
function handlerFor<T extends Construct>(
  Handler: new (scope: Construct, id: string) => T, name: string, repository: IRepository, image: Construct,
): T {
  const stack = Stack.of(image);
  const [scope, id] = stack === Stack.of(repository) ? [repository, name] : [stack, `${name}Of-${repository.node.path}`];
  const existing = childOf(scope, id);
  // By what it has: another copy of this package may have made it.
  return existing !== undefined && 'serviceToken' in existing ? existing as unknown as T : new Handler(scope as Construct, id);
}
