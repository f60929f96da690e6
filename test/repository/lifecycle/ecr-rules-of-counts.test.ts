import { Duration } from 'aws-cdk-lib';
import { ImageSelection, LifecycleRule } from '../../../src';
import { brokenRules, ruleSays } from '../../helpers/lifecycle-oracle-policy';
import { LifecycleTrial, everyFactory, expire, expireArchived, keep } from '../../helpers/lifecycle-trial';
import { flatten } from '../../helpers/stack';
import { wrong } from '../../helpers/wrong-input';

const { all, tagPrefix, everyTagPattern } = ImageSelection;

let trial: LifecycleTrial;
beforeEach(() => { trial = new LifecycleTrial(); });

function describeRule(number: number, tests: () => void): void {
  describe(`of ECR's rule ${number}, ${ruleSays(number)}:`, tests);
}

describeRule(10, () => {
  test.each([0, -1, 1.5, NaN, Infinity, '3', null, undefined])('a count of %p is rejected', count => {
    expect(trial.refused(keep(tagPrefix('a'), wrong(count)))).toContain("'lifecycleRules.keepNewest.count' must be a whole number of at least 1, got");
    expect(trial.refused(LifecycleRule.archiveAllButNewest({ images: tagPrefix('a'), count: wrong(count) }))).toContain("'lifecycleRules.archiveAllButNewest.count' must");
  });

  test.each([Duration.days(0), Duration.hours(36), Duration.minutes(1)])('%s is rejected', duration => {
    expect(trial.refused(expire(tagPrefix('a'), duration))).toContain("'lifecycleRules.expire.olderThan' must be a whole number of at least 1, got");
    expect(trial.refused(LifecycleRule.archiveUnused({ images: tagPrefix('a'), notPulledFor: duration }))).toContain("'lifecycleRules.archiveUnused.notPulledFor' must");
  });

  test('the number one and whole days in hours are accepted', () => {
    expect(trial.accepted(keep(tagPrefix('a'), 1), expire(tagPrefix('b'), Duration.hours(48))).map(({ selection }) => selection.countNumber)).toEqual([1, 2]);
  });

  test('a number that is a token is accepted', () => {
    expect(flatten(trial.textOf(keep(tagPrefix('a'), trial.laterNumber())))).toContain('"countType":"imageCountMoreThan","countNumber":${Number}');
  });
});

describe('ECR rules that always hold, because a factory method creates the whole rule:', () => {
  test.each([11, 12, 14, 15, 16])('rule %i holds for all factory methods together, in any order', number => {
    const factories = everyFactory();
    for (let turn = 0; turn < factories.length; turn++) {
      const text = trial.textOf(...factories.slice(turn), ...factories.slice(0, turn));
      expect(brokenRules(text)).not.toContain(number);
    }
  });

  test('rule 11 holds for days that are a token', () => {
    expect(flatten(trial.textOf(expire(tagPrefix('a'), Duration.days(trial.laterNumber()))))).toContain('"countUnit":"days","countNumber":${Number}');
  });

  test('each factory method creates the rule of its name', () => {
    expect(trial.accepted(...everyFactory()).map(({ selection: { countType, storageClass = 'standard' }, action }) => `${countType} ${storageClass} ${Object.values(action).join(' ')}`))
      .toEqual([
        'sinceImagePushed standard expire', 'imageCountMoreThan standard expire', 'sinceImagePushed standard transition archive',
        'sinceImagePulled standard transition archive', 'imageCountMoreThan standard transition archive', 'sinceImagePushed standard expire',
        'sinceImageTransitioned archive expire', 'sinceImageTransitioned archive expire', 'sinceImageTransitioned archive expire', 'imageCountMoreThan standard expire', 'sinceImageTransitioned archive expire',
      ]);
  });
});

describeRule(13, () => {
  test('less than 90 days in the archive is rejected', () => {
    expect(trial.refused(expireArchived(all(), Duration.days(89)))).toContain("'lifecycleRules.expireArchived.archivedFor' must be a whole number of at least 90, got 89");
  });

  test('90 days pass', () => { expect(trial.accepted(expireArchived())[0].selection).toMatchObject({ storageClass: 'archive', countNumber: 90 }); });

  test('days that are a token are accepted', () => {
    expect(flatten(trial.textOf(expireArchived(all(), Duration.days(trial.laterNumber()))))).toContain('"countType":"sinceImageTransitioned","countUnit":"days","countNumber":${Number}');
  });
});

describeRule(17, () => {
  const long = everyTagPattern(Array.from({ length: 9 }, (_, number) => `${number}`.padEnd(128, 'x')));

  test('it always holds: a long description is cut, but never the reason of an accepted risk', () => {
    const reason = 'x'.repeat(100);
    expect(trial.accepted(expire(long))[0]).toMatchObject({ description: expect.stringMatching(/^[^]{256}$/) });
    expect(trial.accepted(expire(long).acceptingTheRisk(reason))[0]).toMatchObject({ description: expect.stringMatching(/^[^]{143} \(accepted: x{100}\)$/) });
  });

  test.each(['', 'too short', 'x'.repeat(101), 'two lines\nof text', 'a "quotation"'])('the reason %j is rejected', reason => {
    expect(trial.refused(expire(long).acceptingTheRisk(reason))).toContain("'lifecycleRules.expire.acceptingTheRisk' must be a reason of 10 to 100 characters on one line");
  });

  test('a token is not part of a description', () => {
    expect(flatten(trial.textOf(expire(tagPrefix(trial.laterText()), Duration.days(trial.laterNumber())))))
      .toContain('"description":"Images with tags that start with (known at deployment), by a number that is known at deployment"');
  });
});
