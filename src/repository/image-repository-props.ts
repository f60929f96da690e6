import { Annotations, RemovalPolicy } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { PULL_ACCESS, PullAccess, PUSH_ACCESS, PushAccess } from './access/access';
import { ImageEncryption } from './image-encryption';
import { ImageTagMutability } from './image-tag-mutability';
import { LIFECYCLE_RULE, LifecycleRule } from './lifecycle/lifecycle-rule';
import { Retention } from './lifecycle/retention';
import { checkEmptyOnDelete } from '../private/removal';
import { checkNameLength, NEW_REPOSITORY_NAME } from '../private/repository-names';
import { Rules, Shape } from '../private/shape';

// SNAPSHOT is missing: CloudFormation does not support it for repositories.
const REMOVAL_POLICIES = [RemovalPolicy.DESTROY, RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE];

// With fewer versions, a day of failing deployments can delete the running image.
const FEW_VERSIONS = 10;

/** Properties of an `ImageRepository`. */
export interface ImageRepositoryProps {
  /**
   * The name: 2 to 256 lower-case letters and digits, separated by `.`, `_`, `-` or `/`.
   *
   * @default - a name made by CloudFormation, or with `separateRepositories` one derived from the stack name and the path in the stack
   */
  readonly repositoryName?: string;

  /**
   * The lifecycle rules, most important first. They never affect an image that this library has published.
   *
   * @default - no rules besides the `retention`
   */
  readonly lifecycleRules?: LifecycleRule[];

  /**
   * The number of versions of each published image to keep.
   *
   * @default Retention.keepForRollback(50)
   */
  readonly retention?: Retention;

  /**
   * The accounts and principals that may pull, in addition to the roles of this account that have the permission.
   *
   * @default - no one else
   */
  readonly pullFrom?: PullAccess;

  /**
   * The accounts and principals that may push, in addition to the roles of this account that have the permission.
   *
   * @default - no one else
   */
  readonly pushFrom?: PushAccess;

  /**
   * The tags that can move to another image.
   *
   * @default ImageTagMutability.immutable()
   */
  readonly imageTagMutability?: ImageTagMutability;

  /**
   * The encryption of the images at rest. A change replaces the repository, without its images.
   *
   * @default ImageEncryption.aes256()
   */
  readonly encryption?: ImageEncryption;

  /**
   * The removal policy: what CloudFormation does with the repository when it is removed from the stack, or when the stack is deleted.
   *
   * With `DESTROY`, the removal fails while the repository contains images, unless you set `emptyOnDelete`. With `RETAIN`, the repository
   * also stays if the first deployment of its stack fails; the next deployment then fails if the repository has a name. With
   * `RETAIN_ON_UPDATE_OR_DELETE`, CloudFormation deletes it in that case, which suits a repository in a separate stack. It is not the default,
   * because most first deployments fail after the image was pushed, when a service does not start. CloudFormation cannot delete a
   * repository that contains images, so the stack ends in `ROLLBACK_FAILED`.
   *
   * @default RemovalPolicy.RETAIN
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Delete the images together with the repository. Throws without `RemovalPolicy.DESTROY`.
   *
   * CloudFormation deletes the images. Apart from this property and lifecycle rules, this library never deletes images.
   *
   * @default - a repository that contains images cannot be deleted
   */
  readonly emptyOnDelete?: boolean;
}

/** Rules that the properties of a repository share with those of a creation template. */
export const REPOSITORY_RULES = {
  lifecycleRules: { kind: 'list', of: LIFECYCLE_RULE, fix: 'Write lifecycleRules: [LifecycleRule.expireUntagged({ olderThan: Duration.days(7) })].' },
  pullFrom: { kind: 'struct', shape: PULL_ACCESS },
  pushFrom: { kind: 'struct', shape: PUSH_ACCESS },
  imageTagMutability: {
    kind: 'instance', must: 'be an ImageTagMutability', methods: ['_renderMutability', '_moves'],
    fix: 'Call the factory, e.g. ImageTagMutability.immutableExcept(\'latest\').',
  },
  encryption: { kind: 'instance', must: 'be an ImageEncryption', methods: ['_renderEncryption'], fix: 'Call the factory, e.g. ImageEncryption.kms().' },
} as const satisfies Partial<Rules<ImageRepositoryProps>>;

/** Property names of the repository of aws-cdk, with the fix for each. */
export const REPOSITORY_REPLACEMENTS = {
  encryptionKey: 'Write `encryption: ImageEncryption.kms(key)`.',
  imageTagMutabilityExclusionFilters: 'Write `imageTagMutability: ImageTagMutability.immutableExcept(…)`.',
  imageScanOnPush: 'Each image is scanned when it is pushed. To change that for the registry, use `RegistrySettings` with `scanning`.',
};

export const REPOSITORY = new Shape<ImageRepositoryProps>('Write an object such as { repositoryName: \'shop/web\' }, or leave it out.', {
  ...REPOSITORY_RULES,
  repositoryName: NEW_REPOSITORY_NAME,
  retention: { kind: 'instance', must: 'be a Retention', methods: ['_keptImages', '_check'], fix: 'Call the factory, e.g. Retention.keepForRollback(50).' },
  removalPolicy: {
    kind: 'enum', values: REMOVAL_POLICIES, must: 'be a RemovalPolicy that ECR supports', fix: 'Use RemovalPolicy.DESTROY or RemovalPolicy.RETAIN.',
  },
  emptyOnDelete: { kind: 'boolean' },
}, {
  ...REPOSITORY_REPLACEMENTS,
  autoDeleteImages: 'Write `removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true`.',
  lifecycleRegistryId: 'The rules apply to the account of the stack. Leave it out.',
  lifecyclePolicy: 'Write `lifecycleRules`.',
  imageScanningConfiguration: 'Each image is scanned when it is pushed. To change that for the registry, use `RegistrySettings` with `scanning`.',
  resourceTags: 'Write Tags.of(repository).add(…).',
  tags: 'For the tags of the repository, write Tags.of(repository).add(…). For the tags of an image, write `tags` in the options of publish.',
});

/** Checks the props before any resource is created. */
export function checkProps(scope: IConstruct, props: ImageRepositoryProps): void {
  REPOSITORY.check(scope, '', props);
  props.retention?._check(scope);
  if (props.repositoryName !== undefined) checkNameLength(scope, props.repositoryName);
  checkEmptyOnDelete(scope, props);
}

/** Warns about a retention that failed deployments can use up: each one pushes an image, and ECR does not know which image runs. */
export function warnOfFewVersions(scope: IConstruct, versions: number): void {
  if (versions >= FEW_VERSIONS) return;
  Annotations.of(scope).addWarningV2('cdk-container-delivery:fewVersions',
    `Retention.keepForRollbackByPushDate(${versions}) counts pushes, including those of failed deployments: after ${versions + 1} failed deployments`
    + ` in a row, ECR deletes the running image. Keep at least ${FEW_VERSIONS} versions, or use Retention.keepForRollback(${versions}),`
    + ' which keeps all images that are pushed directly.');
}
