import { IRole } from 'aws-cdk-lib/aws-iam';
import { PullAccess, PushAccess } from '../repository/access/access';
import { ImageEncryption } from '../repository/image-encryption';
import { ImageTagMutability } from '../repository/image-tag-mutability';
import { LifecycleRule } from '../repository/lifecycle/lifecycle-rule';

/** For what ECR creates a repository. */
export enum RepositoryCreation {
  /** For an image that is pulled through a cache for the first time. */
  PULL_THROUGH_CACHE = 'PULL_THROUGH_CACHE',
  /** For an image that another registry replicates to this one. */
  REPLICATION = 'REPLICATION',
  /** For an image that is pushed where there is no repository. */
  CREATE_ON_PUSH = 'CREATE_ON_PUSH',
}

/** What ECR gives the repositories that it creates. */
export interface RepositoryCreationTemplateOptions {
  /** For what ECR creates them. Throws when nothing is named, or something twice. */
  readonly appliedFor: RepositoryCreation[];

  /**
   * What the template is there for, in at most 256 characters; more throw.
   *
   * @default - no description
   */
  readonly description?: string;

  /**
   * Which tags may move to another image. Mind that a cache can only follow a tag that may move here too. Tags that start with `live-`
   * or `sha256-` never move: by them, deployed images that were replicated here are found, and what is attached to a digest.
   *
   * @default ImageTagMutability.mutableExcept('live-*', 'sha256-*')
   */
  readonly tagMutability?: ImageTagMutability;

  /**
   * How the images are encrypted at rest. A key of KMS throws without a `role`.
   *
   * @default ImageEncryption.aes256()
   */
  readonly encryption?: ImageEncryption;

  /**
   * Which images expire or go to the archive, most important rule first. As in an `ImageRepository`, none of the rules reaches
   * an image that this library has published, here or in the registry that it was replicated from. Throws at a rule that ECR would refuse, or that is dangerous.
   *
   * @default - images do not expire
   */
  readonly lifecycle?: LifecycleRule[];

  /**
   * Who may pull from each of the repositories, beside the roles of this account that are granted it. The policy of a template is a
   * text: a list that is only known at deployment is written into it by a custom resource of CDK's own.
   *
   * Throws when one of them is malformed, and when a principal is a wildcard without a condition.
   *
   * @default - nobody else
   */
  readonly pullFrom?: PullAccess;

  /**
   * Who may push into each of the repositories, beside the roles of this account that are granted it.
   *
   * Throws when one of them is malformed, and when a principal is a wildcard, with or without a condition.
   *
   * @default - nobody else
   */
  readonly pushFrom?: PushAccess;

  /**
   * Tags of the repositories, not of images, at most 50. Throws when there are more, when one is too long, and without a `role`.
   *
   * @default - none
   */
  readonly resourceTags?: { [key: string]: string };

  /**
   * The role in whose name ECR creates the repositories. It trusts `ecr.amazonaws.com`. Throws when it has a path.
   *
   * @default - ECR's service-linked role, which can give neither a key nor tags
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-create-iam.html
   */
  readonly role?: IRole;
}
