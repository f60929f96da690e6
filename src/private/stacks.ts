import { createHash } from 'crypto';
import { Lazy, Stack, Stage, Token } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import { reject } from './validation';

/** The top-level stack. Nested stacks are deployed with it. */
export function outermostStack(scope: IConstruct): Stack {
  const stack = Stack.of(scope);
  return stack.nestedStackParent ? outermostStack(stack.nestedStackParent) : stack;
}

/**
 * The counterpart of a repository in the original stack. It is the repository itself, unless the repository is in an additional stack.
 *
 * Read from a property, because the repository can come from another copy of this package.
 */
export function homeOf(repository: IConstruct): IConstruct {
  return '_home' in repository ? repository._home as IConstruct : repository;
}

/**
 * A value that only the stack of its owner and its nested stacks can use.
 *
 * In another stack, a digest would become an export, which cannot change while it is imported. The image might also not exist yet.
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

/** A construct ID for an item of a list. It depends on the value of the item, which may be a token, and never on its position. */
export function idOfValue(scope: IConstruct, prefix: string, value: string): string {
  return `${prefix}${createHash('sha256').update(JSON.stringify(Stack.of(scope).resolve(value))).digest('hex').slice(0, 8)}`;
}

/** The child with an ID that may contain slashes, which the construct tree replaces. */
export function childOf(scope: IConstruct, id: string): IConstruct | undefined {
  return scope.node.tryFindChild(id.replace(/\//g, '--'));
}

/** Rejects a construct outside of a stack. */
export function checkOwnScope(owner: Construct): void {
  checkScope(owner, owner.node.scope, 'Make it in a stack, e.g. in the constructor of one, with `this` for its scope.');
}

/** Rejects an App or a Stage as the scope of a construct with resources. */
export function checkScope(owner: Construct, scope: unknown, fix: string): void {
  if (!Construct.isConstruct(scope) || !scope.node.scopes.some(each => Stack.isStack(each))) {
    reject(owner, { property: 'scope', must: 'be a stack, or a construct in one', got: scope, fix });
  }
}

/**
 * A key for the registry of a construct: its account and region.
 *
 * If one of them is a token, all stacks of a stage are assumed to share one environment. Different stages can be deployed to different environments.
 */
export function registryOf(construct: IConstruct): string {
  const { account, region } = Stack.of(construct);
  return environmentKey(construct, [account, region]);
}

/** A key for the account of a construct, like `registryOf`. */
export function accountOf(construct: IConstruct): string {
  return environmentKey(construct, [Stack.of(construct).account]);
}

/** A key for parts of the environment of a construct, and for its stage if one of them is a token. */
function environmentKey(construct: IConstruct, parts: readonly string[]): string {
  const stack = Stack.of(construct);
  const stage = parts.some(each => Token.isUnresolved(each)) ? Stage.of(construct)?.node.path : undefined;
  return JSON.stringify([stage, ...stack.resolve(parts)]);
}
