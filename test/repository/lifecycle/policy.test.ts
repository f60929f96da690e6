import { CfnParameter, Duration, Fn } from 'aws-cdk-lib';
import { ImageRepository, ImageSelection, ImageSource, LifecycleRule, Retention } from '../../../src';
import { APP, newStack, policyRulesOf, Template } from '../../helpers/stack';

describe('the lifecycle policy', () => {
  test('does not exist if nothing is published and no rule is given', () => {
    const stack = newStack();
    new ImageRepository(stack, 'Repository', { lifecycleRules: [] });

    Template.fromStack(stack).resourcePropertiesCountIs('AWS::ECR::Repository', { LifecyclePolicy: {} }, 0);
  });

  test('has the rules that protect first, then your rules, then the rules for all images', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository', {
      lifecycleRules: [
        LifecycleRule.expire({ images: ImageSelection.all(), olderThan: Duration.days(7) }),
        LifecycleRule.expire({ images: ImageSelection.tagPattern('*'), olderThan: Duration.days(7) }),
      ],
    });
    repository.publish('web', ImageSource.directory(APP));

    expect(policyRulesOf(Template.fromStack(stack)).map(({ description }) => description)).toEqual([
      'Images that were deployed again are kept',
      'Images that were pushed directly are kept',
      'Versions of the image web except the newest 51 expire',
      'Published images are kept',
      'Signatures and attestations are kept',
      'Images with tags like * expire 7 days after the push',
      'All images expire 7 days after the push',
    ]);
  });

  test('protects images that run by other tags before old versions of published images expire', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository', { lifecycleRules: [], retention: Retention.keepForRollback(9) });
    repository.publish('web', ImageSource.directory(APP));
    repository.repositoryUriForTag('release-1');

    expect(policyRulesOf(Template.fromStack(stack)).map(({ description }) => description)).toEqual([
      'Images that were deployed again are kept',
      'Images that were pushed directly are kept',
      'The image with the tag release-1 is kept',
      'Versions of the image web except the newest 10 expire',
      'Published images are kept',
      'Signatures and attestations are kept',
    ]);
  });

  test('protects the same tags in the archive if a rule deletes from there', () => {
    const stack = newStack();
    new ImageRepository(stack, 'Repository', {
      lifecycleRules: [LifecycleRule.protect(ImageSelection.everyTagPattern(['v*', '*-rc'])), LifecycleRule.expireArchived({ archivedFor: Duration.days(90) })],
    });
    const rules = policyRulesOf(Template.fromStack(stack));
    const protecting = rules.filter(({ selection }) => selection.countNumber === 36_500);
    const twins = protecting.filter(({ selection }) => selection.storageClass === 'archive');

    expect(twins.map(({ description, selection: { tagStatus, tagPrefixList, tagPatternList, countType } }) => (
      { description, tagStatus, tags: tagPrefixList ?? tagPatternList, countType })))
      .toEqual(protecting.filter(rule => !twins.includes(rule)).map(({ description, selection: { tagStatus, tagPrefixList, tagPatternList } }) => (
        { description: `${description}, in the archive too`, tagStatus, tags: tagPrefixList ?? tagPatternList, countType: 'sinceImageTransitioned' }
      )));
    expect(twins).toHaveLength(5);
    expect(rules.indexOf(twins[4])).toBeLessThan(rules.length - 1);
  });

  test('does not treat a rule that archives after a hundred years as protection', () => {
    const stack = newStack();
    new ImageRepository(stack, 'Repository', {
      lifecycleRules: [
        LifecycleRule.archive({ images: ImageSelection.tagPrefix('old-'), olderThan: Duration.days(36_500) }),
        LifecycleRule.expireArchived({ archivedFor: Duration.days(90) }),
      ],
    });

    expect(policyRulesOf(Template.fromStack(stack)).filter(({ selection }) => JSON.stringify(selection).includes('old-'))).toHaveLength(1);
  });

  test('does not change the lifecycle policy of an imported repository', () => {
    const stack = newStack();
    ImageRepository.fromRepositoryName(stack, 'Repository', 'team/web').publish('web', ImageSource.directory(APP));

    Template.fromStack(stack).resourceCountIs('AWS::ECR::Repository', 0);
  });

  test('can have numbers that are tokens', () => {
    const stack = newStack();
    const count = new CfnParameter(stack, 'Count', { type: 'Number' }).valueAsNumber;
    new ImageRepository(stack, 'Repository', { lifecycleRules: [LifecycleRule.keepNewest({ images: ImageSelection.tagPrefix(Fn.importValue('Prefix')), count })] });

    const [repository] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'));
    expect(JSON.stringify(repository.Properties.LifecyclePolicy.LifecyclePolicyText)).toMatch(/countNumber\\":",\{"Ref":"Count"\}.*/);
  });

  test.each([
    ['release-', 'release-1'], ['release-', 'release-'], ['v', 'v1'],
  ])('rejects protection after a rule for %s that would delete images with %s', (prefix, guarded) => {
    const expire = LifecycleRule.expire({ images: ImageSelection.tagPrefix(prefix), olderThan: Duration.days(30) });
    const protect = LifecycleRule.protect(ImageSelection.tagPrefix(guarded));
    const withRules = (...lifecycleRules: LifecycleRule[]) => () => new ImageRepository(newStack(), 'Repository', { lifecycleRules });

    expect(withRules(expire, protect)).toThrow(/'lifecycleRules(\.protect)?' must (come before the rules from which it protects images|have one rule for the same tags)/);
    if (prefix !== guarded) expect(withRules(protect, expire)).not.toThrow();
  });

  test('accepts protection after a rule for other images, and after one for all images, which comes last anyway', () => {
    const protect = LifecycleRule.protect(ImageSelection.tagPrefix('release-'));
    const before = [
      LifecycleRule.expire({ images: ImageSelection.tagPrefix('dev-'), olderThan: Duration.days(30) }),
      LifecycleRule.expire({ images: ImageSelection.all(), olderThan: Duration.days(30) }),
    ];

    expect(() => new ImageRepository(newStack(), 'Repository', { lifecycleRules: [...before, protect] })).not.toThrow();
  });
});
