import { Stack } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { ImageRepository, ImageSource, LifecycleRule, LifecycleSimulator, Retention } from '../../../src';
import { IMAGES, NOW, RULES, RuleModel, ruleOf, simulated } from '../../helpers/lifecycle-arbitraries';
import { StorageClass, expected } from '../../helpers/lifecycle-oracle';
import { policyTextOf, rulesOf } from '../../helpers/lifecycle-policy';
import { newStack } from '../../helpers/stack';

const RUNS = { numRuns: 300 };

// One stack for all runs of a test: a stack costs more time than a repository.
let stack: Stack;
let repositories: number;

beforeEach(() => {
  stack = newStack();
  repositories = 0;
});

function repositoryWith(lifecycle: LifecycleRule[], retention?: Retention): ImageRepository {
  return new ImageRepository(stack, `Repository${repositories++}`, { lifecycle, retention });
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
    }), RUNS);
    expect(acted).toBeGreaterThan(200);
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
        const live = prefix === undefined || mix === 0 ? [] : [`${prefix}${position}`, ...(position % 4 === 0 ? [`${prefix}kept-${position}`] : [])];
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
