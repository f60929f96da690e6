import { Duration } from 'aws-cdk-lib';
import { ImageSelection, LifecycleRule, Retention } from '../../../src';
import { PrioritizedRule, RuleSelection } from '../../../src/repository/lifecycle/policy-text';
import { LiveImage } from '../../../src/repository/lifecycle/retention';
import { findUnsafeRules } from '../../../src/repository/lifecycle/safety';
import { newRepositories, refusedFor, repositoryWith } from '../../helpers/lifecycle-policy';
import { LifecycleTrial } from '../../helpers/lifecycle-trial';

beforeEach(newRepositories);

const WEB: LiveImage = { id: 'web', tagPrefix: 'live-web.0badcafe.', tags: [], isPushedDirectly: false, hasCompanions: false, hasReferrers: false };

const rule = (selection: Partial<RuleSelection>, rest: Partial<PrioritizedRule> = {}): PrioritizedRule => ({
  rulePriority: 1, description: 'The rule', action: { type: 'expire' }, ...rest,
  selection: { tagStatus: 'tagged', tagPrefixList: ['live-'], countType: 'imageCountMoreThan', countNumber: 1, ...selection },
});
const days = (countNumber: number): Partial<RuleSelection> => ({ countType: 'sinceImagePushed', countUnit: 'days', countNumber });

/** The images that rules would remove, as the messages name them. */
const taken = (rules: PrioritizedRule[], retention = Retention.keepForRollback(2), image = WEB) =>
  findUnsafeRules([image], [], retention, rules).map(message => /must keep (.+), which/.exec(message)?.[1]);

describe('a published image is in danger from a rule', () => {
  test('that keeps fewer images than needed, and each of those is named with its age', () => {
    expect(taken([rule({ countNumber: 1 })])).toEqual([
      'the image \'web\' of 1 deployments ago', 'the image \'web\' of 2 deployments ago', 'an old version of the image \'web\' that was deployed again',
    ]);
    expect(taken([rule({ countNumber: 2 })])).toEqual(['the image \'web\' of 2 deployments ago', 'an old version of the image \'web\' that was deployed again']);
    expect(taken([rule({ countNumber: 3 })])).toEqual(['an old version of the image \'web\' that was deployed again']);
    expect(taken([rule({ countNumber: 4 })])).toEqual([]);
  });

  test('that keeps few images, if all or many versions are retained', () => {
    for (const retention of [Retention.keepAll(), Retention.keepForRollback(50)]) {
      expect(taken([rule({ countNumber: 1 })], retention)).toEqual([
        ...[1, 2, 3, 4].map(age => `the image 'web' of ${age} deployments ago`), 'an old version of the image \'web\' that was deployed again',
      ]);
    }
  });

  test('that counts days', () => {
    expect(taken([rule(days(30))])).toEqual([
      'the image \'web\'', 'the image \'web\' of 1 deployments ago', 'the image \'web\' of 2 deployments ago', 'an old version of the image \'web\' that was deployed again',
    ]);
  });

  test('but not if it was pushed directly and only deployed again, because such an image has no mark', () => {
    expect(taken([rule({ countNumber: 1 })], Retention.keepForRollbackByPushDate(1), { ...WEB, isPushedDirectly: true }))
      .toEqual(['the image \'web\' of 1 deployments ago']);
  });

  test('that counts images, as if there were many newer ones', () => {
    expect(taken([rule({ tagStatus: 'any', tagPrefixList: undefined, countNumber: 1000 })], Retention.keepForRollback(1)))
      .toEqual(['the image \'web\'', 'the image \'web\' of 1 deployments ago', 'an old version of the image \'web\' that was deployed again']);
  });

  test('but not if a rule with a higher priority protects it', () => {
    const shield = rule(days(36_500), { description: 'Shield' });
    expect(taken([shield, rule({ tagStatus: 'any', tagPrefixList: undefined, ...days(30) }, { rulePriority: 2 })])).toEqual([]);
  });
});

describe('the message says what a rule does, and when', () => {
  test.each<[string, PrioritizedRule, string]>([
    ['a number', rule({ tagPrefixList: ['v'], countNumber: 7 }), 'a rule that deletes it after 7 newer images were pushed: The rule'],
    ['days', rule({ tagPrefixList: ['v'], ...days(30) }), 'a rule that deletes it 30 days after its push: The rule'],
    ['a pause', rule({ tagPrefixList: ['v'], countType: 'sinceImagePulled', countUnit: 'days', countNumber: 30 }, { action: { type: 'transition', targetStorageClass: 'archive' } }),
      'a rule that archives it 30 days after its last pull: The rule'],
    ['no description', rule({ tagPrefixList: ['v'] }, { description: undefined }), 'a rule that deletes it after 1 newer images were pushed: '],
    ['a number that is known later', rule({ tagPrefixList: ['v'], countNumber: new LifecycleTrial().laterNumber() }), 'a rule that deletes it after some newer images were pushed: The rule'],
    ['days that are known later', rule({ tagPrefixList: ['v'], ...days(new LifecycleTrial().laterNumber()) }), 'a rule that deletes it some days after its push: The rule'],
  ])('for %s', (_, harmful, words) => {
    expect(findUnsafeRules([], ['v1'], Retention.keepAll(), [harmful])).toEqual([
      `'lifecycleRules' must keep the image with the tag 'v1', which this app deploys, got "${words}".`
      + ' Put LifecycleRule.protect(…) for such tags before that rule, or publish the image into the repository.',
    ]);
  });

  test('once for each image, even if several rules would remove it because of its other tags', () => {
    const rules = [rule({ tagPrefixList: ['v', 'a'], ...days(1) }), rule({ tagPrefixList: ['v', 'b'], ...days(1) }, { rulePriority: 2 })];
    expect(findUnsafeRules([], ['v1', 'w1'], Retention.keepAll(), rules)).toHaveLength(1);
  });
});

describe('the check looks 80 years ahead:', () => {
  const YEARS_80 = 80 * 365;
  const refused = (age: number) => refusedFor('v1', repositoryWith([
    LifecycleRule.expire({ images: ImageSelection.tagPrefix('v'), olderThan: Duration.days(age) }),
  ]));

  test('a rule that removes a deployed image one day earlier is found', () => {
    expect(refused(YEARS_80 - 1).join()).toContain(`'lifecycleRules' must keep the image with the tag 'v1', which this app deploys, got "a rule that deletes it ${YEARS_80 - 1} days after its push`);
  });

  test('a rule that waits longer removes no deployed image', () => {
    expect(refused(YEARS_80 + 1)).toEqual([]);
  });
});
