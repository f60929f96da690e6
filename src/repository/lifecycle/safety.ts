import { Token } from 'aws-cdk-lib';
import { evaluate, StoredImage } from './evaluate';
import { matchesPattern, patternsOf, PrioritizedRule, RuleSelection, RuleText, tagsFor } from './policy-text';
import { LiveImage, Retention } from './retention';
import { KEPT_TAG, LIVE_TAG_PREFIX } from '../../image/image-names';
import { sentence, Violation } from '../../private/validation';

const DAY = 24 * 60 * 60 * 1000;
const YEAR = 365 * DAY;
// Rules wait for days or years, but those that only protect for a hundred.
const LATER = 80 * YEAR;
const LONG_AGO = -10 * YEAR;
// What a rule does to an image that is not among the newest does not depend on how many those are.
const MANY = 5;

const FEWEST_IMAGES = 3;

const FEWEST_DAYS = 7;

const ACCEPT = 'or say why it does no harm: .acceptingTheRisk(\'…\').';

/** An image that must stay. */
interface Needed {
  readonly name: string;
  readonly image: Image;
}

/** An image at hand, without a name of its own. */
type Image = Pick<StoredImage, 'tags' | 'pushedAt'>;

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
  const stored = [...needed.map(({ image }) => image), ...countable.flatMap(newerImages)].map(withDigest);
  const acting = evaluate(countable, stored, LATER);
  const told = new Set<string>();
  return needed.flatMap(({ name }, position) => {
    const harmful = rules.find(({ rulePriority }) => rulePriority === acting.get(stored[position].digest)?.rulePriority);
    if (harmful === undefined || told.has(name)) return [];
    told.add(name);
    return [sentence({
      property: 'lifecycleRules',
      must: `let ${name} stay, which this app deploys`,
      got: `a rule that ${harmful.action.type === 'expire' ? 'deletes' : 'archives'} it ${when(harmful.selection)}: ${harmful.description ?? ''}`,
      fix: 'Put LifecycleRule.protect(…) for such tags before that rule, or publish the image into the repository.',
    })];
  });
}

/** The image that runs, those to go back to, and one of long ago that was deployed again. */
function versionsOf({ id, tagPrefix, isPushedDirectly }: LiveImage, retention: Retention): Needed[] {
  const kept = Math.min(retention._keptImages(isPushedDirectly) ?? MANY, MANY);
  const versions = Array.from({ length: kept }, (_, age): Needed => ({
    name: age === 0 ? `the image '${id}'` : `the image '${id}' of ${age} deployments ago`,
    image: { tags: [`${tagPrefix}${age}`], pushedAt: -age },
  }));
  const again = { tags: [`${tagPrefix}${KEPT_TAG}again`], pushedAt: LONG_AGO };
  return isPushedDirectly ? versions : [...versions, { name: `an old version of the image '${id}' that was deployed again`, image: again }];
}

/** An image of which one tag is known: with that alone, and with all that a rule asks for beside it. */
function guisesOf(tag: string, rules: readonly PrioritizedRule[]): Needed[] {
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

/** As many newer images as it takes for a rule to reach an older one. Newer versions of a published image are no accident. */
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
    case 'imageCountMoreThan': return `once ${number} newer ones are there`;
    case 'sinceImagePulled': return `when nobody has pulled it for ${number} days`;
    default: return `${number} days after its push`;
  }
}

/** What is dangerous about a rule for all images: it leaves less than a rollback may need. */
export function dangerOf(rule: RuleText): Violation | undefined {
  const { countType, countNumber } = rule.selection;
  if (!isBroad(rule)) return undefined;
  if (countType === 'sinceImagePulled') {
    return {
      property: 'lifecycleRules', must: 'name tags when it archives what nobody pulls, because a task pulls its image once and may run for years',
      got: rule.description, fix: `Name the tags that you mean, ${ACCEPT}`,
    };
  }
  const [least, what] = countType === 'imageCountMoreThan' ? [FEWEST_IMAGES, 'images'] : [FEWEST_DAYS, 'days'];
  return Token.isUnresolved(countNumber) || !(countNumber < least) ? undefined : {
    property: 'lifecycleRules', must: `leave at least ${least} ${what} when it means all images, because others may run one of them`, got: rule.description ?? countNumber,
    fix: `Keep more, name the tags that you mean, ${ACCEPT}`,
  };
}

/** What is dangerous because of the images that are published into the repository. */
export function dangersWith(rules: readonly RuleText[], images: readonly LiveImage[]): string[] {
  const accompanied = images.find(({ hasCompanions }) => hasCompanions);
  if (accompanied === undefined) return [];
  return rules.filter(rule => isBroad(rule) && rule.selection.countType === 'imageCountMoreThan').map((rule): Violation => ({
    property: 'lifecycleRules',
    must: `not count all images, because of the image '${accompanied.id}' ECR counts the platforms and signatures too`,
    got: rule.description,
    fix: `Count images with certain tags, or days, ${ACCEPT}`,
  })).map(sentence);
}

/** Whether it means whatever is there. */
function isBroad({ selection: { tagStatus, tagPatternList } }: RuleText): boolean {
  // A list that is only known at deployment is none.
  return tagStatus === 'any' || (Array.isArray(tagPatternList) && tagPatternList.every(pattern => /^\*+$/.test(pattern)));
}
