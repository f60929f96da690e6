import { RemovalPolicy } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { EnumRule } from './shape';
import { reject } from './validation';

/** What happens to something outside of CloudFormation when its resource is removed. */
export const RETAIN_OR_DESTROY: EnumRule = {
  kind: 'enum', values: [RemovalPolicy.RETAIN, RemovalPolicy.DESTROY], must: 'be RETAIN or DESTROY', fix: 'Use RemovalPolicy.RETAIN or RemovalPolicy.DESTROY.',
};

/** Rejects the deletion of images together with something that stays. */
export function checkEmptyOnDelete(
  scope: IConstruct, { emptyOnDelete, removalPolicy }: { readonly emptyOnDelete?: boolean; readonly removalPolicy?: RemovalPolicy },
): void {
  if (!emptyOnDelete || removalPolicy === RemovalPolicy.DESTROY) return;
  reject(scope, {
    property: 'emptyOnDelete', must: 'come with RemovalPolicy.DESTROY', got: removalPolicy ?? RemovalPolicy.RETAIN,
    fix: 'Set removalPolicy to RemovalPolicy.DESTROY, or leave emptyOnDelete out.',
  });
}
