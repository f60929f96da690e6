import { Annotations, RemovalPolicy } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { ImageRepositoryProps } from './image-repository-props';
import { checkRetention } from './lifecycle/retention';
import { checkNewName } from './repository-name';
import { Shape } from '../private/shape';
import { reject } from '../private/validation';

// Not SNAPSHOT: ECR has none, and CloudFormation would refuse the template.
const REMOVAL_POLICIES = [RemovalPolicy.DESTROY, RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE];

// With fewer, a day of failing deployments is enough to lose the image that runs.
const FEW_VERSIONS = 10;

export const REPOSITORY = new Shape<ImageRepositoryProps>('Write an object such as { repositoryName: \'shop/web\' }, or leave it out.', {
  repositoryName: { kind: 'other' },
  lifecycle: { kind: 'other' },
  retention: { kind: 'other' },
  pullFrom: { kind: 'other' },
  pushFrom: { kind: 'other' },
  tagMutability: { kind: 'other' },
  encryption: { kind: 'other' },
  removalPolicy: {
    kind: 'enum', values: REMOVAL_POLICIES, must: 'be a RemovalPolicy that ECR supports', fix: 'Use RemovalPolicy.DESTROY or RemovalPolicy.RETAIN.',
  },
  emptyOnDelete: { kind: 'boolean' },
}, {
  imageTagMutability: 'Write tagMutability: ImageTagMutability.mutable().',
});

/** Everything that can be checked before anything is created. */
export function checkProps(scope: IConstruct, props: ImageRepositoryProps): void {
  REPOSITORY.check(scope, '', props);
  checkRetention(scope, props.retention);
  if (props.repositoryName !== undefined) {
    checkNewName(scope, props.repositoryName);
  }
  if (props.emptyOnDelete && props.removalPolicy !== RemovalPolicy.DESTROY) {
    reject(scope, {
      property: 'emptyOnDelete',
      must: 'come with RemovalPolicy.DESTROY',
      got: props.removalPolicy ?? RemovalPolicy.RETAIN,
      fix: 'Set removalPolicy to RemovalPolicy.DESTROY, or leave emptyOnDelete out.',
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
