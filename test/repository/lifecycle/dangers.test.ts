import { CfnParameter, Duration, Fn, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { ImageRepository, ImageSelection, ImageSource, LifecycleRule } from '../../../src';
import { brokenRules } from '../../helpers/lifecycle-oracle-policy';
import { outcome, rulesOf } from '../../helpers/lifecycle-policy';
import { APP, newStack } from '../../helpers/stack';

const { all, tagPattern, everyTagPattern, tagPrefix } = ImageSelection;
const days = Duration.days;
const REASON = 'nothing of this repository ever runs';

let stack: Stack;
beforeEach(() => { stack = newStack(); });

type Use = (repository: ImageRepository) => void;

function synthesized(rule: LifecycleRule, use: Use = () => {}): { text?: string; refused?: string } {
  stack.node.tryRemoveChild('Repository');
  stack.node.tryRemoveChild('Task');
  return outcome(() => {
    const repository = new ImageRepository(stack, 'Repository', { lifecycleRules: [rule] });
    use(repository);
    return repository;
  });
}

/** The rule after its risk is accepted with a reason. */
function inWords(rule: LifecycleRule, use?: Use): { description?: string } | undefined {
  const { text, refused } = synthesized(rule.acceptingTheRisk(REASON), use);
  expect(refused).toBeUndefined();
  expect(brokenRules(text as string)).toEqual([]);
  return rulesOf(text).pop() as { description?: string };
}

const runs = (tagOrDigest: string): Use => repository => {
  new FargateTaskDefinition(stack, 'Task').addContainer('web', { image: ContainerImage.fromEcrRepository(repository, tagOrDigest) });
};

const keep = (images: ImageSelection, count: number) => LifecycleRule.keepNewest({ images, count });
const archiveAllBut = (images: ImageSelection, count: number) => LifecycleRule.archiveAllButNewest({ images, count });

describe('unless its risk is accepted with a reason, a rule is rejected that', () => {
  test.each<[string, LifecycleRule, string]>([
    ['keeps fewer than three of all images', keep(all(), 2), '3 images'],
    ['keeps fewer than three of all images that have a tag', keep(tagPattern('*'), 2), '3 images'],
    ['says "any tag" in another way', keep(everyTagPattern(['*', '**']), 1), '3 images'],
    ['leaves fewer than three of all images at hand', archiveAllBut(all(), 2), '3 images'],
    ['lets all images expire before a rollback of ECS is over', LifecycleRule.expire({ images: all(), olderThan: days(6) }), '7 days'],
    ['archives all images within days', LifecycleRule.archive({ images: tagPattern('*'), olderThan: days(6) }), '7 days'],
  ])('%s', (_, rule, least) => {
    expect(synthesized(rule).refused).toMatch(
      new RegExp(`^Stack/Repository: 'lifecycleRules' must keep at least ${least} if it selects all images, because a service can run one of them, got ".+"\\. `
        + "Keep more, select images by tag, or accept the rule with a reason: \\.acceptingTheRisk\\('…'\\)\\.$"),
    );
    expect(inWords(rule)).toMatchObject({ description: expect.stringMatching(new RegExp(` \\(accepted: ${REASON}\\)$`)) });
  });

  test('archives all images that nobody pulls for any time, because a task pulls only once', () => {
    const rule = LifecycleRule.archiveUnused({ images: all(), notPulledFor: days(365) });
    expect(synthesized(rule).refused).toMatch(
      /^Stack\/Repository: 'lifecycleRules' must select tags if it archives images that are not pulled, .+, got ".+"\. .+\.acceptingTheRisk\('…'\)\.$/,
    );
    expect(inWords(rule)).toBeDefined();
  });

  test('counts all images if some are an index with platforms, or have signatures', () => {
    const index: Use = repository => {
      repository.publish('web', ImageSource.directory(APP, { platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] }));
    };
    expect(synthesized(keep(all(), 50), index).refused).toMatch(
      /^'lifecycleRules' must not count all images, because ECR also counts the platforms and signatures of the image 'web', got ".+"\. .+\.acceptingTheRisk\('…'\)\.$/,
    );
    expect(inWords(keep(all(), 50), index)).toBeDefined();
  });

  test.each<[string, () => LifecycleRule]>([
    ['a tag', () => keep(tagPattern(Fn.sub('*')), 2)],
    ['one of two tags', () => keep(tagPattern(Fn.conditionIf('Strict', 'dev-*', '*').toString()), 2)],
    ['the default of a number', () => keep(all(), new CfnParameter(stack, 'Count', { type: 'Number', default: 2 }).valueAsNumber)],
  ])('has %s that CloudFormation computes from known values', (_, rule) => {
    const made = rule();
    expect(synthesized(made).refused).toMatch(/^'lifecycleRules' must keep at least 3 images if it selects all images/);
    expect(synthesized(made.acceptingTheRisk(REASON)).refused).toBeUndefined();
  });

  test('is added later', () => {
    const repository = new ImageRepository(stack, 'Repository');
    expect(() => repository.addLifecycleRule(keep(all(), 2))).toThrow("'lifecycleRules' must keep at least 3 images");
    expect(() => repository.addLifecycleRule(keep(all(), 2).acceptingTheRisk(REASON))).not.toThrow();
  });
});

describe('a rule is accepted without a reason that', () => {
  test.each<[string, LifecycleRule]>([
    ['keeps three of all images', keep(all(), 3)],
    ['keeps one of certain images', keep(tagPrefix('dev-'), 1)],
    ['keeps one of images with a tag like others', keep(tagPattern('*-rc*'), 1)],
    ['keeps one of images with any tag and one of certain tags', keep(everyTagPattern(['*', 'dev-*']), 1)],
    ['lets all images expire after a week', LifecycleRule.expire({ images: all(), olderThan: days(7) })],
    ['lets untagged images expire after a day, because what runs is tagged', LifecycleRule.expireUntagged({ olderThan: days(1) })],
    ['lets archived images expire, because those run nowhere', LifecycleRule.expireArchived({ archivedFor: days(90) })],
  ])('%s', (_, rule) => { expect(synthesized(rule).refused).toBeUndefined(); });

  test('counts all images of a repository with single-platform images', () => {
    const single: Use = repository => { repository.publish('web', ImageSource.directory(APP, { platform: Platform.LINUX_ARM64 })); };
    expect(synthesized(keep(all(), 50), single).refused).toBeUndefined();
  });

  test('has tags that are tokens', () => {
    const tags = Token.asList(Fn.getAtt('Settings', 'Tags'));
    expect(synthesized(keep(everyTagPattern(tags), 1)).refused).toBeUndefined();
  });

  test('has a number that is a token', () => {
    expect(synthesized(keep(all(), new CfnParameter(stack, 'Count', { type: 'Number' }).valueAsNumber)).refused).toBeUndefined();
  });
});

describe('a reason does not help a rule that', () => {
  test.each<[string, LifecycleRule, string]>([
    ['deletes an image that the app runs', LifecycleRule.expire({ images: tagPrefix('release-'), olderThan: days(90) }), 'deletes it 90 days after its push'],
    ['archives an image that the app runs and nobody pulls', LifecycleRule.archiveUnused({ images: all(), notPulledFor: days(200) }), 'archives it 200 days after its last pull'],
    ['counts past an image that the app runs', keep(tagPattern('*'), 100), 'deletes it after 100 newer images were pushed'],
  ])('%s', (_, rule, harm) => {
    expect(synthesized(rule.acceptingTheRisk(REASON), runs('release-1')).refused).toContain(`'lifecycleRules' must keep the image with the tag 'release-1', which this app deploys, got "a rule that ${harm}`);
  });
});

describe('an image that the app runs by digest, without having published it,', () => {
  const BY_DIGEST = runs(`sha256:${'a'.repeat(64)}`);

  const warnings = (rule: LifecycleRule) => {
    stack = newStack();
    BY_DIGEST(new ImageRepository(stack, 'Repository', { lifecycleRules: [rule] }));
    return Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('deployedByDigest')).map(({ entry }) => String(entry.data));
  };

  test.each<[string, LifecycleRule, string]>([
    ['untagged images', LifecycleRule.expireUntagged({ olderThan: days(14) }), 'Untagged images expire 14 days after the push.'],
    ['all images', LifecycleRule.expire({ images: all(), olderThan: days(90) }), 'All images expire 90 days after the push.'],
  ])('causes a warning next to a rule for %s, unless the risk is accepted with a reason', (_, rule, harm) => {
    expect(warnings(rule)).toEqual([expect.stringContaining(`Its tags are unknown. If a rule selects them, it deletes or archives the image: ${harm}`)]);
    expect(warnings(rule.acceptingTheRisk(REASON))).toEqual([]);
  });

  test('causes a warning next to a rule for certain tags too, because the image could have such tags', () => {
    expect(warnings(LifecycleRule.expire({ images: ImageSelection.tagPrefix('dev-'), olderThan: days(90) }))).toHaveLength(1);
  });

  test('causes no warning next to rules that protect', () => {
    expect(warnings(LifecycleRule.protect(ImageSelection.tagPrefix('dev-')))).toEqual([]);
  });
});

test('an image that the app runs by tag is protected from a rule for images that have this tag and another one', () => {
  const rule = LifecycleRule.expire({ images: ImageSelection.everyTagPrefix(['release-', 'git-']), olderThan: days(90) });
  expect(synthesized(rule, runs('release-1')).refused ?? 'accepted').toContain("must keep the image with the tag 'release-1'");
});
