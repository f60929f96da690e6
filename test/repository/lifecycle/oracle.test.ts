import { Duration } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { ImageSelection, ImageSource, LifecycleRule, LifecycleSimulator } from '../../../src';
import { runsOf, share } from '../../helpers/exhaustive';
import { IMAGES, NOW, RETENTION, RULES, RuleModel, daysAgo, ruleOf, simulated } from '../../helpers/lifecycle-arbitraries';
import { OracleImage, StorageClass, expected } from '../../helpers/lifecycle-oracle';
import { newRepositories, policyTextOf, repositoryWith, rulesOf } from '../../helpers/lifecycle-policy';
import { messageOf, wrong } from '../../helpers/wrong-input';

const RUNS = runsOf(300);

beforeEach(newRepositories);

describe('the simulator returns for every image what the ECR documentation says:', () => {
  test('for the rules that a repository has', () => {
    let acted = 0;
    fc.assert(fc.property(RULES, IMAGES, (rules, images) => {
      const repository = repositoryWith(rules.map(ruleOf));
      const verdicts = expected(rulesOf(policyTextOf(repository)), images, NOW);
      acted += verdicts.size;
      expect(simulated(repository.lifecycleSimulator, images)).toEqual(verdicts);
    }), RUNS);
    expect(acted).toBeGreaterThan(share(200) / 2);
  });

  test('for a policy text from ECR, with rules in any order and gaps between their priorities', () => {
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

  test('for published images, with any retention', () => {
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

  test('even if two images were pushed at the same time: as many expire as exceed the count', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (kept, there) => {
      const rule: RuleModel = { factory: 'keepNewest', images: { prefixes: ['v'] }, number: kept };
      const images = Array.from({ length: there }, (_, position) => ({
        digest: `${position}`, tags: ['v1'], pushedAt: NOW, storageClass: 'standard' as StorageClass, members: [],
      }));
      expect(simulated(repositoryWith([ruleOf(rule)]).lifecycleSimulator, images).size).toBe(Math.max(0, there - kept));
    }), RUNS);
  });
});

describe('the simulator', () => {
  const old = daysAgo(400);
  const image: OracleImage = { digest: 'image', tags: [], pushedAt: old, storageClass: 'standard', members: [] };
  const rulesFor = (rules: RuleModel[]) => repositoryWith(rules.map(ruleOf)).lifecycleSimulator;

  test('with rules only applies these rules only', () => {
    const rules = new LifecycleSimulator([LifecycleRule.expire({ images: ImageSelection.all(), olderThan: Duration.days(7) })]);
    expect(simulated(rules, [{ ...image, tags: ['sha256-1.sig'] }])).toEqual(new Map([['image', { priority: 1, action: 'expire' }]]));
  });

  test('keeps a signature that is in an index as long as the index stays, even if its subject is removed', () => {
    const subject = { ...image, digest: 'subject', tags: ['dev-1'] };
    const signature = { ...image, digest: 'signature', subject: 'subject' };
    const index = { ...image, digest: 'index', tags: ['v1'], members: ['signature'] };
    expect([...simulated(rulesFor([{ factory: 'expire', images: { prefixes: ['dev-'] }, number: 7 }]), [subject, signature, index]).keys()]).toEqual(['subject']);
  });

  test('does not archive a signature that is already in the archive', () => {
    const signature: OracleImage = { ...image, digest: 'signature', subject: 'image', storageClass: 'archive', archivedAt: old };
    expect([...simulated(rulesFor([{ factory: 'archive', images: 'all', number: 7 }]), [image, signature]).keys()]).toEqual(['image']);
  });

  test.each(['ARCHIVED', 'ARCHIVE', 'STANDARD', 7])('rejects an unknown storage class, because no rule would ever affect the image: %p', storageClass => {
    const rules = rulesFor([{ factory: 'expire', images: 'all', number: 7 }]);
    expect(messageOf(() => rules.simulate([{ digest: 'image', pushedAt: old, storageClass: wrong(storageClass) }], NOW)))
      .toMatch(/^LifecycleSimulator: 'images\[0\]\.storageClass' must /);
  });

  test.each([[{ tagPatternList: [5] }], [{ tagPrefixList: [null] }], [{}]])('rejects a policy text with a tag rule with the selection %j', tags => {
    const selection = { tagStatus: 'tagged', ...tags, countType: 'imageCountMoreThan', countNumber: 1 };
    const text = JSON.stringify({ rules: [{ rulePriority: 1, selection, action: { type: 'expire' } }] });
    expect(messageOf(() => LifecycleSimulator.fromPolicyText(text).simulate([{ digest: 'image', tags: ['v1'], pushedAt: old }], NOW)))
      .toMatch(/^LifecycleSimulator: 'text' must be a lifecycle policy, but it is not /);
  });
});
