import { Stack } from 'aws-cdk-lib';

/** The ids of a stack and of those around it: any of them may be the one that is rolled back. */
export function stackIds(stack: Stack): string[] {
  return stack.nestedStackParent ? [stack.stackId, ...stackIds(stack.nestedStackParent)] : [stack.stackId];
}
