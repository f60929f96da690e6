import { Lazy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { outermostStack } from './outermost-stack';
import { reject } from './validation';

/**
 * A value for the stack of its construct and the stacks nested with it.
 *
 * In any other stack a digest would become an export, which cannot change while it is used; and an image would be
 * used that the other stack may not have pushed yet.
 */
export function insideStack(owner: Construct, value: string): string {
  return Lazy.uncachedString({
    produce: ({ scope }) => {
      if (outermostStack(scope) !== outermostStack(owner)) {
        reject(scope, {
          property: 'image',
          must: 'be published in the stack that uses it, because only that stack knows when it is there',
          got: `an image of ${Stack.of(owner).node.path}`,
          fix: 'Publish it there, e.g. repository.buildAndPushImage(\'./app\', { scope: this }). To copy it on from another stack, name it by a digest or tag that you know.',
        });
      }
      return value;
    },
  });
}
