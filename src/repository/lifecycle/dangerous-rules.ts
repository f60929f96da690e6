import { Token } from 'aws-cdk-lib';
import { LiveImage } from './live-images';
import { RuleText } from './policy-text';
import { sentence, Violation } from '../../private/validation';

const FEWEST_IMAGES = 3;
const FEWEST_DAYS = 7;

const ACCEPT = 'or say why it does no harm: .acceptingTheRisk(\'…\').';

/** What is dangerous about a rule for all images: it leaves less than a rollback may need. */
export function dangerOf(rule: RuleText): Violation | undefined {
  const { countType, countNumber } = rule.selection;
  if (!isBroad(rule)) return undefined;
  if (countType === 'sinceImagePulled') {
    return {
      property: 'lifecycle', must: 'name tags when it archives what nobody pulls, because a task pulls its image once and may run for years',
      got: rule.description, fix: `Name the tags that you mean, ${ACCEPT}`,
    };
  }
  const [least, what] = countType === 'imageCountMoreThan' ? [FEWEST_IMAGES, 'images'] : [FEWEST_DAYS, 'days'];
  return Token.isUnresolved(countNumber) || !(countNumber < least) ? undefined : {
    property: 'lifecycle', must: `leave at least ${least} ${what} when it means all images, because others may run one of them`, got: rule.description ?? countNumber,
    fix: `Keep more, name the tags that you mean, ${ACCEPT}`,
  };
}

/** What is dangerous because of the images that are published into the repository. */
export function dangersWith(rules: readonly RuleText[], images: readonly LiveImage[]): string[] {
  const accompanied = images.find(({ hasCompanions }) => hasCompanions);
  if (accompanied === undefined) return [];
  return rules.filter(rule => isBroad(rule) && rule.selection.countType === 'imageCountMoreThan').map((rule): Violation => ({
    property: 'lifecycle',
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
