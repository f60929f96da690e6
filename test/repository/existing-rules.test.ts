import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import { CfnRepository, LifecycleRule, Repository, TagStatus } from 'aws-cdk-lib/aws-ecr';
import { ImageRepository, ImageSource } from '../../src';
import { Match, newStack } from '../helpers/stack';

/** The warnings about an imported repository that is created in the same app. */
function warnings(rules: LifecycleRule[], { byToken = false, publishes = true } = {}): number {
  const stack = newStack();
  const repository = new Repository(stack, 'Existing', { repositoryName: 'shop/web', lifecycleRules: rules, removalPolicy: RemovalPolicy.RETAIN });
  const imported = ImageRepository.fromRepositoryName(stack, 'Imported', byToken ? repository.repositoryName : 'shop/web');
  if (publishes) imported.publish('web', ImageSource.registry('nginx:1.27'));
  return Annotations.fromStack(stack).findWarning('/Stack/Imported', Match.stringLikeRegexp('A rule of Stack/Existing/Resource can delete an image that this app publishes')).length;
}

test.each([
  ['keep 4, any', { maxImageCount: 4 }],
  ['any image after 30 days', { maxImageAge: Duration.days(30) }],
  ['tagged images of all tags', { tagStatus: TagStatus.TAGGED, tagPatternList: ['*'], maxImageCount: 4 }],
])('the rule "%s" of an existing repository in the app causes a warning', (_, rule) => {
  expect(warnings([rule])).toBe(1);
  expect(warnings([rule], { byToken: true })).toBe(1);
});

test.each([
  ['untagged images', { tagStatus: TagStatus.UNTAGGED, maxImageAge: Duration.days(1) }],
  ['images with other tags', { tagStatus: TagStatus.TAGGED, tagPrefixList: ['pr-'], maxImageCount: 1 }],
  ['many images', { maxImageCount: 500 }],
])('a rule for %s causes no warning', (_, rule) => {
  expect(warnings([rule])).toBe(0);
});

test('a repository without published images, without rules or outside of the app causes no warning', () => {
  expect(warnings([{ maxImageCount: 4 }], { publishes: false })).toBe(0);
  expect(warnings([])).toBe(0);
  const stack = newStack();
  new CfnRepository(stack, 'Other', { repositoryName: 'other', lifecyclePolicy: { lifecyclePolicyText: 'no policy' } });
  ImageRepository.fromRepositoryName(stack, 'Imported', 'shop/web').publish('web', ImageSource.registry('nginx:1.27'));
  ImageRepository.fromRepositoryName(stack, 'Second', 'other').publish('web', ImageSource.registry('nginx:1.27'));

  expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('existingRules'))).toEqual([]);
});
