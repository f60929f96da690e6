import { Token } from 'aws-cdk-lib';
import { evaluate, StoredImage } from './evaluate';
import { matchesPattern, patternsOf, PrioritizedRule, RuleSelection, RuleText, tagsFor } from './policy-text';
import { LiveImage, Retention } from './retention';
import { KEPT_TAG, LIVE_TAG_PREFIX } from '../../image/image-names';
import { sentence, Violation } from '../../private/validation';

const DAY = 24 * 60 * 60 * 1000;
const YEAR = 365 * DAY;
// Rules apply after days or years. Rules that only protect have an age of a hundred years.
const LATER = 80 * YEAR;
const LONG_AGO = -10 * YEAR;
// Enough newer images for rules that count time, because their effect does not depend on the number of newer images.
const MANY = 5;

const FEWEST_IMAGES = 3;

const FEWEST_DAYS = 7;

const ACCEPT = 'or accept the rule with a reason: .acceptingTheRisk(\'…\').';

/** An image that must be kept, with its description for messages. */
interface Needed {
  readonly name: string;
  readonly image: Image;
}

/** The tags and age of an image. */
type Image = Pick<StoredImage, 'tags' | 'pushedAt'>;

/**
 * Returns a message for each rule that would delete or archive a running image, or an image that a rollback needs.
 */
export function findUnsafeRules(
  images: readonly LiveImage[], foreignTags: readonly string[], retention: Retention, rules: readonly PrioritizedRule[],
): string[] {
  const needed = [
    ...images.flatMap(image => versionsOf(image, retention)),
    ...foreignTags.flatMap(tag => possibleTags(tag, rules)),
  ];
  const countable = rules.map(countingToMany);
  const stored = [...needed.map(({ image }) => image), ...countable.flatMap(newerImages)].map(withDigest);
  const acting = evaluate(countable, stored, LATER);
  const reported = new Set<string>();
  return needed.flatMap(({ name }, position) => {
    const harmful = rules.find(({ rulePriority }) => rulePriority === acting.get(stored[position].digest)?.rulePriority);
    if (harmful === undefined || reported.has(name)) return [];
    reported.add(name);
    return [sentence({
      property: 'lifecycleRules',
      must: `keep ${name}, which this app deploys`,
      got: `a rule that ${harmful.action.type === 'expire' ? 'deletes' : 'archives'} it ${when(harmful.selection)}: ${harmful.description ?? ''}`,
      fix: 'Put LifecycleRule.protect(…) for such tags before that rule, or publish the image into the repository.',
    })];
  });
}

/** The running version, the versions for a rollback, and an old version that was deployed again. */
function versionsOf({ id, tagPrefix, isPushedDirectly }: LiveImage, retention: Retention): Needed[] {
  const kept = Math.min(retention._keptImages(isPushedDirectly) ?? MANY, MANY);
  const versions = Array.from({ length: kept }, (_, age): Needed => ({
    name: age === 0 ? `the image '${id}'` : `the image '${id}' of ${age} deployments ago`,
    image: { tags: [`${tagPrefix}${age}`], pushedAt: -age },
  }));
  const again = { tags: [`${tagPrefix}${KEPT_TAG}again`], pushedAt: LONG_AGO };
  return isPushedDirectly ? versions : [...versions, { name: `an old version of the image '${id}' that was deployed again`, image: again }];
}

/** Images with a known tag: with this tag only, and with all other tags that a rule requires. */
function possibleTags(tag: string, rules: readonly PrioritizedRule[]): Needed[] {
  const selections = rules.map(({ selection }) => selection).filter(selection => asksForMore(selection, tag));
  return [{}, ...selections].map(selection => ({
    name: `the image with the tag '${tag}'`, image: { tags: [tag, ...tagsFor(selection)], pushedAt: 0 },
  }));
}

function asksForMore(selection: RuleSelection, tag: string): boolean {
  const met = patternsOf(selection).map(pattern => matchesPattern(pattern, tag));
  return met.includes(true) && met.includes(false);
}

function countingToMany(rule: PrioritizedRule): PrioritizedRule {
  const { countType, countNumber } = rule.selection;
  const known = Token.isUnresolved(countNumber) ? 1 : countNumber;
  return { ...rule, selection: { ...rule.selection, countNumber: countType === 'imageCountMoreThan' ? Math.min(known, MANY) : known } };
}

/** The newer images that a rule requires before it applies to an older one. */
function newerImages({ selection }: PrioritizedRule): Image[] {
  const isOfPublished = selection.tagPrefixList?.[0].startsWith(LIVE_TAG_PREFIX);
  return isOfPublished ? [] : Array.from({ length: MANY }, () => ({ tags: tagsFor(selection), pushedAt: DAY }));
}

function withDigest(image: Image, position: number): StoredImage {
  return { ...image, digest: `${position}`, storageClass: 'standard', children: [] };
}

function when({ countType, countNumber }: RuleSelection): string {
  const number = Token.isUnresolved(countNumber) ? 'some' : countNumber;
  switch (countType) {
    case 'imageCountMoreThan': return `after ${number} newer images were pushed`;
    case 'sinceImagePulled': return `${number} days after its last pull`;
    default: return `${number} days after its push`;
  }
}

/** The danger of a rule for all images: it can delete images that a rollback needs. */
export function dangerOf(rule: RuleText): Violation | undefined {
  const { countType, countNumber } = rule.selection;
  if (!isBroad(rule)) return undefined;
  if (countType === 'sinceImagePulled') {
    return {
      property: 'lifecycleRules', must: 'select tags if it archives images that are not pulled, because a task pulls its image only when it starts and can run for years',
      got: rule.description, fix: `Select images by tag, ${ACCEPT}`,
    };
  }
  const [least, what] = countType === 'imageCountMoreThan' ? [FEWEST_IMAGES, 'images'] : [FEWEST_DAYS, 'days'];
  return Token.isUnresolved(countNumber) || !(countNumber < least) ? undefined : {
    property: 'lifecycleRules', must: `keep at least ${least} ${what} if it selects all images, because a service can run one of them`, got: rule.description ?? countNumber,
    fix: `Keep more, select images by tag, ${ACCEPT}`,
  };
}

/** The dangers for published images. */
export function dangersWith(rules: readonly RuleText[], images: readonly LiveImage[]): string[] {
  const accompanied = images.find(({ hasCompanions }) => hasCompanions);
  if (accompanied === undefined) return [];
  return rules.filter(rule => isBroad(rule) && rule.selection.countType === 'imageCountMoreThan').map((rule): Violation => ({
    property: 'lifecycleRules',
    must: `not count all images, because ECR also counts the platforms and signatures of the image '${accompanied.id}'`,
    got: rule.description,
    fix: `Count images with certain tags, or use days, ${ACCEPT}`,
  })).map(sentence);
}

/** Whether the rule applies to all images. */
function isBroad({ selection: { tagStatus, tagPatternList } }: RuleText): boolean {
  // A list that is only known at deployment counts as empty.
  return tagStatus === 'any' || (Array.isArray(tagPatternList) && tagPatternList.every(pattern => /^\*+$/.test(pattern)));
}
