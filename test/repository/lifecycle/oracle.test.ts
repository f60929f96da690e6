import { Stack, Token } from 'aws-cdk-lib';
import { CfnRepository } from 'aws-cdk-lib/aws-ecr';
import * as fc from 'fast-check';
import { ImageRepository, ImageSource, LifecycleRule, LifecycleSimulator, Retention } from '../../../src';
import { ANY_RULES, IMAGES, NOW, RULES, RuleModel, carelessRuleOf, ruleOf, simulated } from '../../helpers/lifecycle-arbitraries';
import { OracleRule, StorageClass, expected } from '../../helpers/lifecycle-oracle';
import { acceptedByEcr, brokenRules } from '../../helpers/lifecycle-oracle-policy';
import { newStack } from '../../helpers/stack';

const RUNS = { numRuns: 300 };

function repositoryWith(lifecycle: LifecycleRule[], retention?: Retention): ImageRepository {
  return new ImageRepository(newStack(), 'Repository', { lifecycle, retention });
}

/** The text that ECR gets; undefined where it gets none. */
function policyTextOf(repository: ImageRepository): string | undefined {
  const policy = Stack.of(repository).resolve((repository.node.defaultChild as CfnRepository).lifecyclePolicy);
  return policy?.lifecyclePolicyText;
}

function rulesOf(text: string | undefined): OracleRule[] {
  return text === undefined ? [] : JSON.parse(text).rules;
}

const RETENTION = fc.oneof(
  fc.constant(undefined),
  fc.constant(Retention.keepAll()),
  fc.integer({ min: 1, max: 4 }).map(Retention.keepForRollback),
  fc.integer({ min: 1, max: 4 }).map(Retention.keepForRollbackByPushDate),
);

describe('the simulator says of every image what the documentation of ECR says:', () => {
  test('for the rules that a repository has', () => {
    let acted = 0;
    fc.assert(fc.property(RULES, IMAGES, (rules, images) => {
      const repository = repositoryWith(rules.map(ruleOf));
      const verdicts = expected(rulesOf(policyTextOf(repository)), images, NOW);
      acted += verdicts.size;
      expect(simulated(repository.lifecycleSimulator, images)).toEqual(verdicts);
    }), { numRuns: 600 });
    expect(acted).toBeGreaterThan(300);
  });

  test('for a text that ECR has, with the rules in any order and gaps between their priorities', () => {
    const priorities = fc.uniqueArray(fc.integer({ min: 1, max: 999 }), { minLength: 6, maxLength: 6 });
    fc.assert(fc.property(RULES, priorities, IMAGES, fc.nat(5), (models, numbers, images, turn) => {
      const ascending = [...numbers].sort((one, other) => one - other);
      const inOrder = rulesOf(policyTextOf(repositoryWith(models.map(ruleOf)))).slice(-models.length || Infinity)
        .map((rule, position) => ({ ...rule, rulePriority: ascending[position] }));
      const rules = [...inOrder.slice(turn), ...inOrder.slice(0, turn)];
      const text = JSON.stringify({ rules });
      expect(simulated(LifecycleSimulator.fromPolicyText(text), images)).toEqual(expected(rules, images, NOW));
    }), RUNS);
  });

  test('for images that are published, whatever is kept of them', () => {
    const ids = fc.uniqueArray(fc.constantFrom('web', 'api', 'job'), { maxLength: 3 });
    fc.assert(fc.property(RULES, RETENTION, ids, IMAGES, fc.nat(9), (models, retention, published, images, mix) => {
      const repository = repositoryWith(models.map(ruleOf), retention);
      for (const id of published) repository.publish(id, ImageSource.registry('nginx:1'));
      const rules = rulesOf(policyTextOf(repository));
      const prefixes = rules.flatMap(({ selection }) => selection.tagPrefixList ?? []).filter(prefix => prefix.startsWith('live-'));
      const tagged = images.map((image, position) => {
        const prefix = prefixes[(position * mix) % Math.max(1, prefixes.length)];
        const live = prefix === undefined || mix === 0 ? [] : [`${prefix}${position}`, ...(position % 4 === 0 ? [`${prefix}.kept-${position}`] : [])];
        return { ...image, tags: [...image.tags, ...live] };
      });
      expect(simulated(repository.lifecycleSimulator, tagged)).toEqual(expected(rules, tagged, NOW));
    }), RUNS);
  });

  test('also when two images were pushed at the same time: as many go as are too many', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (kept, there) => {
      const rule: RuleModel = { factory: 'keepNewest', images: { prefixes: ['v'] }, number: kept };
      const images = Array.from({ length: there }, (_, position) => ({
        digest: `${position}`, tags: ['v1'], pushedAt: NOW, storageClass: 'standard' as StorageClass, members: [],
      }));
      expect(simulated(repositoryWith([ruleOf(rule)]).lifecycleSimulator, images).size).toBe(Math.max(0, there - kept));
    }), RUNS);
  });
});

/** What a construct says to rules: the text, or why there is none. */
function outcome(use: () => ImageRepository): { text?: string; refused?: string } {
  try {
    const repository = use();
    const [refused] = repository.node.validate();
    return refused === undefined ? { text: policyTextOf(repository) } : { refused };
  } catch (error) {
    return { refused: (error as Error).message };
  }
}

describe('whatever the repository accepts, ECR accepts:', () => {
  test('rules that are given, rules that are added later, what is published, and what is kept', () => {
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
      expect(refused ?? '').toMatch(/^$|'lifecycle' must /);
      expect(text === undefined ? [] : brokenRules(text)).toEqual([]);
    }), { numRuns: 400 });
    expect(counts.accepted).toBeGreaterThan(50);
    expect(counts.refused).toBeGreaterThan(50);
  });

  test('up to fifty rules, and texts as long as ECR reads', () => {
    const size = fc.record({ rules: fc.integer({ min: 40, max: 49 }), published: fc.integer({ min: 0, max: 12 }), length: fc.integer({ min: 3, max: 128 }), patterns: fc.integer({ min: 1, max: 6 }) });
    const counts = { accepted: 0, refused: 0 };
    fc.assert(fc.property(size, ({ rules, published, length, patterns }) => {
      const model = (position: number): RuleModel => ({
        factory: 'expire', number: 9, images: { patterns: Array.from({ length: patterns }, (_, each) => `${position}-${each}`.padEnd(length, 'x')) },
      });
      const { text, refused } = outcome(() => {
        const repository = repositoryWith(Array.from({ length: rules }, (_, position) => ruleOf(model(position))));
        for (let id = 0; id < published; id++) repository.publish(`image-${id}`, ImageSource.registry('nginx:1'));
        return repository;
      });
      counts[refused === undefined ? 'accepted' : 'refused'] += 1;
      expect(refused ?? '').toMatch(/^$|'lifecycle' must (have|be) at most /);
      expect(text === undefined ? [] : brokenRules(text)).toEqual([]);
    }), { numRuns: 60 });
    expect(Math.min(counts.accepted, counts.refused)).toBeGreaterThan(3);
  });
});

test('the oracle itself refuses each of what ECR refuses, and takes the examples of the documentation', () => {
  const rule = (change: object = {}, selection: object = {}) => ({
    rulePriority: 1, description: 'a description that makes the text long enough for ECR',
    selection: { tagStatus: 'untagged', countType: 'imageCountMoreThan', countNumber: 1, ...selection }, action: { type: 'expire' }, ...change,
  });
  const text = (...rules: object[]) => JSON.stringify({ rules });

  expect(acceptedByEcr(text(rule()))).toBe(true);
  expect(Token.isUnresolved(text(rule()))).toBe(false);
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
