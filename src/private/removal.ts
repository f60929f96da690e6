import { RemovalPolicy } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { EnumRule } from './shape';
import { reject } from './validation';

/** The rule of a removal policy for something outside of CloudFormation. */
export const RETAIN_OR_DESTROY: EnumRule = {
  kind: 'enum', values: [RemovalPolicy.RETAIN, RemovalPolicy.DESTROY], must: 'be RETAIN or DESTROY', fix: 'Use RemovalPolicy.RETAIN or RemovalPolicy.DESTROY.',
};

/** Rejects `emptyOnDelete` without `RemovalPolicy.DESTROY`. */
export function checkEmptyOnDelete(
  scope: IConstruct, { emptyOnDelete, removalPolicy }: { readonly emptyOnDelete?: boolean; readonly removalPolicy?: RemovalPolicy },
): void {
  if (!emptyOnDelete || removalPolicy === RemovalPolicy.DESTROY) return;
  reject(scope, {
    property: 'emptyOnDelete', must: 'come with RemovalPolicy.DESTROY', got: removalPolicy ?? RemovalPolicy.RETAIN,
    fix: 'Set removalPolicy to RemovalPolicy.DESTROY, or leave emptyOnDelete out.',
  });
}
