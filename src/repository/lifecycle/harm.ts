import { Token } from 'aws-cdk-lib';
import { StoredImage, evaluate } from './evaluate';
import { LiveImage } from './live-images';
import { PrioritizedRule, RuleSelection } from './policy-text';
import { Retention } from './retention';
import { matchesPattern } from './tag-match';
import { KEPT_TAG, LIVE_TAG_PREFIX } from '../../image/image-names';
import { sentence } from '../../private/validation';

const DAY = 24 * 60 * 60 * 1000;
const YEAR = 365 * DAY;
// Rules wait for days or years, but those that only protect for a hundred.
const LATER = 80 * YEAR;
const LONG_AGO = -10 * YEAR;
// What a rule does to an image that is not among the newest does not depend on how many those are.
const MANY = 5;

/** An image that must stay. */
interface Needed {
  readonly name: string;
  readonly image: StoredImage;
}

/**
 * What the rules would do to images that run, or that a failed deployment goes back to: nothing, or it is told which rule
 * deletes which image, and when.
 */
export function harmTo(
  images: readonly LiveImage[], foreignTags: readonly string[], retention: Retention, rules: readonly PrioritizedRule[],
): string[] {
  const needed = [
    ...images.flatMap(image => versionsOf(image, retention)),
    ...foreignTags.flatMap(tag => guisesOf(tag, rules)),
  ];
  const countable = rules.map(countingToMany);
  const acting = evaluate(countable, [...needed.map(({ image }) => image), ...countable.flatMap(newerImages)], LATER);
  const told = new Set<string>();
  return needed.flatMap(({ name, image: { digest } }) => {
    if (told.has(name)) return [];
    const harmful = rules.find(({ rulePriority }) => rulePriority === acting.get(digest)?.rulePriority);
    if (harmful === undefined) return [];
    told.add(name);
    return [sentence({
      property: 'lifecycle',
      must: `let ${name} stay, which this app deploys`,
      got: `a rule that ${harmful.action.type === 'expire' ? 'deletes' : 'archives'} it ${when(harmful.selection)}: ${harmful.description ?? ''}`,
      cure: 'Put LifecycleRule.protect(…) for such tags before that rule, or publish the image into the repository.',
    })];
  });
}

/** The image that runs, those to go back to, and one of long ago that was deployed again. */
function versionsOf({ id, tagPrefix, isPushedDirectly }: LiveImage, retention: Retention): Needed[] {
  const kept = Math.min(retention._keptImages(isPushedDirectly) ?? MANY, MANY);
  const versions = Array.from({ length: kept }, (_, age) => ({
    name: age === 0 ? `the image '${id}'` : `the image '${id}' of ${age} deployments ago`,
    image: stored(`${tagPrefix}${age}`, [`${tagPrefix}${age}`], -age * DAY),
  }));
  const again = stored(`${tagPrefix}again`, [`${tagPrefix}again`, `${tagPrefix}${KEPT_TAG}again`], LONG_AGO);
  return isPushedDirectly ? versions : [...versions, { name: `an old version of the image '${id}' that was deployed again`, image: again }];
}

/** An image of which one tag is known: with that alone, and with all that a rule asks for beside it. */
function guisesOf(tag: string, rules: readonly PrioritizedRule[]): Needed[] {
  const more = rules.filter(({ selection }) => asksForMore(selection, tag)).map(({ selection }) => tagsFor(selection));
  return [[], ...more].map((others, number) => ({
    name: `the image with the tag '${tag}'`, image: stored(`${tag} ${number}`, [tag, ...others], 0),
  }));
}

function asksForMore({ tagPrefixList = [], tagPatternList = [] }: RuleSelection, tag: string): boolean {
  const met = [...tagPrefixList.map(prefix => tag.startsWith(prefix)), ...tagPatternList.map(pattern => matchesPattern(pattern, tag))];
  return met.includes(true) && met.includes(false);
}

function countingToMany(rule: PrioritizedRule): PrioritizedRule {
  const { countType, countNumber } = rule.selection;
  const isKnown = !Token.isUnresolved(countNumber);
  const number = isKnown && (countType !== 'imageCountMoreThan' || countNumber <= MANY) ? countNumber : isKnown ? MANY : 1;
  return { ...rule, selection: { ...rule.selection, countNumber: number } };
}

/** As many newer images as it takes for a rule to reach an older one. Newer versions of a published image are no accident. */
function newerImages({ rulePriority, selection }: PrioritizedRule): StoredImage[] {
  if (selection.tagPrefixList?.some(prefix => prefix.startsWith(LIVE_TAG_PREFIX))) return [];
  return Array.from({ length: MANY }, (_, position) => stored(`newer-${rulePriority}-${position}`, tagsFor(selection), DAY));
}

/** Tags that a rule means. */
export function tagsFor({ tagPrefixList = [], tagPatternList = [] }: RuleSelection): string[] {
  return [...tagPrefixList, ...tagPatternList.map(pattern => pattern.replace(/\*/g, 'x'))];
}

function stored(digest: string, tags: readonly string[], pushedAt: number): StoredImage {
  return { digest, tags, pushedAt, storageClass: 'standard', children: [] };
}

function when({ countType, countNumber }: RuleSelection): string {
  const number = Token.isUnresolved(countNumber) ? 'some' : countNumber;
  switch (countType) {
    case 'imageCountMoreThan': return `once ${number} newer ones are there`;
    case 'sinceImagePulled': return `when nobody has pulled it for ${number} days`;
    default: return `${number} days after its push`;
  }
}
