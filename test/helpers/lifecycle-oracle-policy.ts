/**
 * The texts that ECR accepts as a lifecycle policy: the 17 rules of "Lifecycle policy properties in Amazon ECR" and of the API model, as a
 * table. Written from the documentation only. If it is ambiguous, the stricter reading is used, so that a text that is accepted here is accepted
 * by ECR too.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */
interface Requirement {
  readonly number: number;
  readonly says: string;
  readonly holds: (policy: Policy, text: string) => boolean;
}

type Json = Record<string, unknown>;

/** A rule with any properties. */
interface RuleJson {
  readonly rulePriority?: unknown;
  readonly description?: unknown;
  readonly selection?: Json;
  readonly action?: Json;
}

/** The rules of a policy and their parts, with any values. */
interface Policy {
  readonly whole: Json;
  readonly rules: RuleJson[];
}

const KNOWN = {
  policy: ['rules'],
  rule: ['rulePriority', 'description', 'selection', 'action'],
  selection: ['tagStatus', 'tagPatternList', 'tagPrefixList', 'storageClass', 'countType', 'countUnit', 'countNumber'],
  action: ['type', 'targetStorageClass'],
};
const TAG_STATUSES: unknown[] = ['tagged', 'untagged', 'any'];
const STORAGE_CLASSES: unknown[] = ['standard', 'archive'];
const ACTIONS: unknown[] = ['expire', 'transition'];
const COUNT_TYPES: unknown[] = ['imageCountMoreThan', 'sinceImagePushed', 'sinceImagePulled', 'sinceImageTransitioned'];

const REQUIREMENTS: Requirement[] = [
  { number: 1, says: 'a policy has 1 to 50 rules', holds: ({ rules }) => between(1, 50, rules.length) },
  { number: 2, says: 'a text has 100 to 30720 characters', holds: (_, text) => between(100, 30_720, text.length) },
  {
    number: 3,
    says: 'priorities are whole numbers from 1, each once',
    holds: ({ rules }) => rules.every(rule => isPositive(rule.rulePriority)) && areUnique(rules.map(rule => rule.rulePriority)),
  },
  {
    // In an example of the page, `any` of standard storage is before `any` of the archive, so `any` is allowed once per storage class, as last rule.
    number: 4,
    says: 'rules for any image come once a storage class and last',
    holds: ({ rules }) => oncePerClass(rules, 'any') && /^n*y*$/.test(inOrder(rules).map(rule => tagStatusOf(rule) === 'any' ? 'y' : 'n').join('')),
  },
  { number: 5, says: 'a rule for untagged images comes once a storage class', holds: ({ rules }) => oncePerClass(rules, 'untagged') },
  {
    number: 6,
    says: 'no two rules of a storage class have the same set of prefixes',
    holds: ({ rules }) => areUnique(rules.filter(rule => rule.selection?.tagPrefixList !== undefined)
      .map(rule => `${classOf(rule)} ${setOf(rule.selection?.tagPrefixList)}`)),
  },
  {
    number: 7,
    says: 'a rule for tagged images has prefixes or patterns, not both, and no empty one',
    holds: ({ rules }) => rules.filter(rule => tagStatusOf(rule) === 'tagged').every(({ selection = {} }) =>
      [selection.tagPrefixList, selection.tagPatternList].filter(list => list !== undefined).length === 1
      && tagsOf(selection).length > 0 && tagsOf(selection).every(tag => typeof tag === 'string' && tag !== '')),
  },
  {
    number: 8,
    says: 'a rule for other images has no prefixes and no patterns',
    holds: ({ rules }) => rules.filter(rule => tagStatusOf(rule) !== 'tagged').every(({ selection }) =>
      selection?.tagPrefixList === undefined && selection?.tagPatternList === undefined),
  },
  {
    number: 9,
    says: 'a pattern has four stars at most, and else what a tag has; a prefix has no star',
    holds: ({ rules }) => rules.every(({ selection }) =>
      listOf(selection?.tagPatternList).every(pattern => /^[\w.*-]{1,128}$/.test(pattern) && pattern.split('*').length <= 5)
      && listOf(selection?.tagPrefixList).every(prefix => /^[\w.-]{1,128}$/.test(prefix))),
  },
  { number: 10, says: 'a count is a whole number from 1', holds: ({ rules }) => rules.every(rule => isPositive(rule.selection?.countNumber)) },
  {
    number: 11,
    says: 'a count since an event is in days, a count of images has no unit',
    holds: ({ rules }) => rules.every(({ selection }) =>
      selection?.countUnit === (selection?.countType === 'imageCountMoreThan' ? undefined : 'days')),
  },
  { number: 12, says: 'sinceImagePulled only archives', holds: whenCounting('sinceImagePulled', ({ action }) => action?.type === 'transition') },
  {
    number: 13,
    says: 'sinceImageTransitioned only expires, from the archive, after 90 days or more',
    holds: whenCounting('sinceImageTransitioned', ({ selection, action }) =>
      selection?.storageClass === 'archive' && action?.type === 'expire' && Number(selection.countNumber) >= 90),
  },
  {
    number: 14,
    says: 'other counts select the standard class',
    holds: ({ rules }) => rules.every(rule => rule.selection?.countType === 'sinceImageTransitioned' || classOf(rule) === 'standard'),
  },
  {
    number: 15,
    says: 'a transition goes to the archive, and nothing else has a target',
    holds: ({ rules }) => rules.every(({ action }) => action?.targetStorageClass === (action?.type === 'transition' ? 'archive' : undefined)),
  },
  { number: 16, says: 'the properties are the known ones, of their types, and never null', holds: ({ whole, rules }) => isOfShape(whole, rules) },
  {
    number: 17,
    says: 'a description has 256 characters at most',
    holds: ({ rules }) => rules.every(rule => rule.description === undefined || between(0, 256, String(rule.description).length)),
  },
];

/** The numbers of the rules that a text violates, in order: none if ECR accepts it. */
export function brokenRules(text: string): number[] {
  const policy = read(text);
  return policy ? REQUIREMENTS.filter(({ holds }) => !holds(policy, text)).map(({ number }) => number) : [16];
}

/** Whether ECR accepts a text as a lifecycle policy. */
export function acceptedByEcr(text: string): boolean {
  return brokenRules(text).length === 0;
}

/** The text of one of the 17 rules. */
export function ruleSays(number: number): string {
  return REQUIREMENTS[number - 1].says;
}

function read(text: string): Policy | undefined {
  try {
    const whole = JSON.parse(text);
    return Array.isArray(whole?.rules) && whole.rules.every(isObject) ? { whole, rules: whole.rules } : undefined;
  } catch {
    return undefined;
  }
}

function whenCounting(countType: string, holds: (rule: RuleJson) => boolean) {
  return ({ rules }: Policy) => rules.filter(rule => rule.selection?.countType === countType).every(holds);
}

function isOfShape(whole: Json, rules: RuleJson[]): boolean {
  return knows(whole, KNOWN.policy) && rules.every(rule => {
    const { selection, action, description } = rule;
    return knows(rule, KNOWN.rule) && knows(selection, KNOWN.selection) && knows(action, KNOWN.action)
      && ['undefined', 'string'].includes(typeof description)
      && TAG_STATUSES.includes(selection.tagStatus)
      && COUNT_TYPES.includes(selection.countType)
      && STORAGE_CLASSES.includes(classOf(rule))
      && ACTIONS.includes(action.type)
      && [selection.tagPatternList, selection.tagPrefixList].every(list => list === undefined || Array.isArray(list));
  });
}

function knows(part: unknown, names: string[]): part is Json {
  return isObject(part) && Object.entries(part).every(([name, value]) => names.includes(name) && value !== null);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function oncePerClass(rules: RuleJson[], tagStatus: string): boolean {
  return areUnique(rules.filter(rule => tagStatusOf(rule) === tagStatus).map(classOf));
}

function inOrder(rules: RuleJson[]): RuleJson[] {
  return [...rules].sort((one, other) => Number(one.rulePriority) - Number(other.rulePriority));
}

function tagStatusOf(rule: RuleJson): unknown {
  return rule.selection?.tagStatus;
}

function classOf(rule: RuleJson): unknown {
  return rule.selection?.storageClass ?? 'standard';
}

function tagsOf(selection: Json): unknown[] {
  return [...listOf(selection.tagPrefixList), ...listOf(selection.tagPatternList)];
}

function listOf(list: unknown): string[] {
  return Array.isArray(list) ? list as string[] : [];
}

function setOf(list: unknown): string {
  return [...new Set(listOf(list))].sort().join(' ');
}

function isPositive(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1;
}

function between(least: number, most: number, value: number): boolean {
  return value >= least && value <= most;
}

function areUnique(values: unknown[]): boolean {
  return new Set(values).size === values.length;
}
