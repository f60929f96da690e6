import { isObject } from '../../private/shape';

const TAG_STATUSES: readonly unknown[] = ['tagged', 'untagged', 'any'];

const COUNT_TYPES: readonly unknown[] = ['imageCountMoreThan', 'sinceImagePushed', 'sinceImagePulled', 'sinceImageTransitioned'];

const ACTIONS: readonly unknown[] = ['expire', 'transition'];

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

/** The days of a rule that never acts: a hundred years. */
export const NEVER_DAYS = 36_500;

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

/** Reads a policy that ECR has accepted; throws for what is none. */
export function readPolicyText(text: string): PrioritizedRule[] {
  const policy = parse(text);
  if (!isObject(policy) || !Array.isArray(policy.rules)) throw notAPolicy('an object with a list of rules');
  return policy.rules.map((rule: unknown, position) => {
    if (!isRule(rule)) throw notAPolicy(`a rule with priority, selection and action as number ${position + 1}`);
    return rule;
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notAPolicy('JSON');
  }
}

function isRule(rule: unknown): rule is PrioritizedRule {
  if (!isObject(rule) || !isObject(rule.selection) || !isObject(rule.action)) return false;
  const { tagStatus, countType, countNumber, tagPrefixList = [], tagPatternList = [] } = rule.selection;
  return [rule.rulePriority, countNumber].every(Number.isInteger)
    && TAG_STATUSES.includes(tagStatus) && COUNT_TYPES.includes(countType) && ACTIONS.includes(rule.action.type)
    && isTexts(tagPrefixList) && isTexts(tagPatternList) && (tagStatus === 'tagged') === (tagPrefixList.length + tagPatternList.length > 0);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(each => typeof each === 'string' && each !== '');
}

function notAPolicy(missing: string): Error {
  return new Error(`LifecycleSimulator: 'text' must be a lifecycle policy, and has not ${missing}. Take the lifecyclePolicyText of \`aws ecr get-lifecycle-policy\`.`);
}

type SelectedTags = Pick<RuleSelection, 'tagStatus' | 'tagPrefixList' | 'tagPatternList'>;

/** Whether a rule means an image with these tags, whatever its age. */
export function matchesTags(selection: SelectedTags, tags: readonly string[]): boolean {
  switch (selection.tagStatus) {
    case 'any': return true;
    case 'untagged': return tags.length === 0;
    case 'tagged': return patternsOf(selection).every(pattern => tags.some(tag => matchesPattern(pattern, tag)));
  }
}

/** For each of these patterns an image must have a tag. A prefix is a pattern with a star at its end. */
export function patternsOf({ tagPrefixList = [], tagPatternList = [] }: Partial<SelectedTags>): string[] {
  return [...tagPrefixList.map(prefix => `${prefix}*`), ...tagPatternList];
}

/** Tags of an image that a rule means. */
export function tagsFor(selection: Partial<SelectedTags>): string[] {
  return patternsOf(selection).map(pattern => pattern.replace(/\*/g, ''));
}

/** Whether a tag looks like a pattern. Goes through the tag once: a regular expression could take exponential time. */
export function matchesPattern(pattern: string, tag: string): boolean {
  const [first, ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return tag === first;
  if (!tag.startsWith(first)) return false;
  let position = first.length;
  for (const part of rest) {
    const found = tag.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return tag.length >= position + last.length && tag.endsWith(last);
}
