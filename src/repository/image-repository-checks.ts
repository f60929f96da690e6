import { Annotations, RemovalPolicy, Token } from 'aws-cdk-lib';
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

// With fewer, a day of failing deployments is enough to lose the image that runs.
const FEW_VERSIONS = 10;

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

/** Each failed deployment pushes an image, and nothing tells ECR that an older one runs on. */
export function warnOfFewVersions(scope: IConstruct, versions: number): void {
  if (versions >= FEW_VERSIONS) return;
  Annotations.of(scope).addWarningV2('cdk-container-delivery:fewVersions',
    `Retention.keepForRollbackByPushDate(${versions}) counts pushes, also those of deployments that fail: after ${versions + 1} failed deployments`
    + ` in a row, ECR deletes the image that runs. Keep at least ${FEW_VERSIONS} versions, or use Retention.keepForRollback(${versions}),`
    + ' which keeps all images that are pushed directly.');
}
