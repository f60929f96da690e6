import { IPrincipal } from 'aws-cdk-lib/aws-iam';
import { PullService } from './pull-service';

/**
 * Who may pull from a repository. Each list adds somebody, and pulling is all that they get.
 *
 * Roles of other accounts need the permission in their own account too; the repository allows it from its side.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
 */
export interface PullAccess {
  /**
   * Accounts, 12 digits each. Every role and user in them that its own account allows to pull.
   *
   * @default - no further accounts
   */
  readonly accounts?: string[];

  /**
   * Organizations, such as `o-a1b2c3d4e5`: every account in them.
   *
   * @default - no organizations
   */
  readonly organizations?: string[];

  /**
   * Organizational units by their whole path, such as `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`: every account in them and in the
   * units below. A path that is only known at deployment has no `/` at its end; those of a list that is only known then end with `/*`.
   *
   * @default - no organizational units
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgpaths
   */
  readonly organizationalUnits?: string[];

  /**
   * Services of AWS that pull by themselves, for resources of the repository's account and, where the service can, of `accounts`.
   *
   * Tasks of ECS and pods of EKS pull by a role: they need no service here.
   *
   * @default - no services
   */
  readonly services?: PullService[];

  /**
   * Roles, users and other principals of IAM.
   *
   * @default - no further principals
   */
  readonly principals?: IPrincipal[];
}

/**
 * Who may push into a repository, one by one.
 *
 * There are no organizations here: whoever pushes decides what runs, and a statement for an organization is one for everybody with a
 * condition, so that one mistake in the condition would let strangers in. They get what `docker push` takes, and nothing that deletes
 * images or changes the repository; who pulls too is named in `pullFrom` too.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
 */
export interface PushAccess {
  /**
   * Accounts, 12 digits each. Every role and user in them that its own account allows to push.
   *
   * @default - no accounts
   */
  readonly accounts?: string[];

  /**
   * Roles, users and other principals of IAM.
   *
   * @default - no principals
   */
  readonly principals?: IPrincipal[];
}

/** Who may do what is neither pulling nor pushing, and why. */
export interface AdministrationAccess {
  /** Roles, users, accounts; never everybody. */
  readonly principals: IPrincipal[];

  /** What they may do, such as `ecr:PutLifecyclePolicy`. */
  readonly actions: string[];

  /** Why, as a sentence for whoever reads the template: it stands in the metadata of the repository. 20 characters at least. */
  readonly reason: string;
}
