import * as fc from 'fast-check';
import { runsOf, share } from '../../helpers/exhaustive';
import { daysAgo, NOW, RuleModel, RULES, ruleOf } from '../../helpers/lifecycle-arbitraries';
import { expected, globs, OracleImage, OracleRule } from '../../helpers/lifecycle-oracle';
import { newRepositories, policyTextOf, refusedFor, repositoryWith, rulesOf } from '../../helpers/lifecycle-policy';

beforeEach(newRepositories);

test('rules are rejected for a deployed tag exactly if ECR would remove such an image within 80 years, however many newer images there are', () => {
  const MORE_THAN_ANY_RULE_COUNTS = 70;
  const outcomes = { harmed: 0, safe: 0 };

  fc.assert(fc.property(RULES, fc.constantFrom('prod-1', 'v1', 'v1-rc1', 'aba', 'beta-1'), (models, tag) => {
    const repository = repositoryWith(models.map(ruleOf));
    const refused = refusedFor(tag, repository);

    const image = (digest: string, tags: string[], pushedAt: Date): OracleImage => ({ digest, tags, pushedAt, storageClass: 'standard', members: [] });
    // The image can have the other tags that a rule selects.
    const beside = models.map(tagsOf).filter(tags => tags.some(each => globs(each, tag)) && !tags.every(each => globs(each, tag)));
    const running = [[], ...beside].map((tags, index) => image(`running-${index}`, [tag, ...tags.map(textLike)], NOW));
    const newer = models.flatMap((model, of) => Array.from({ length: MORE_THAN_ANY_RULE_COUNTS }, (_, index) =>
      image(`newer-${of}-${index}`, tagsOf(model).map(textLike), new Date(daysAgo(-1).getTime() + index))));
    const verdicts = expected(rulesOf(policyTextOf(repository)).filter(rule => !isForDeployed(rule)), [...running, ...newer], daysAgo(-80 * 365));
    const isHarmed = running.some(({ digest }) => verdicts.has(digest));

    outcomes[isHarmed ? 'harmed' : 'safe'] += 1;
    expect(refused).toHaveLength(isHarmed ? 1 : 0);
  }), runsOf(150));
  expect(Math.min(outcomes.harmed, outcomes.safe)).toBeGreaterThan(share(20) / 4);
}, 120_000);

/** The tags that a rule selects, as patterns. */
function tagsOf({ images }: RuleModel): string[] {
  if (typeof images === 'string') return [];
  return 'prefixes' in images ? images.prefixes.map(prefix => `${prefix}*`) : images.patterns;
}

function textLike(pattern: string): string {
  return pattern.replace(/\*/g, 'x');
}

/** The rule that protects the tag. It would hide the error. */
function isForDeployed(rule: OracleRule): boolean {
  return JSON.stringify(rule).includes('The image with the tag');
}
