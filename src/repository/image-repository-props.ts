import { RemovalPolicy } from 'aws-cdk-lib';
import { LifecycleRule } from './lifecycle/lifecycle-rule';
import { Retention } from './lifecycle/retention';

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
   * has published.
   *
   * @default - untagged images expire 14 days after they were pushed
   */
  readonly lifecycle?: LifecycleRule[];

  /**
   * How many versions of each published image are kept.
   *
   * @default Retention.keepForRollback(50)
   */
  readonly retention?: Retention;

  /**
   * What happens to the repository when it is removed from the stack.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Delete the images together with the repository. Throws without `RemovalPolicy.DESTROY`.
   *
   * CloudFormation's own property.
   *
   * @default - a repository that still holds images cannot be deleted
   */
  readonly emptyOnDelete?: boolean;
}
