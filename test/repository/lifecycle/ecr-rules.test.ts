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
  test('one rule more than the maximum is rejected', () => {
    expect(trial.refused(...many(48))).toBe(
      "Stack/Repository: 'lifecycleRules' must be at most 50 rules together with those that protect deployed images, got 51. "
      + 'Combine rules. A pattern matches many tags.');
  });

  test('the maximum number of rules is accepted', () => { expect(trial.accepted(...many(46))).toHaveLength(46); });

  test('without rules there is no policy', () => { expect(trial.synthesized([])).toEqual({ text: undefined }); });

  test('rules with days that are tokens count too', () => {
    const days = Duration.days(trial.laterNumber());
    const later = Array.from({ length: 48 }, (_, number) => expire(tagPrefix(`${number}-`), days));
    expect(trial.refused(...later)).toContain("'lifecycleRules' must be at most 50 rules");
  });
});

describeRule(2, () => {
  test('the shortest possible text reaches the minimum length', () => {
    expect(trial.textOf(LifecycleRule.protect(tagPrefix('a'))).length).toBeGreaterThanOrEqual(100);
  });

  test('a long text is accepted', () => { expect(trial.accepted(...many(46, 128))).toHaveLength(46); });

  test('a text with tokens is accepted', () => {
    expect(trial.textOf(expire(tagPrefix(trial.laterText())), ...many(45, 128))).toBeDefined();
  });
});

describeRule(3, () => {
  test('it always holds: priorities follow the order of the list', () => {
    expect(rulesOf(trial.textOf(...everyFactory()))
      .map(({ rulePriority }) => rulePriority)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });
});

describeRule(4, () => {
  test('a second rule for all images of a storage class is rejected', () => {
    expect(trial.refused(expire(all()), keep(all(), 9))).toContain("'lifecycleRules' must have one rule for all images, got");
    expect(trial.refused(expireArchived(), expireArchived(all()))).toContain("'lifecycleRules' must have one rule for all images in the archive, got");
  });

  test('one rule for each storage class is accepted, and comes last wherever it is in the list', () => {
    expect(trial.accepted(expireArchived(), expire(all()), expire(tagPrefix('a')), expireArchived(tagPrefix('a'))).map(({ selection }) => selection.tagStatus))
      .toEqual(['tagged', 'tagged', 'any', 'any']);
  });

  test('rules with days that are tokens are rejected and moved too', () => {
    const later = expire(all(), Duration.days(trial.laterNumber()));
    expect(trial.refused(later, expire(all()))).toContain("'lifecycleRules' must have one rule for all images, got");
    expect(flatten(trial.textOf(later, expire(tagPrefix('a'))))).toMatch(/\["a"\][^]+"tagStatus":"any"[^]+\$\{Number\}/);
  });
});

describeRule(5, () => {
  test('a second rule for untagged images of a storage class is rejected', () => {
    expect(trial.refused(expire(untagged()), keep(untagged(), 9))).toContain("'lifecycleRules' must have one rule for untagged images, got");
    expect(trial.refused(expireArchived(untagged()), expireArchived(untagged()))).toContain('must have one rule for untagged images in the archive, got');
  });

  test('one rule for each storage class is accepted', () => {
    expect(trial.accepted(expireArchived(untagged()), LifecycleRule.expireUntagged({ olderThan: WEEK }))).toHaveLength(2);
  });

  test('a second rule with a number that is a token is rejected', () => {
    expect(trial.refused(expire(untagged()), keep(untagged(), trial.laterNumber()))).toContain("'lifecycleRules' must have one rule for untagged images, got");
  });
});

describeRule(6, () => {
  test('the same prefixes again are rejected, in any order', () => {
    expect(trial.refused(expire(everyTagPrefix(['a', 'b'])), keep(everyTagPrefix(['b', 'a']), 9))).toContain("'lifecycleRules' must have one rule for the same tags, got");
  });

  test('other prefixes are accepted, and the same ones in the other storage class', () => {
    expect(trial.accepted(expire(tagPrefix('a')), expire(everyTagPrefix(['a', 'b'])), expire(tagPattern('a')), expireArchived(tagPrefix('a')))).toHaveLength(4);
  });

  test('the same prefix token again is rejected, another one is accepted', () => {
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
  ])('%s is rejected', (_, images) => { expect(trial.refused(expire(images()))).toMatch(/'lifecycleRules\.expire\.images\.tag(Prefix|Pattern)(\[\d\])?' must /); });

  test('prefixes or patterns are accepted', () => {
    expect(trial.accepted(expire(everyTagPrefix(['a', 'b'])), expire(everyTagPattern(['a*', '*b'])))).toHaveLength(2);
  });

  test('a prefix, a pattern, and a list of patterns that are tokens are accepted', () => {
    const list = Fn.split(',', trial.laterText('List'));
    expect(flatten(trial.textOf(expire(tagPrefix(trial.laterText())), expire(tagPattern(`${trial.laterText('Pattern')}*`)), expire(everyTagPrefix(list)))))
      .toMatch(/\["\$\{Text\}"\][^]+\["\$\{Pattern\}\*"\][^]+"tagPrefixList":/);
  });
});

describeRule(8, () => {
  test('it always holds: only a selection of tags has patterns or prefixes', () => {
    const others = trial.accepted(expire(untagged()), expireArchived(), keep(all(), 9)).filter(({ selection }) => selection.tagStatus !== 'tagged');
    expect(others.map(({ selection }) => Object.keys(selection).filter(name => name.startsWith('tag')))).toEqual([['tagStatus'], ['tagStatus'], ['tagStatus']]);
  });
});

describeRule(9, () => {
  test.each([['*1*2*3*4*', 'have at most 4 "*"'], ['a b', 'be a tag'], ['ä', 'be a tag'], ['a/b', 'be a tag'], ['x'.repeat(129), 'be a tag'], ['a\n', 'be a tag']])(
    'the pattern %j is refused', (pattern, must) => { expect(trial.refused(expire(tagPattern(pattern)))).toMatch(new RegExp(`'lifecycleRules\\.expire\\.images\\.tagPattern(\\[0\\])?' must ${must.replace('*', '\\*')}`)); },
  );

  test.each(['a*', 'x'.repeat(129), 'a b', 'a\n'])('the prefix %j is rejected', prefix => {
    expect(trial.refused(expire(tagPrefix(prefix)))).toContain("'lifecycleRules.expire.images.tagPrefix[0]' must be the start of a tag");
  });

  test.each(['*test*1*2*3', 'test*1*2*3*', '*a', 'a_b.c-D9', 'x'.repeat(128)])('the pattern %j is accepted', pattern => {
    expect(trial.accepted(expire(tagPattern(pattern)))[0].selection.tagPatternList).toEqual([pattern]);
  });

  test('a pattern that is a token is accepted', () => {
    expect(flatten(trial.textOf(expire(tagPattern(trial.laterText()))))).toContain('"tagPatternList":["${Text}"]');
  });
});

describe('the same rules hold together with published images:', () => {
  test('2: a text that is too long is rejected', () => {
    const long = (number: number) => everyTagPattern(Array.from({ length: 6 }, (_, other) => `${number}-${other}`.padEnd(128, 'x')));
    expect(trial.refused(...Array.from({ length: 46 }, (_, number) => expire(long(number))))).toContain("'lifecycleRules' must be at most 30720 characters as JSON, got");
  });

  test('6: a prefix that a generated rule already has is rejected', () => {
    expect(trial.refused(expire(tagPrefix('sha256-')))).toContain("'lifecycle");
  });
});
