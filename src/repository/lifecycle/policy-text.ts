/**
 * Which images a rule means, and when, in the words of ECR.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */
export interface RuleSelection {
  readonly tagStatus: TagStatus;
  /** For each of them an image must have a tag that begins like this. */
  readonly tagPrefixList?: readonly string[];
  /** For each of them an image must have a tag that looks like this; `*` stands for anything, also for nothing. */
  readonly tagPatternList?: readonly string[];
  /** @default standard */
  readonly storageClass?: StorageClass;
  readonly countType: CountType;
  /** Days, where time is counted. */
  readonly countUnit?: 'days';
  readonly countNumber: number;
}

/** Whether an image has a tag. */
export type TagStatus = 'tagged' | 'untagged' | 'any';

/** Where an image is stored. */
export type StorageClass = 'standard' | 'archive';

/** What a rule counts. */
export type CountType = 'imageCountMoreThan' | 'sinceImagePushed' | 'sinceImagePulled' | 'sinceImageTransitioned';

/** What a rule does. */
export type RuleAction = { readonly type: 'expire' } | { readonly type: 'transition'; readonly targetStorageClass: 'archive' };

/** A rule, its priority aside. */
export interface RuleText {
  readonly description?: string;
  readonly selection: RuleSelection;
  readonly action: RuleAction;
}

/** A rule of a policy. */
export interface PrioritizedRule extends RuleText {
  /** 1 is the most important one. */
  readonly rulePriority: number;
}

/** Where the images are that a rule acts on. */
export function storageClassOf({ selection: { storageClass = 'standard' } }: RuleText): StorageClass {
  return storageClass;
}
