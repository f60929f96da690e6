import { App, Aws, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { CfnSigningConfiguration } from 'aws-cdk-lib/aws-ecr';
import {
  ImageRepository, ImageRepositoryProps, ImageSelection, ImageSource, LifecycleRule, ManagedSigning, RegistrySettings, RepositoryCreation,
  RepositoryCreationTemplate, Retention,
} from '../../../src';
import { APP, newStack, policyRulesOf, Template } from '../../helpers/stack';

const NOW = new Date('2030-01-01T00:00:00Z');
const LONG_AGO = new Date('2020-01-01T00:00:00Z');
const ID = 'cdk-container-delivery:signatures';
const untagged = LifecycleRule.expireUntagged({ olderThan: Duration.days(14) });
const env = { account: '111122223333', region: 'eu-west-1' };

function warningsOf(stack: Stack): string[] {
  Template.fromStack(stack);
  return Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp(ID)).map(({ entry }) => String(entry.data));
}

describe('by default', () => {
  test.each<[string, (repository: ImageRepository) => string]>([
    ['built', repository => repository.buildAndPushImage(APP).imageTagPrefix],
    ['copied', repository => repository.publish('web', ImageSource.registry('nginx:1.27')).imageTagPrefix],
  ])('the signature of a deployed image that is %s stays, however old it is', (_, publish) => {
    const repository = new ImageRepository(newStack(), 'Repository');
    const image = { digest: 'image', tags: [`${publish(repository)}1`], pushedAt: LONG_AGO };
    const signature = { digest: 'signature', pushedAt: LONG_AGO, subject: 'image' };

    expect(repository.lifecycleSimulator.simulate([image, signature], NOW)).toEqual([]);
  });

  test('no rule selects untagged images, even if nothing is published', () => {
    for (const isPublished of [true, false]) {
      const stack = newStack();
      const repository = new ImageRepository(stack, 'Repository', { retention: Retention.keepForRollback(1) });
      if (isPublished) repository.buildAndPushImage(APP);
      const rules = policyRulesOf(Template.fromStack(stack));

      expect(rules.length).toBeGreaterThan(0);
      expect(rules.filter(({ selection }) => selection.tagStatus !== 'tagged')).toEqual([]);
    }
  });

  test('a signature is deleted with its image', () => {
    const repository = new ImageRepository(newStack(), 'Repository', { retention: Retention.keepForRollback(1) });
    const { imageTagPrefix } = repository.buildAndPushImage(APP);
    const images = [0, 1, 2].map(age => ({ digest: `${age}`, tags: [`${imageTagPrefix}${age}`], pushedAt: new Date(LONG_AGO.getTime() - age) }));
    const gone = repository.lifecycleSimulator.simulate([...images, { digest: 'signature', pushedAt: LONG_AGO, subject: '2' }], NOW);

    expect(gone.map(({ image: { digest } }) => digest).sort()).toEqual(['2', 'signature']);
  });
});

describe('a rule that can take signatures', () => {
  function made(props: ImageRepositoryProps = { lifecycleRules: [untagged] }, stack = newStack()): { stack: Stack; repository: ImageRepository } {
    return { stack, repository: new ImageRepository(stack, 'Repository', props) };
  }

  test('causes a warning if images are copied with their signatures', () => {
    const { stack, repository } = made();
    repository.publish('mirror', ImageSource.registry('nginx:1.27'));
    expect(warningsOf(stack)).toEqual([expect.stringMatching(/: Untagged images expire 14 days after the push\. There are signatures, because the image 'mirror' is copied/)]);
  });

  test.each<[string, LifecycleRule, number]>([
    ['means all images', LifecycleRule.expire({ images: ImageSelection.all(), olderThan: Duration.days(365) }), 1],
    ['means tags', LifecycleRule.expire({ images: ImageSelection.tagPrefix('dev-'), olderThan: Duration.days(7) }), 0],
    ['is accepted', LifecycleRule.expireUntagged({ olderThan: Duration.days(7) }).acceptingTheRisk('nobody verifies signatures here'), 0],
  ])('%s', (_, rule, count) => {
    const { stack, repository } = made({ lifecycleRules: [rule] });
    repository.publish('mirror', ImageSource.registry('nginx:1.27'));
    expect(warningsOf(stack)).toHaveLength(count);
  });

  test('causes no warning if nothing in the app signs', () => {
    const { stack, repository } = made();
    repository.buildAndPushImage(APP);
    expect(warningsOf(stack)).toEqual([]);
  });

  test.each<[string, string[] | undefined, string | undefined, number]>([
    ['every repository', undefined, 'team/web', 1], ['this one', ['team/*'], 'team/web', 1], ['a repository whose name is unknown', ['team/*'], undefined, 1],
    ['a name that is not known', [Aws.STACK_NAME], 'team/web', 1], ['other repositories', ['prod/*', 'team/api'], 'team/web', 0],
  ])('causes a warning if another stack of the app, created later, signs %s', (_, repositories, repositoryName, count) => {
    const app = new App();
    const { stack } = made({ repositoryName, lifecycleRules: [untagged] }, new Stack(app, 'Images', { env }));
    new RegistrySettings(new Stack(app, 'Settings', { env }), 'Settings', { signing: [ManagedSigning.withNewProfile(repositories)] });
    expect(warningsOf(stack)).toHaveLength(count);
  });

  test('causes no warning if the app signs only in another region', () => {
    const app = new App();
    const { stack } = made(undefined, new Stack(app, 'Images', { env }));
    new RegistrySettings(new Stack(app, 'Settings', { env: { ...env, region: 'us-east-1' } }), 'Settings', { signing: [ManagedSigning.withNewProfile()] });
    expect(warningsOf(stack)).toEqual([]);
  });

  test('causes a warning next to an L1 resource that signs', () => {
    const { stack } = made();
    new CfnSigningConfiguration(stack, 'Signing', { rules: [{ signingProfileArn: 'arn:aws:signer:eu-west-1:111122223333:/signing-profiles/x' }] });
    expect(warningsOf(stack)).toEqual([expect.stringContaining('Stack/Signing signs its images')]);
  });

  test('causes a warning in a repository creation template of a registry that signs', () => {
    const stack = newStack();
    new RegistrySettings(stack, 'Settings', {
      signing: [ManagedSigning.withNewProfile()],
      creationTemplates: [RepositoryCreationTemplate.forAllOthers({ appliedFor: [RepositoryCreation.CREATE_ON_PUSH], lifecycleRules: [untagged] })],
    });
    expect(warningsOf(stack)).toHaveLength(1);
  });
});
