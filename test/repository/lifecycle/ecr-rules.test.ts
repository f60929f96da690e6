import { Duration, Fn } from 'aws-cdk-lib';
import { ImageSelection, LifecycleRule } from '../../../src';
import { ruleSays } from '../../helpers/lifecycle-oracle-policy';
import { rulesOf } from '../../helpers/lifecycle-policy';
import { LifecycleTrial, WEEK, everyFactory, expire, expireArchived, keep } from '../../helpers/lifecycle-trial';
import { flatten } from '../../helpers/stack';
import { wrong } from '../../helpers/wrong-input';

const { all, untagged, tagPrefix, everyTagPrefix, tagPattern, everyTagPattern } = ImageSelection;

let trial: LifecycleTrial;
beforeEach(() => { trial = new LifecycleTrial(); });

const many = (count: number, length = 4) => Array.from({ length: count }, (_, number) => expire(tagPrefix(`${number}`.padEnd(length, '-'))));

function describeRule(number: number, tests: () => void): void {
  describe(`of ECR's rule ${number}, ${ruleSays(number)}:`, tests);
}

describeRule(1, () => {
  test('one rule more than there is room for is refused', () => {
    expect(trial.refused(...many(48))).toBe(
      "Stack/Repository: 'lifecycleRules' must be at most 50 rules together with those that protect deployed images, got 51. "
      + 'Combine rules. A pattern matches many tags.');
  });

  test('as many as there is room for pass', () => { expect(trial.accepted(...many(46))).toHaveLength(46); });

  test('no rules are no policy', () => { expect(trial.synthesized([])).toEqual({ text: undefined }); });

  test('rules count that know their days at deployment only', () => {
    const days = Duration.days(trial.laterNumber());
    const later = Array.from({ length: 48 }, (_, number) => expire(tagPrefix(`${number}-`), days));
    expect(trial.refused(...later)).toContain("'lifecycleRules' must be at most 50 rules");
  });
});

describeRule(2, () => {
  test('the shortest text that can be made is long enough', () => {
    expect(trial.textOf(LifecycleRule.protect(tagPrefix('a'))).length).toBeGreaterThanOrEqual(100);
  });

  test('a long text passes', () => { expect(trial.accepted(...many(46, 128))).toHaveLength(46); });

  test('a text of which some is known at deployment only passes', () => {
    expect(trial.textOf(expire(tagPrefix(trial.laterText())), ...many(45, 128))).toBeDefined();
  });
});

describeRule(3, () => {
  test('it cannot be broken: priorities are given in the order of the list', () => {
    expect(rulesOf(trial.textOf(...everyFactory()))
      .map(({ rulePriority }) => rulePriority)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });
});

describeRule(4, () => {
  test('a second rule for all images of a class is refused', () => {
    expect(trial.refused(expire(all()), keep(all(), 9))).toContain("'lifecycleRules' must have one rule for all images, got");
    expect(trial.refused(expireArchived(), expireArchived(all()))).toContain("'lifecycleRules' must have one rule for all images in the archive, got");
  });

  test('one for each class pass, and come last wherever they stand', () => {
    expect(trial.accepted(expireArchived(), expire(all()), expire(tagPrefix('a')), expireArchived(tagPrefix('a'))).map(({ selection }) => selection.tagStatus))
      .toEqual(['tagged', 'tagged', 'any', 'any']);
  });

  test('those are refused and moved too that know their days at deployment only', () => {
    const later = expire(all(), Duration.days(trial.laterNumber()));
    expect(trial.refused(later, expire(all()))).toContain("'lifecycleRules' must have one rule for all images, got");
    expect(flatten(trial.textOf(later, expire(tagPrefix('a'))))).toMatch(/\["a"\][^]+"tagStatus":"any"[^]+\$\{Number\}/);
  });
});

describeRule(5, () => {
  test('a second rule for untagged images of a class is refused', () => {
    expect(trial.refused(expire(untagged()), keep(untagged(), 9))).toContain("'lifecycleRules' must have one rule for untagged images, got");
    expect(trial.refused(expireArchived(untagged()), expireArchived(untagged()))).toContain('must have one rule for untagged images in the archive, got');
  });

  test('one for each class pass', () => {
    expect(trial.accepted(expireArchived(untagged()), LifecycleRule.expireUntagged({ olderThan: WEEK }))).toHaveLength(2);
  });

  test('a second is refused that knows its number at deployment only', () => {
    expect(trial.refused(expire(untagged()), keep(untagged(), trial.laterNumber()))).toContain("'lifecycleRules' must have one rule for untagged images, got");
  });
});

describeRule(6, () => {
  test('the same prefixes again are refused, in whatever order', () => {
    expect(trial.refused(expire(everyTagPrefix(['a', 'b'])), keep(everyTagPrefix(['b', 'a']), 9))).toContain("'lifecycleRules' must have one rule for the same tags, got");
  });

  test('others pass, and the same in the other class', () => {
    expect(trial.accepted(expire(tagPrefix('a')), expire(everyTagPrefix(['a', 'b'])), expire(tagPattern('a')), expireArchived(tagPrefix('a')))).toHaveLength(4);
  });

  test('the same prefix of the deployment again is refused, another passes', () => {
    const prefix = trial.laterText();
    expect(trial.refused(expire(tagPrefix(prefix)), keep(tagPrefix(prefix), 9))).toContain("'lifecycleRules' must have one rule for the same tags, got");
    expect(flatten(trial.textOf(expire(tagPrefix(trial.laterText('One'))), expire(tagPrefix(trial.laterText('Other')))))).toMatch(/\["\$\{One\}"\][^]+\["\$\{Other\}"\]/);
  });
});

describeRule(7, () => {
  test.each<[string, () => ImageSelection]>([
    ['no prefix', () => everyTagPrefix([])], ['no pattern', () => everyTagPattern([])], ['an empty prefix', () => tagPrefix('')],
    ['an empty pattern', () => tagPattern('')], ['an empty one beside another', () => everyTagPattern(['a', ''])],
    ['no list of prefixes', () => everyTagPrefix(wrong(undefined))], ['a text for a list', () => everyTagPattern(wrong('a*'))], ['null', () => tagPrefix(wrong(null))],
  ])('%s is refused', (_, images) => { expect(trial.refused(expire(images()))).toMatch(/'lifecycleRules\.expire\.images\.tag(Prefix|Pattern)(\[\d\])?' must /); });

  test('prefixes, or patterns, pass', () => {
    expect(trial.accepted(expire(everyTagPrefix(['a', 'b'])), expire(everyTagPattern(['a*', '*b'])))).toHaveLength(2);
  });

  test('a prefix, a pattern, and a list of them that are known at deployment only pass', () => {
    const list = Fn.split(',', trial.laterText('List'));
    expect(flatten(trial.textOf(expire(tagPrefix(trial.laterText())), expire(tagPattern(`${trial.laterText('Pattern')}*`)), expire(everyTagPrefix(list)))))
      .toMatch(/\["\$\{Text\}"\][^]+\["\$\{Pattern\}\*"\][^]+"tagPrefixList":/);
  });
});

describeRule(8, () => {
  test('it cannot be broken: only a selection of tags has any', () => {
    const others = trial.accepted(expire(untagged()), expireArchived(), keep(all(), 9)).filter(({ selection }) => selection.tagStatus !== 'tagged');
    expect(others.map(({ selection }) => Object.keys(selection).filter(name => name.startsWith('tag')))).toEqual([['tagStatus'], ['tagStatus'], ['tagStatus']]);
  });
});

describeRule(9, () => {
  test.each([['*1*2*3*4*', 'have at most 4 "*"'], ['a b', 'be a tag'], ['ä', 'be a tag'], ['a/b', 'be a tag'], ['x'.repeat(129), 'be a tag'], ['a\n', 'be a tag']])(
    'the pattern %j is refused', (pattern, must) => { expect(trial.refused(expire(tagPattern(pattern)))).toMatch(new RegExp(`'lifecycleRules\\.expire\\.images\\.tagPattern(\\[0\\])?' must ${must.replace('*', '\\*')}`)); },
  );

  test.each(['a*', 'x'.repeat(129), 'a b', 'a\n'])('the prefix %j is refused', prefix => {
    expect(trial.refused(expire(tagPrefix(prefix)))).toContain("'lifecycleRules.expire.images.tagPrefix[0]' must be the start of a tag");
  });

  test.each(['*test*1*2*3', 'test*1*2*3*', '*a', 'a_b.c-D9', 'x'.repeat(128)])('the pattern %j passes', pattern => {
    expect(trial.accepted(expire(tagPattern(pattern)))[0].selection.tagPatternList).toEqual([pattern]);
  });

  test('a pattern that is known at deployment only passes', () => {
    expect(flatten(trial.textOf(expire(tagPattern(trial.laterText()))))).toContain('"tagPatternList":["${Text}"]');
  });
});

describe('of the same rules:', () => {
  test('2: a text that is too long is refused', () => {
    const long = (number: number) => everyTagPattern(Array.from({ length: 6 }, (_, other) => `${number}-${other}`.padEnd(128, 'x')));
    expect(trial.refused(...Array.from({ length: 46 }, (_, number) => expire(long(number))))).toContain("'lifecycleRules' must be at most 30720 characters as JSON, got");
  });

  test('6: a prefix is refused that a rule of ours has already', () => {
    expect(trial.refused(expire(tagPrefix('sha256-')))).toContain("'lifecycle");
  });
});
