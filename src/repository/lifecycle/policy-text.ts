import { isObject } from '../../private/shape';

const TAG_STATUSES: readonly unknown[] = ['tagged', 'untagged', 'any'];

const COUNT_TYPES: readonly unknown[] = ['imageCountMoreThan', 'sinceImagePushed', 'sinceImagePulled', 'sinceImageTransitioned'];

const ACTIONS: readonly unknown[] = ['expire', 'transition'];

/**
 * The images that a rule selects, and when it applies to them: the `selection` of a lifecycle policy.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */
export interface RuleSelection {
  readonly tagStatus: TagStatus;
  /** Prefixes. An image must have a matching tag for each of them. */
  readonly tagPrefixList?: readonly string[];
  /** Patterns. An image must have a matching tag for each of them. `*` matches any number of characters. */
  readonly tagPatternList?: readonly string[];
  /** @default standard */
  readonly storageClass?: StorageClass;
  readonly countType: CountType;
  /** The unit of `countNumber`. Only for rules that count time. */
  readonly countUnit?: 'days';
  readonly countNumber: number;
}

/** The number of days in a rule that never applies: a hundred years. */
export const NEVER_DAYS = 36_500;

/** A filter for tagged or untagged images. */
export type TagStatus = 'tagged' | 'untagged' | 'any';

/** The storage class of an image. */
export type StorageClass = 'standard' | 'archive';

/** The quantity that a rule counts. */
export type CountType = 'imageCountMoreThan' | 'sinceImagePushed' | 'sinceImagePulled' | 'sinceImageTransitioned';

/** The effect of a rule. */
export type RuleAction = { readonly type: 'expire' } | { readonly type: 'transition'; readonly targetStorageClass: 'archive' };

/** A rule without its priority. */
export interface RuleText {
  readonly description?: string;
  readonly selection: RuleSelection;
  readonly action: RuleAction;
}

/** A rule of a policy. */
export interface PrioritizedRule extends RuleText {
  /** 1 is the highest priority. */
  readonly rulePriority: number;
}

/** The storage class of the images that a rule applies to. */
export function storageClassOf({ selection: { storageClass = 'standard' } }: RuleText): StorageClass {
  return storageClass;
}

/** Reads a policy that ECR has accepted. Throws if the text is not a policy. */
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
  return new Error(`LifecycleSimulator: 'text' must be a lifecycle policy, but it is not ${missing}. Use the lifecyclePolicyText that \`aws ecr get-lifecycle-policy\` prints.`);
}

type SelectedTags = Pick<RuleSelection, 'tagStatus' | 'tagPrefixList' | 'tagPatternList'>;

/** Whether a rule selects an image with these tags. The age of the image does not matter. */
export function matchesTags(selection: SelectedTags, tags: readonly string[]): boolean {
  switch (selection.tagStatus) {
    case 'any': return true;
    case 'untagged': return tags.length === 0;
    case 'tagged': return patternsOf(selection).every(pattern => tags.some(tag => matchesPattern(pattern, tag)));
  }
}

/** The patterns of a rule. An image must have a matching tag for each. A prefix is a pattern with a star at its end. */
export function patternsOf({ tagPrefixList = [], tagPatternList = [] }: Partial<SelectedTags>): string[] {
  return [...tagPrefixList.map(prefix => `${prefix}*`), ...tagPatternList];
}

/** Example tags of an image that a rule selects. */
export function tagsFor(selection: Partial<SelectedTags>): string[] {
  return patternsOf(selection).map(pattern => pattern.replace(/\*/g, ''));
}

/** Whether a tag matches a pattern. Reads the tag only once, because a regular expression could take exponential time. */
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
