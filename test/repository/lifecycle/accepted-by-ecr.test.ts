import * as fc from 'fast-check';
import { ImageSource, LifecycleRule } from '../../../src';
import { runsOf, share } from '../../helpers/exhaustive';
import { ANY_RULES, RETENTION, carelessRuleOf, ruleOf } from '../../helpers/lifecycle-arbitraries';
import { acceptedByEcr, brokenRules } from '../../helpers/lifecycle-oracle-policy';
import { newRepositories, outcome, repositoryWith } from '../../helpers/lifecycle-policy';

const RUNS = runsOf(300);

beforeEach(newRepositories);

test('the oracle rejects every policy that ECR rejects, and accepts the examples of the documentation', () => {
  const rule = (change: object = {}, selection: object = {}) => ({
    rulePriority: 1, description: 'a description that makes the text long enough for ECR',
    selection: { tagStatus: 'untagged', countType: 'imageCountMoreThan', countNumber: 1, ...selection }, action: { type: 'expire' }, ...change,
  });
  const text = (...rules: object[]) => JSON.stringify({ rules });

  expect(acceptedByEcr(text(rule()))).toBe(true);
  expect([
    text(),
    text(rule({ description: 'x'.repeat(30_720) })),
    text(rule({ rulePriority: 0 })),
    text(rule({}, { tagStatus: 'any' }), rule({ rulePriority: 2 })),
    text(rule(), rule({ rulePriority: 2 })),
    text(rule({}, { tagStatus: 'tagged', tagPrefixList: ['a', 'b'] }), rule({ rulePriority: 2 }, { tagStatus: 'tagged', tagPrefixList: ['b', 'a'] })),
    text(rule({}, { tagStatus: 'tagged' })),
    text(rule({}, { tagPrefixList: ['a'] })),
    text(rule({}, { tagStatus: 'tagged', tagPatternList: ['*1*2*3*4*'] })),
    text(rule({}, { countNumber: 0 })),
    text(rule({}, { countUnit: 'days' })),
    text(rule({}, { countType: 'sinceImagePulled', countUnit: 'days' })),
    text(rule({}, { countType: 'sinceImageTransitioned', countUnit: 'days', storageClass: 'archive', countNumber: 89 })),
    text(rule({}, { storageClass: 'archive' })),
    text(rule({ action: { type: 'transition' } })),
    text(rule({ comment: 'why' })),
    text(rule({ description: 'x'.repeat(257) })),
  ].map(each => brokenRules(each)[0])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
});

describe('ECR accepts every policy that the repository accepts:', () => {
  test('rules that you give or add later, published images, and retention', () => {
    const counts = { accepted: 0, refused: 0 };
    const images = fc.uniqueArray(fc.constantFrom('web', 'api', 'job'), { maxLength: 3 });
    fc.assert(fc.property(ANY_RULES, ANY_RULES, RETENTION, images, fc.boolean(), (given, added, retention, published, careful) => {
      const make = careful ? ruleOf : carelessRuleOf;
      const { text, refused } = outcome(() => {
        const repository = repositoryWith(given.map(make), retention);
        for (const id of published) repository.publish(id, ImageSource.registry('nginx:1'));
        for (const rule of added) repository.addLifecycleRule(make(rule));
        return repository;
      });
      counts[refused === undefined ? 'accepted' : 'refused'] += 1;
      expect(refused ?? '').toMatch(/^$|'lifecycle[\w.[\]]*' must /);
      expect(text === undefined ? [] : brokenRules(text)).toEqual([]);
    }), RUNS);
    expect(counts.accepted).toBeGreaterThan(share(50) / 2);
    expect(counts.refused).toBeGreaterThan(share(50) / 2);
  });
});

/** The requested number of rules with patterns, each with that many patterns of that length. */
function manyRules(rules: number, patterns: number, length: number): LifecycleRule[] {
  return Array.from({ length: rules }, (_, position) => ruleOf({
    factory: 'expire', number: 9, images: { patterns: Array.from({ length: patterns }, (__, each) => `${position}-${each}`.padEnd(length, 'x')) },
  }));
}

describe('ECR accepts every policy that the repository accepts, also with many rules:', () => {
  test('fifty at most, including those for published images', () => {
    const counts = { accepted: 0, refused: 0 };
    fc.assert(fc.property(fc.integer({ min: 40, max: 49 }), fc.integer({ min: 0, max: 12 }), (rules, published) => {
      const { text, refused } = outcome(() => {
        const repository = repositoryWith(manyRules(rules, 1, 5));
        for (let id = 0; id < published; id++) repository.publish(`image-${id}`, ImageSource.registry('nginx:1'));
        return repository;
      });
      counts[refused === undefined ? 'accepted' : 'refused'] += 1;
      expect(refused ?? '').toMatch(/^$|'lifecycleRules' must be at most 50 rules/);
      expect(text === undefined ? [] : brokenRules(text)).toEqual([]);
    }), { numRuns: 60 });
    expect(Math.min(counts.accepted, counts.refused)).toBeGreaterThan(3);
  });

  test('a text of the maximum length', () => {
    const counts = { accepted: 0, refused: 0 };
    const size = [fc.integer({ min: 40, max: 46 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 5, max: 128 })] as const;
    fc.assert(fc.property(...size, (rules, patterns, length) => {
      const { text, refused } = outcome(() => repositoryWith(manyRules(rules, patterns, length)));
      counts[refused === undefined ? 'accepted' : 'refused'] += 1;
      expect(refused ?? '').toMatch(/^$|'lifecycleRules' must be at most 30720 characters/);
      expect(text === undefined ? [] : brokenRules(text)).toEqual([]);
    }), { numRuns: 60 });
    expect(Math.min(counts.accepted, counts.refused)).toBeGreaterThan(3);
  });
});
