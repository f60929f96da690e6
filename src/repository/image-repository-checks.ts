import { RemovalPolicy, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { REPOSITORY_NAMES } from './image-repository-names';
import { ImageRepositoryProps } from './image-repository-props';
import { checkRetention } from './lifecycle/retention';
import { checkNewName } from './repository-name';
import { checkObject, checkOneOf } from '../private/check-types';
import { checkSpelling } from '../private/spelling';
import { reject } from '../private/validation';

// Not SNAPSHOT: ECR has none, and CloudFormation would refuse the template.
const REMOVAL_POLICIES = [RemovalPolicy.DESTROY, RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE];

/** Everything that can be told before anything is created. */
export function checkProps(scope: IConstruct, props: ImageRepositoryProps): void {
  checkObject(scope, 'props', props);
  checkSpelling(scope, '', props, REPOSITORY_NAMES);
  checkRetention(scope, props.retention);
  if (props.repositoryName !== undefined) {
    checkNewName(scope, props.repositoryName);
  }
  if (!Token.isUnresolved(props.emptyOnDelete)) {
    checkOneOf(scope, props.emptyOnDelete, [undefined, true, false], {
      property: 'emptyOnDelete', must: 'be true or false', cure: 'Write it without quotation marks.',
    });
  }
  checkOneOf(scope, props.removalPolicy, [undefined, ...REMOVAL_POLICIES], {
    property: 'removalPolicy', must: 'be a RemovalPolicy that ECR knows', cure: 'Use RemovalPolicy.DESTROY or RemovalPolicy.RETAIN.',
  });
  if (props.emptyOnDelete && props.removalPolicy !== RemovalPolicy.DESTROY) {
    reject(scope, {
      property: 'emptyOnDelete',
      must: 'come with RemovalPolicy.DESTROY',
      got: props.removalPolicy ?? RemovalPolicy.RETAIN,
      cure: 'Set removalPolicy to RemovalPolicy.DESTROY, or leave emptyOnDelete out.',
    });
  }
}
