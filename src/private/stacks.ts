import { Lazy, Stack, Stage, Token } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import { reject } from './validation';

/** The stack that is deployed: nested stacks are deployed with the stack around them. */
export function outermostStack(scope: IConstruct): Stack {
  const stack = Stack.of(scope);
  return stack.nestedStackParent ? outermostStack(stack.nestedStackParent) : stack;
}

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

type WithNewName = Stack & { addStackDependency?(target: Stack, reason?: string): void };

/** One stack is deployed after another, by the name that the method has in this version of CDK: the old one warns in newer versions. */
export function deployAfter(stack: WithNewName, other: Stack, reason: string): void {
  if (stack.addStackDependency !== undefined) {
    stack.addStackDependency(other, reason);
  } else {
    stack.addDependency(other, reason);
  }
}

/** The child with an id that may be a path: the construct tree writes its slashes like this. */
export function childOf(scope: IConstruct, id: string): IConstruct | undefined {
  return scope.node.tryFindChild(id.replace(/\//g, '--'));
}

/** Where a construct is itself. */
export function checkOwnScope(owner: Construct): void {
  checkScope(owner, owner.node.scope, 'Make it in a stack, e.g. in the constructor of one, with `this` for its scope.');
}

/** What deploys something has to be in a stack: an App or a Stage is no place for it. */
export function checkScope(owner: Construct, scope: unknown, fix: string): void {
  if (!Construct.isConstruct(scope) || !scope.node.scopes.some(each => Stack.isStack(each))) {
    reject(owner, { property: 'scope', must: 'be a stack, or a construct in one', got: scope, fix });
  }
}

/**
 * A key for the registry of a construct: its account and region.
 *
 * If one of them is a token, stacks of one stage have the same environment. Stages without an environment can be deployed to several.
 */
export function registryOf(construct: IConstruct): string {
  const stack = Stack.of(construct);
  const place = [stack.account, stack.region];
  const stage = place.some(each => Token.isUnresolved(each)) ? Stage.of(construct)?.node.path : undefined;
  return JSON.stringify([stage, ...stack.resolve(place)]);
}
