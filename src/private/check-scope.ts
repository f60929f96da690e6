import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { reject } from './validation';

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
