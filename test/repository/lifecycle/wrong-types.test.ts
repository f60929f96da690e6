import { Duration, Lazy } from 'aws-cdk-lib';
import { ImageRepository, ImageSelection, ImageStorageClass, LifecycleImage, LifecycleRule, LifecycleSimulator, Retention } from '../../../src';
import { newStack } from '../../helpers/stack';
import { messageOf, toldIn as told, wrong } from '../../helpers/wrong-input';

const WEEK = Duration.days(7);
const dev = ImageSelection.tagPrefix('dev-');

function withRule(make: () => LifecycleRule): string {
  return messageOf(() => new ImageRepository(newStack(), 'Repository', { lifecycleRules: [make()] }));
}

describe('wrong types from JavaScript are reported with path, property, rule, value and fix', () => {
  test.each<[string, () => LifecycleRule]>([
    ['lifecycleRules.expireUntagged', () => LifecycleRule.expireUntagged(wrong(undefined))],
    ['lifecycleRules.expireUntagged.olderThan', () => LifecycleRule.expireUntagged(wrong({ olderThan: 7 }))],
    ['lifecycleRules.expire.olderThan', () => LifecycleRule.expire(wrong({ images: dev }))],
    ['lifecycleRules.expire.images', () => LifecycleRule.expire(wrong({ olderThan: WEEK }))],
    ['lifecycleRules.expire.images', () => LifecycleRule.expire(wrong({ images: 'dev-*', olderThan: WEEK }))],
    ['lifecycleRules.expire.images', () => LifecycleRule.expire(wrong({ images: ImageSelection.all, olderThan: WEEK }))],
    ['lifecycleRules.keepNewest', () => LifecycleRule.keepNewest(wrong(null))],
    ['lifecycleRules.keepNewest.count', () => LifecycleRule.keepNewest(wrong({ images: dev }))],
    ['lifecycleRules.keepNewest.count', () => LifecycleRule.keepNewest({ images: dev, count: wrong('10') })],
    ['lifecycleRules.keepNewest.count', () => LifecycleRule.keepNewest({ images: dev, count: NaN })],
    ['lifecycleRules.archive.olderThan', () => LifecycleRule.archive({ images: dev, olderThan: wrong('30 days') })],
    ['lifecycleRules.archiveUnused.notPulledFor', () => LifecycleRule.archiveUnused(wrong({ images: dev }))],
    ['lifecycleRules.archiveAllButNewest.count', () => LifecycleRule.archiveAllButNewest({ images: dev, count: wrong([3]) })],
    ['lifecycleRules.expireArchived', () => LifecycleRule.expireArchived(wrong(undefined))],
    ['lifecycleRules.protect.images', () => LifecycleRule.protect(wrong(undefined))],
    ['lifecycleRules.protect.images', () => LifecycleRule.protect(ImageSelection.all())],
    ['lifecycleRules.expire.images.tagPrefix', () => LifecycleRule.expire({ images: ImageSelection.tagPrefix(wrong(7)), olderThan: WEEK })],
    ['lifecycleRules.expire.images.tagPrefix', () => LifecycleRule.expire({ images: ImageSelection.everyTagPrefix(wrong('dev-')), olderThan: WEEK })],
    ['lifecycleRules.expire.images.tagPrefix', () => LifecycleRule.expire({ images: ImageSelection.everyTagPrefix([]), olderThan: WEEK })],
    ['lifecycleRules.expire.images.tagPrefix', () => LifecycleRule.expire({ images: ImageSelection.everyTagPrefix(['a', 'a']), olderThan: WEEK })],
    ['lifecycleRules.expire.images.tagPattern', () => LifecycleRule.expire({ images: ImageSelection.tagPattern(wrong(/dev/)), olderThan: WEEK })],
    ['lifecycleRules.expire.images.tagPattern', () => LifecycleRule.expire({ images: ImageSelection.everyTagPattern(wrong(null)), olderThan: WEEK })],
    ['lifecycleRules.expire.acceptingTheRisk', () => LifecycleRule.expire({ images: dev, olderThan: WEEK }).acceptingTheRisk(wrong(true))],
    ['lifecycleRules.expire.acceptingTheRisk', () => LifecycleRule.expire({ images: dev, olderThan: WEEK }).acceptingTheRisk('')],
    ['lifecycleRules.expire.acceptingTheRisk', () => LifecycleRule.expire({ images: dev, olderThan: WEEK }).acceptingTheRisk('two\nlines of it')],
    ['lifecycleRules', () => wrong(LifecycleRule.expireUntagged)],
    ['lifecycleRules', () => wrong({ rulePriority: 1 })],
  ])('%s', (property, make) => {
    expect(withRule(make)).toMatch(told(property));
  });

  test.each<[string, unknown]>([
    ['retention', Retention.keepAll], ['retention', 50], ['retention', 'all'], ['retention', null],
    ['retention.versions', Retention.keepForRollback(0)], ['retention.versions', Retention.keepForRollback(wrong(undefined))],
    ['retention.versions', Retention.keepForRollback(1.5)],
    ['retention.versions', Retention.keepForRollbackByPushDate(wrong('3'))], ['retention.versions', Retention.keepForRollbackByPushDate(NaN)],
    ['lifecycleRules', 'none'], ['lifecycleRules', LifecycleRule.expireUntagged({ olderThan: WEEK })],
  ])('%s of a repository', (property, value) => {
    expect(messageOf(() => new ImageRepository(newStack(), 'Repository', { [property.split('.')[0]]: value }))).toMatch(told(property));
  });

  test('a rule that is added later', () => {
    const repository = new ImageRepository(newStack(), 'Repository');

    expect(messageOf(() => repository.addLifecycleRule(wrong(undefined)))).toMatch(told('lifecycleRules'));
  });
});

describe('the simulator reports what is wrong with an image', () => {
  const AT = new Date('2030-01-01');
  const image: LifecycleImage = { digest: 'a', pushedAt: AT };
  const simulator = new LifecycleSimulator([LifecycleRule.expireUntagged({ olderThan: WEEK })]);

  test.each<[string, LifecycleImage[], Date, string]>([
    ['no list', wrong(image), AT, "'images' must be a list"],
    ['nothing', wrong(undefined), AT, "'images' must be a list"],
    ['no date', [image], wrong(undefined), "'at' must be a date"],
    ['no real date', [image], new Date('someday'), "'at' must be a date"],
    ['a date as text', [{ ...image, pushedAt: wrong('2030-01-01') }], AT, "'images[0].pushedAt' must be a date"],
    ['no push', [wrong({ digest: 'a' })], AT, "'images[0].pushedAt' must be a date"],
    ['no image', [image, wrong(null)], AT, "'images[1]' must be an object"],
    ['one tag', [{ ...image, tags: wrong('v1') }], AT, "'images[0].tags' must be a list"],
    ['a number among the children', [{ ...image, children: wrong([1]) }], AT, "'images[0].children[0]' must be a string"],
    ['another storage class', [{ ...image, storageClass: wrong('glacier') }], AT, "'images[0].storageClass' must be an ImageStorageClass"],
    ['one digest twice', [image, image], AT, "'images' must have different digests"],
  ])('%s', (_, images, at, message) => {
    expect(messageOf(() => simulator.simulate(images, at))).toContain(`LifecycleSimulator: ${message}`);
  });

  test.each(['', 'nothing', '[]', '{}', '{"rules":{}}', '{"rules":[{}]}', '{"rules":[{"rulePriority":1,"selection":{"tagStatus":"some"},"action":{}}]}'])('the text %j is not a policy', text => {
    expect(messageOf(() => LifecycleSimulator.fromPolicyText(text))).toMatch(/^LifecycleSimulator: 'text' must be a lifecycle policy, but it is not .+\. Use /);
  });

  test('and accepts an image with all properties', () => {
    const everything: LifecycleImage = {
      ...image, tags: ['v1'], pulledAt: AT, storageClass: ImageStorageClass.ARCHIVE, archivedAt: AT, restoredAt: AT, children: ['b'], subject: 'c',
    };

    expect(simulator.simulate([everything], AT)).toEqual([]);
  });
});

test('tags that are tokens are accepted', () => {
  const later = Lazy.string({ produce: () => 'dev-' });
  const list = Lazy.list({ produce: () => ['dev-'] });
  const selections = [
    ImageSelection.tagPrefix(later), ImageSelection.tagPattern(later), ImageSelection.everyTagPrefix(list), ImageSelection.everyTagPattern(list),
  ];

  for (const images of selections) {
    expect(withRule(() => LifecycleRule.expire({ images, olderThan: WEEK }))).toBe('accepted');
  }
});
