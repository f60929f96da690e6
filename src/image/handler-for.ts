import { Stack } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { CopyHandler } from '../copy/copy-handler';
import { ImageCheckHandler } from '../image-check/image-check-handler';
import { childOf } from '../private/child-of';
import { ScanGateHandler } from '../scanning/scan-gate-handler';

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
