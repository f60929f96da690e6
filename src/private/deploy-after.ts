import { Stack } from 'aws-cdk-lib';

type WithNewName = Stack & { addStackDependency?(target: Stack, reason?: string): void };

/** One stack is deployed after another, by the name that the method has in this version of CDK: the old one warns in newer versions. */
export function deployAfter(stack: WithNewName, other: Stack, reason: string): void {
  if (stack.addStackDependency !== undefined) {
    stack.addStackDependency(other, reason);
  } else {
    stack.addDependency(other, reason);
  }
}
