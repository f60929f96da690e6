import { Annotations, RemovalPolicy } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PullAccess, PushAccess } from './access/access';
import { ImageEncryption } from './image-encryption';
import { ImageTagMutability } from './image-tag-mutability';
import { LifecycleRule } from './lifecycle/lifecycle-rule';
import { checkRetention, Retention } from './lifecycle/retention';
import { checkNewName } from '../private/repository-names';
import { Shape } from '../private/shape';
import { reject } from '../private/validation';

// Not SNAPSHOT: ECR has none, and CloudFormation would refuse the template.
const REMOVAL_POLICIES = [RemovalPolicy.DESTROY, RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE];

// With fewer, a day of failing deployments is enough to lose the image that runs.
const FEW_VERSIONS = 10;

export const REPOSITORY = new Shape<ImageRepositoryProps>('Write an object such as { repositoryName: \'shop/web\' }, or leave it out.', {
  repositoryName: { kind: 'other' },
  lifecycleRules: { kind: 'other' },
  retention: { kind: 'other' },
  pullFrom: { kind: 'other' },
  pushFrom: { kind: 'other' },
  imageTagMutability: { kind: 'other' },
  encryption: { kind: 'other' },
  removalPolicy: {
    kind: 'enum', values: REMOVAL_POLICIES, must: 'be a RemovalPolicy that ECR supports', fix: 'Use RemovalPolicy.DESTROY or RemovalPolicy.RETAIN.',
  },
  emptyOnDelete: { kind: 'boolean' },
});

/** Properties of an `ImageRepository`. */
export interface ImageRepositoryProps {
  /**
   * The name: 2 to 256 lower-case letters and digits, separated by `.`, `_`, `-` or `/`.
   *
   * @default - a name made by CloudFormation
   */
  readonly repositoryName?: string;

  /**
   * Which images expire or go to the archive, most important rule first. None of the rules reaches an image that this library
   * has published. A list of your own takes the place of the default.
   *
   * @default - untagged images expire 14 days after they were pushed
   */
  readonly lifecycleRules?: LifecycleRule[];

  /**
   * How many versions of each published image are kept.
   *
   * @default Retention.keepForRollback(50)
   */
  readonly retention?: Retention;

  /**
   * Who may pull, beside the roles of this account that are granted it.
   *
   * @default - nobody else
   */
  readonly pullFrom?: PullAccess;

  /**
   * Who may push, beside the roles of this account that are granted it.
   *
   * @default - nobody else
   */
  readonly pushFrom?: PushAccess;

  /**
   * Which tags may move to another image.
   *
   * @default ImageTagMutability.immutable()
   */
  readonly imageTagMutability?: ImageTagMutability;

  /**
   * How the images are encrypted at rest. A change replaces the repository, without its images.
   *
   * @default ImageEncryption.aes256()
   */
  readonly encryption?: ImageEncryption;

  /**
   * What happens to the repository when it is removed from the stack, with or without the whole stack.
   *
   * With `DESTROY` the removal fails while there are images in it, unless `emptyOnDelete` says otherwise. `RETAIN` keeps it also when the
   * first deployment of its stack fails, and then the name is taken at the next try. `RETAIN_ON_UPDATE_OR_DELETE` takes it away in that
   * case: good for a repository in a stack of its own. It is not the default, because most first deployments fail after the image has
   * arrived, when a service does not start: CloudFormation cannot delete a repository with images, so that the repository stays all
   * the same, and the stack ends in `ROLLBACK_FAILED`.
   *
   * @default RemovalPolicy.RETAIN
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Delete the images together with the repository. Throws without `RemovalPolicy.DESTROY`.
   *
   * CloudFormation's own property. Lifecycle rules aside, nothing else in this library deletes images.
   *
   * @default - a repository that still holds images cannot be deleted
   */
  readonly emptyOnDelete?: boolean;
}

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
