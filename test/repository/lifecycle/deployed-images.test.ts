import { App, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import { ContainerImage, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import {
  DirectPushSynthesizer, ImageRepository, ImageSelection, ImageSource, LifecycleImage, LifecycleRule, Retention,
} from '../../../src';
import { APP, liveTagsOf, newStack, policyRulesOf, Template } from '../../helpers/stack';

const DAY = 24 * 60 * 60 * 1000;
const NOW = new Date('2030-01-01T00:00:00Z');

/** The most harmful rules of a user: they delete everything as early as ECR allows. */
const HARSH = [
  LifecycleRule.expire({ images: ImageSelection.tagPattern('*'), olderThan: Duration.days(7) }),
  LifecycleRule.expireUntagged({ olderThan: Duration.days(1) }),
  LifecycleRule.expire({ images: ImageSelection.all(), olderThan: Duration.days(7) }),
];

function ageOf(days: number): Date {
  return new Date(NOW.getTime() - days * DAY);
}

interface Published {
  readonly stack: Stack;
  readonly repository: ImageRepository;
  /** The prefixes of the live tags of the images. */
  readonly prefixes: string[];
}

function published(retention?: Retention, ids = ['web']): Published {
  const stack = newStack();
  const repository = new ImageRepository(stack, 'Repository', { retention, lifecycleRules: HARSH });
  const prefixes = ids.map(id => repository.publish(id, ImageSource.registry('nginx:1')).imageTagPrefix);
  return { stack, repository, prefixes };
}

/** Digests of the images that the rules delete or archive. */
function gone(repository: ImageRepository, images: LifecycleImage[]): string[] {
  return repository.lifecycleSimulator.simulate(images, NOW).map(({ image: { digest } }) => digest);
}

function versions(prefix: string, count: number): LifecycleImage[] {
  return Array.from({ length: count }, (_, age) => ({ digest: `${age}`, tags: [`${prefix}${age}`], pushedAt: ageOf(age * 30) }));
}

describe('a published image', () => {
  test('that is deployed stays, with the fifty versions before it, whatever rules you add', () => {
    const { repository, prefixes: [prefix] } = published();

    expect(gone(repository, versions(prefix, 53))).toEqual(['51', '52']);
  });

  test('has live tags with the prefix that is passed to its copy', () => {
    const { stack, prefixes: [prefix] } = published();

    expect(prefix).toMatch(liveTagsOf('web'));
    Template.fromStack(stack).hasResourceProperties('Custom::ContainerImageCopy', { LiveTagPrefix: prefix });
  });

  test('keeps as many versions as you configure for rollbacks', () => {
    const { repository, prefixes: [prefix] } = published(Retention.keepForRollback(2));

    expect(gone(repository, versions(prefix, 5))).toEqual(['3', '4']);
  });

  test('that was deployed again stays, however long ago it was pushed', () => {
    const { repository, prefixes: [prefix] } = published(Retention.keepForRollback(1));
    const old = { digest: 'old', tags: [`${prefix}old`, `${prefix}kept-old`], pushedAt: ageOf(10_000) };

    expect(gone(repository, [...versions(prefix, 5), old])).toEqual(['2', '3', '4']);
  });

  test('stays with all images of its index', () => {
    const { repository, prefixes: [prefix] } = published();
    const index = { digest: 'index', tags: [`${prefix}1`], pushedAt: ageOf(400), children: ['amd64', 'arm64'] };
    const children = ['amd64', 'arm64'].map(digest => ({ digest, pushedAt: ageOf(400) }));

    expect(gone(repository, [index, ...children, ...versions('dev-', 9)])).not.toContain('amd64');
  });

  test('of another app in the same repository stays', () => {
    const { repository } = published();

    expect(gone(repository, [...versions('live-web.0badcafe.', 80), ...versions('live-api.0badcafe.', 80).map(each => ({ ...each, digest: `api${each.digest}` }))])).toEqual([]);
  });

  test('keeps its cosign signatures', () => {
    const { repository } = published();
    const signature = { digest: 'signature', tags: [`sha256-${'a'.repeat(64)}.sig`], pushedAt: ageOf(400) };

    expect(gone(repository, [signature, ...versions('dev-', 9)])).not.toContain('signature');
  });

  test('does not cause another image of the same repository to expire', () => {
    const { repository, prefixes: [prefix, api] } = published(Retention.keepForRollback(1), ['web', 'api']);
    const old = { digest: 'api', tags: [`${api}1`], pushedAt: ageOf(5_000) };

    expect(gone(repository, [...versions(prefix, 9), old])).not.toContain('api');
  });

  test('does not cause an image with the same id in another stack to expire', () => {
    const app = new App();
    const base = new Stack(app, 'Base');
    const repository = new ImageRepository(base, 'Repository', { repositoryName: 'team/web' });
    const prefixes = ['Dev', 'Prod'].map(name => repository.publish('web', ImageSource.directory(APP), { scope: new Stack(app, name) }).imageTagPrefix);

    expect(new Set(prefixes).size).toBe(2);
    prefixes.forEach(prefix => expect(prefix).toMatch(liveTagsOf('web')));
    expect(gone(repository, [...versions(prefixes[0], 60), { digest: 'prod', tags: [`${prefixes[1]}1`], pushedAt: ageOf(9_000) }])).not.toContain('prod');
  });

  test('has other live tags in its own repository than in another deployment of the app, which imports the repository', () => {
    const prefixes = [
      (stack: Stack) => new ImageRepository(stack, 'Repository', { repositoryName: 'team/web' }),
      (stack: Stack) => ImageRepository.fromRepositoryArn(stack, 'Repository', 'arn:aws:ecr:eu-west-1:111122223333:repository/team/web'),
    ].map(make => make(newStack()).publish('web', ImageSource.registry('nginx:1')).imageTagPrefix);

    expect(new Set(prefixes).size).toBe(2);
  });

  test('never expires if it is pushed directly, because ECR cannot see that an old version is deployed again', () => {
    const { repository, prefix } = pushedDirectly();

    expect(gone(repository, versions(prefix, 300))).toEqual([]);
  });

  test('that is copied and was deployed again stays, also with retention by push date', () => {
    const { repository, prefixes: [prefix] } = published(Retention.keepForRollbackByPushDate(1));
    const old = { digest: 'old', tags: [`${prefix}old`, `${prefix}kept-old`], pushedAt: ageOf(10_000) };

    expect(gone(repository, [...versions(prefix, 3), old])).toEqual(['2']);
  });

  test('expires if it is pushed directly with retention by push date', () => {
    const { repository, prefix } = pushedDirectly(Retention.keepForRollbackByPushDate(1));

    expect(gone(repository, versions(prefix, 4))).toEqual(['2', '3']);
  });

  test('never expires if you keep all versions', () => {
    const { repository, prefixes: [prefix] } = published(Retention.keepAll());

    expect(gone(repository, versions(prefix, 300))).toEqual([]);
  });

  test('stays if ECR has no room for another rule, with a warning', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository');
    for (let number = 0; number < 48; number++) repository.publish(`image-${number}`, ImageSource.registry(`nginx:${number}`));

    expect(policyRulesOf(Template.fromStack(stack))).toHaveLength(50);
    Annotations.fromStack(stack).hasWarning('/Stack/Repository', 'ECR allows 50 lifecycle rules, so old versions of only 46 images expire. All versions of the other 2 are kept.'
      + ' Publish the images into several repositories, or use Retention.keepAll(). [ack: cdk-container-delivery:retention]');
  });
});

function pushedDirectly(retention?: Retention): { repository: ImageRepository; prefix: string } {
  const app = new App();
  const repository = new ImageRepository(new Stack(app, 'Base'), 'Repository', { repositoryName: 'team/web', retention, lifecycleRules: HARSH });
  const image = repository.publish('web', ImageSource.directory(APP), { scope: new Stack(app, 'Web', { synthesizer: new DirectPushSynthesizer() }) });
  return { repository, prefix: image.imageTagPrefix };
}

describe('an image that the app runs without having published it', () => {
  function withTask(lifecycleRules: LifecycleRule[], use: (repository: ImageRepository) => ContainerImage): Stack {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository', { lifecycleRules });
    new FargateTaskDefinition(stack, 'Task').addContainer('web', { image: use(repository) });
    return stack;
  }
  const release = (repository: ImageRepository) => ContainerImage.fromEcrRepository(repository, 'release-1');

  test.each([
    ['its age', LifecycleRule.expire({ images: ImageSelection.tagPrefix('release-'), olderThan: Duration.days(90) }), 'a rule that deletes it 90 days after its push'],
    ['newer ones', LifecycleRule.keepNewest({ images: ImageSelection.tagPattern('rel*-*'), count: 1000 }), 'a rule that deletes it after 1000 newer images were pushed'],
    ['a rule for all images', LifecycleRule.expire({ images: ImageSelection.all(), olderThan: Duration.days(90) }), 'a rule that deletes it 90 days after its push'],
    ['a pause', LifecycleRule.archiveUnused({ images: ImageSelection.tagPrefix('release-'), notPulledFor: Duration.days(90) }), 'a rule that archives it 90 days after its last pull'],
  ])('is protected by an error for a rule that would remove it because of %s', (_, rule, harm) => {
    const stack = withTask([rule], release);

    expect(() => Template.fromStack(stack)).toThrow(`[Stack/Repository] 'lifecycleRules' must keep the image with the tag 'release-1', which this app deploys, got "${harm}`);
  });

  test('stays even if a rule matches its other tags', () => {
    const stack = withTask([LifecycleRule.expire({ images: ImageSelection.tagPrefix('build-'), olderThan: Duration.days(1) })], release);
    Template.fromStack(stack);

    const both = { digest: 'both', tags: ['release-1', 'build-77'], pushedAt: ageOf(400) };
    const other = { digest: 'other', tags: ['build-78'], pushedAt: ageOf(400) };
    expect(gone(stack.node.findChild('Repository') as ImageRepository, [both, other])).toEqual(['other']);
  });

  test('stays even if it is an old version of a published image with few versions kept', () => {
    const { repository, prefixes: [prefix] } = published(Retention.keepForRollback(1));
    repository.repositoryUriForTag('release-1');
    const running = { digest: 'running', tags: ['release-1', `${prefix}running`], pushedAt: ageOf(9_000) };

    expect(gone(repository, [...versions(prefix, 4), running])).toEqual(['2', '3']);
  });

  test.each([
    ['deletes all images', LifecycleRule.expire({ images: ImageSelection.all(), olderThan: Duration.days(36_500) })],
    ['archives such images', LifecycleRule.archive({ images: ImageSelection.tagPrefix('other-'), olderThan: Duration.days(36_500) })],
  ])('stays next to a rule that %s after a hundred years, which protects nothing', (_, rule) => {
    const repository = new ImageRepository(newStack(), 'Repository', {
      lifecycleRules: [rule, LifecycleRule.expire({ images: ImageSelection.tagPrefix('build-'), olderThan: Duration.days(1) })],
    });
    repository.repositoryUriForTag('release-1');

    expect(repository.node.validate()).toEqual([]);
    expect(gone(repository, [{ digest: 'running', tags: ['release-1', 'build-77'], pushedAt: ageOf(400) }])).toEqual([]);
  });

  test('is protected by an error for a rule that counts 36500 images, although a rule of 36500 days protects', () => {
    const stack = withTask([LifecycleRule.keepNewest({ images: ImageSelection.tagPrefix('release-'), count: 36_500 })], release);

    expect(() => Template.fromStack(stack)).toThrow('a rule that deletes it after 36500 newer images were pushed');
  });

  test('is protected by an error for a rule that is added after the image is used', () => {
    const stack = withTask([], release);
    (stack.node.findChild('Repository') as ImageRepository)
      .addLifecycleRule(LifecycleRule.expire({ images: ImageSelection.tagPrefix('release-'), olderThan: Duration.days(90) }));

    expect(() => Template.fromStack(stack)).toThrow("must keep the image with the tag 'release-1'");
  });

  test.each([
    ['rules for other tags', [LifecycleRule.expire({ images: ImageSelection.tagPrefix('dev-'), olderThan: Duration.days(90) })]],
    ['rules for untagged images', [LifecycleRule.expireUntagged({ olderThan: Duration.days(1) })]],
    ['rules that come after its protection', [
      LifecycleRule.protect(ImageSelection.tagPrefix('release-')), LifecycleRule.expire({ images: ImageSelection.all(), olderThan: Duration.days(90) }),
    ]],
  ])('causes no error with %s', (_, lifecycleRules) => {
    expect(() => Template.fromStack(withTask(lifecycleRules, release))).not.toThrow();
  });

  test('causes no error if it is a published image with this tag', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository', { lifecycleRules: HARSH });
    repository.publish('web', ImageSource.registry('nginx:1'), { tags: ['release-1'] });
    new FargateTaskDefinition(stack, 'Task').addContainer('web', { image: release(repository) });

    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('has the tag latest if none is given', () => {
    const stack = withTask([LifecycleRule.keepNewest({ images: ImageSelection.tagPattern('*'), count: 10 })], repository => ContainerImage.fromEcrRepository(repository));

    expect(() => Template.fromStack(stack)).toThrow("the image with the tag 'latest'");
  });

  test('can have a tag that is a token', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository', { lifecycleRules: HARSH.slice(0, 1) });
    const tag = new CfnParameter(stack, 'Tag').valueAsString;
    new FargateTaskDefinition(stack, 'Task').addContainer('web', { image: ContainerImage.fromEcrRepository(repository, tag) });

    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('is not protected if it is only copied to another repository', () => {
    const stack = newStack();
    const staging = new ImageRepository(stack, 'Staging', {
      repositoryName: 'staging', lifecycleRules: [
        LifecycleRule.expire({ images: ImageSelection.tagPrefix('release-'), olderThan: Duration.days(90) }),
      ],
    });
    new ImageRepository(stack, 'Production').publish('web', ImageSource.ecr(staging, 'release-1'));

    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});
