import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { CopyHandler } from '../copy/copy-handler';
import { outermostStack } from '../private/outermost-stack';

/** One handler for each repository, in the stack that uses its images. */
export function copyHandlerFor(repository: IRepository, image: Construct): CopyHandler {
  const stack = outermostStack(image);
  const [scope, id] = stack === outermostStack(repository)
    ? [repository, 'CopyHandler']
    : [stack, `CopyHandlerOf-${repository.node.path}`];
  const existing = scope.node.tryFindChild(id.replace(/\//g, '--'));
  return existing instanceof CopyHandler ? existing : new CopyHandler(scope as Construct, id, repository);
}
