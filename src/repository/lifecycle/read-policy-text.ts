import { PrioritizedRule } from './policy-text';
import { isObject } from '../../private/check-types';

const TAG_STATUSES: readonly unknown[] = ['tagged', 'untagged', 'any'];
const COUNT_TYPES: readonly unknown[] = ['imageCountMoreThan', 'sinceImagePushed', 'sinceImagePulled', 'sinceImageTransitioned'];
const ACTIONS: readonly unknown[] = ['expire', 'transition'];

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
