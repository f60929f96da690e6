import { Stack } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { CopyHandler } from '../copy/copy-handler';
import { childOf } from '../private/child-of';

/**
 * One handler for each repository, in the very stack of its images.
 *
 * Its policy names what the images come from. In the stack around a nested one, it would wait for the nested stack,
 * which waits for the handler.
 */
export function copyHandlerFor(repository: IRepository, image: Construct): CopyHandler {
  const stack = Stack.of(image);
  const [scope, id] = stack === Stack.of(repository)
    ? [repository, 'CopyHandler']
    : [stack, `CopyHandlerOf-${repository.node.path}`];
  const existing = childOf(scope, id);
  return existing instanceof CopyHandler ? existing : new CopyHandler(scope as Construct, id);
}
