import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { HandlerFunction } from './handler-function';

/** Lets the function ask whether the stack of a construct is rolled back. */
export function letSeeRollbacks(scope: Construct, { role }: HandlerFunction): void {
  role.addToPolicy(new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: stackIds(Stack.of(scope)) }));
}

/** The stack and those around it: any of them may be the one that is rolled back. */
function stackIds(stack: Stack): string[] {
  return stack.nestedStackParent ? [stack.stackId, ...stackIds(stack.nestedStackParent)] : [stack.stackId];
}
