import { Token } from 'aws-cdk-lib';
import { inArchive, isShield } from './live-images';
import { PrioritizedRule, RuleText, storageClassOf } from './policy-text';

/**
 * As ECR wants them: a rule for all images comes last. What is protected at hand is protected in the archive, too, as soon as a rule
 * deletes from there.
 */
export function inOrder(rules: readonly RuleText[]): RuleText[] {
  const reachesArchive = rules.some(rule => storageClassOf(rule) === 'archive');
  const all = rules.flatMap(rule => reachesArchive && isShield(rule) ? [rule, inArchive(rule)] : [rule]);
  const isLast = (rule: RuleText) => rule.selection.tagStatus === 'any';
  return [...all.filter(rule => !isLast(rule)), ...all.filter(isLast)];
}

/** In the order of the list. */
export function withPriorities(rules: readonly RuleText[]): PrioritizedRule[] {
  return rules.map((rule, index) => ({ rulePriority: index + 1, ...rule }));
}

/** What ECR takes one rule for: these tags, in this storage class. */
export function placeOf(rule: RuleText): string {
  const { tagStatus, tagPrefixList = [], tagPatternList = [] } = rule.selection;
  const sorted = (list: readonly string[]) => Token.isUnresolved(list) ? list : [...list].sort();
  return JSON.stringify([storageClassOf(rule), tagStatus, sorted(tagPrefixList), sorted(tagPatternList)]);
}

/** The place, for people. */
export function nameOf(rule: RuleText): string {
  const { tagStatus } = rule.selection;
  const images = { any: 'all images', untagged: 'untagged images', tagged: 'the same tags' }[tagStatus];
  return storageClassOf(rule) === 'archive' ? `${images} in the archive` : images;
}
