import { CfnParameter, Duration, Fn } from 'aws-cdk-lib';
import { ImageRepository, ImageSelection, ImageSource, LifecycleRule } from '../../../src';
import { APP, newStack, policyRulesOf, Template } from '../../helpers/stack';

describe('the policy', () => {
  test('is none when nothing is published and no rule is given', () => {
    const stack = newStack();
    new ImageRepository(stack, 'Repository', { lifecycle: [] });

    Template.fromStack(stack).resourcePropertiesCountIs('AWS::ECR::Repository', { LifecyclePolicy: {} }, 0);
  });

  test('has the rules that protect first, then those of the user, then those for all images', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository', {
      lifecycle: [
        LifecycleRule.expire({ images: ImageSelection.all(), olderThan: Duration.days(7) }),
        LifecycleRule.expire({ images: ImageSelection.tagPattern('*'), olderThan: Duration.days(7) }),
      ],
    });
    repository.publish('web', ImageSource.directory(APP));

    expect(policyRulesOf(Template.fromStack(stack)).map(({ description }) => description)).toEqual([
      'Images that were deployed again are kept',
      'Images that were pushed directly are kept',
      'Of the image web all but the newest 51 expire',
      'Published images are kept',
      'Signatures and attestations are kept',
      'Images with tags like * expire 7 days after the push',
      'All images expire 7 days after the push',
    ]);
  });

  test('leaves the policy of an imported repository to whoever created it', () => {
    const stack = newStack();
    ImageRepository.fromRepositoryName(stack, 'Repository', 'team/web').publish('web', ImageSource.directory(APP));

    Template.fromStack(stack).resourceCountIs('AWS::ECR::Repository', 0);
  });

  test('takes numbers that are only known at deployment', () => {
    const stack = newStack();
    const count = new CfnParameter(stack, 'Count', { type: 'Number' }).valueAsNumber;
    new ImageRepository(stack, 'Repository', { lifecycle: [LifecycleRule.keepNewest({ images: ImageSelection.tagPrefix(Fn.importValue('Prefix')), count })] });

    const [repository] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'));
    expect(JSON.stringify(repository.Properties.LifecyclePolicy.LifecyclePolicyText)).toMatch(/countNumber\\":",\{"Ref":"Count"\}.*/);
  });
});
