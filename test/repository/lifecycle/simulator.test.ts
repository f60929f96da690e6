import { Duration } from 'aws-cdk-lib';
import { ImageSelection, ImageStorageClass, LifecycleImage, LifecycleRule, LifecycleSimulator, Retention } from '../../../src';
import { findUnsafeRules } from '../../../src/repository/lifecycle/safety';
import { NOW, daysAgo } from '../../helpers/lifecycle-arbitraries';
import { newRepositories, repositoryWith } from '../../helpers/lifecycle-policy';
import { messageOf, wrong } from '../../helpers/wrong-input';

const EXPIRE = { type: 'expire' };
const ARCHIVE = { type: 'transition', targetStorageClass: 'archive' };
const { ARCHIVE: ARCHIVED } = ImageStorageClass;

const days = (event: string, countNumber: number) => ({ countType: `sinceImage${event}`, countUnit: 'days', countNumber });
const like = (...tagPatternList: string[]) => ({ tagStatus: 'tagged', tagPatternList });
const DEV = { selection: { ...like('dev*'), ...days('Pushed', 7) }, action: EXPIRE };

const textOf = (...rules: object[]) => JSON.stringify({ rules: rules.map((rule, index) => ({ rulePriority: index + 1, ...rule })) });
const image = (digest: string, rest: Partial<LifecycleImage> = {}): LifecycleImage => ({ digest, pushedAt: daysAgo(400), ...rest });

const acted = (text: string, ...images: LifecycleImage[]) =>
  LifecycleSimulator.fromPolicyText(text).simulate(images, NOW).map(({ image: { digest }, action, priority }) => `${digest} ${action}s by ${priority}`);

describe('a rule', () => {
  test('with a smaller priority number comes first, wherever it is in the text', () => {
    expect(acted(textOf({ ...DEV, rulePriority: 2 }, { ...DEV, selection: { ...DEV.selection, ...like('*') }, rulePriority: 1 }), image('old', { tags: ['dev-1'] })))
      .toEqual(['old expires by 1']);
  });

  test('that counts days since the push expires an image even if it was pulled today', () => {
    expect(acted(textOf(DEV), image('old', { tags: ['dev-1'], pulledAt: NOW }))).toEqual(['old expires by 1']);
  });

  test('without a description has an empty description in the decision', () => {
    expect(LifecycleSimulator.fromPolicyText(textOf(DEV)).simulate([image('old', { tags: ['dev-1'] })], NOW).map(({ rule }) => rule)).toEqual(['']);
  });

  test('for untagged images selects an image without tags', () => {
    expect(acted(textOf({ ...DEV, selection: { tagStatus: 'untagged', ...days('Pushed', 7) } }), image('old'))).toEqual(['old expires by 1']);
  });

  test('that counts images always selects the same one of two images that were pushed at the same time', () => {
    const newest = textOf({ ...DEV, selection: { ...like('dev*'), countType: 'imageCountMoreThan', countNumber: 1 } });
    const [a, b] = ['a', 'b'].map(digest => image(digest, { tags: ['dev-1'] }));
    expect(acted(newest, a, b)).toEqual(['b expires by 1']);
    expect(acted(newest, b, a)).toEqual(['b expires by 1']);
  });
});

describe('an image in an index', () => {
  const child = image('child', { tags: ['dev-1'] });

  test('stays with the index, even if the index stays because of an index that is listed later', () => {
    const inner = image('inner', { tags: ['dev-2'], children: ['child'] });
    expect(acted(textOf(DEV), child, inner, image('outer', { tags: ['v1'], children: ['inner'] }))).toEqual([]);
    expect(acted(textOf(DEV), child, inner, image('outer', { tags: ['v1'] }))).toEqual(['child expires by 1', 'inner expires by 1']);
  });

  test('is deleted if the index is in the archive', () => {
    expect(acted(textOf(DEV), child, image('index', { tags: ['v1'], children: ['child'], storageClass: ARCHIVED }))).toEqual(['child expires by 1']);
  });
});

describe('a signature', () => {
  const subject = image('subject', { tags: ['dev-1'] });
  const signature = image('signature', { subject: 'subject' });

  test('is deleted with its image, and so is a signature of the signature, in any order', () => {
    const second = image('second', { subject: 'signature' });
    expect(acted(textOf(DEV), second, signature, subject)).toEqual(['second expires by 1', 'signature expires by 1', 'subject expires by 1']);
    expect(acted(textOf(DEV), subject, signature, second)).toEqual(['subject expires by 1', 'signature expires by 1', 'second expires by 1']);
  });

  test('stays with an image that stays', () => {
    expect(acted(textOf(DEV), image('subject', { tags: ['v1'] }), signature, image('other', { tags: ['dev-1'] }))).toEqual(['other expires by 1']);
  });

  test.each<[string, string[], Partial<LifecycleImage>]>([
    ['stays as long as an index that lists it stays', ['subject expires by 1'], { tags: ['v1'] }],
    ['is deleted with its index', ['subject expires by 1', 'signature expires by 1', 'index expires by 1'], { tags: ['dev-2'] }],
    ['is deleted if its index is in the archive', ['subject expires by 1', 'signature expires by 1'], { tags: ['v1'], storageClass: ARCHIVED }],
  ])('%s', (_, outcome, index) => {
    expect(acted(textOf(DEV), subject, signature, image('index', { ...index, children: ['signature'] }))).toEqual(outcome);
  });

  test('that is in the archive is not archived again, but deleted with its image', () => {
    const archived = { ...signature, storageClass: ARCHIVED };
    expect(acted(textOf({ ...DEV, action: ARCHIVE }), subject, archived)).toEqual(['subject archives by 1']);
    expect(acted(textOf({ ...DEV, action: ARCHIVE }), subject, signature)).toEqual(['subject archives by 1', 'signature archives by 1']);
    expect(acted(textOf(DEV), subject, archived)).toEqual(['subject expires by 1', 'signature expires by 1']);
  });
});

describe('a pattern', () => {
  test.each([
    ['*a*', 'abc', true], ['*a*a*', 'ba', false], ['*a*a*', 'aba', true], ['a*a', 'a', false], ['a*a', 'aa', true], ['a*b', 'ac', false], ['a*b', 'a-b', true],
    ['aba*aba', 'ababa', false], ['aba*aba', 'abaaba', true], ['a*bc*c', 'abc', false], ['*-rc', '-rc', true], ['v1', 'v10', false],
  ])('%s, compared with the tag %s: %p', (pattern, tag, isMeant) => {
    expect(acted(textOf({ ...DEV, selection: { ...like(pattern), ...days('Pushed', 7) } }), image('old', { tags: [tag] }))).toHaveLength(isMeant ? 1 : 0);
  });
});

describe('a policy text is rejected', () => {
  const message = (missing: string) =>
    `LifecycleSimulator: 'text' must be a lifecycle policy, but it is not ${missing}. Use the lifecyclePolicyText that \`aws ecr get-lifecycle-policy\` prints.`;
  const rejected = (text: string) => messageOf(() => LifecycleSimulator.fromPolicyText(text));

  test.each(['', '{', '<xml/>'])('that is not JSON: %j', text => { expect(rejected(text)).toBe(message('JSON')); });

  test.each(['null', '[]', '{}', '{"rules":{}}'])('that is not a policy: %s', text => { expect(rejected(text)).toBe(message('an object with a list of rules')); });

  const { selection } = DEV;
  test.each<[string, unknown]>([
    ['null', null], ['no object', 'rule'], ['without a selection', { ...DEV, selection: undefined }], ['without an action', { ...DEV, action: undefined }],
    ['with an action that is a text', { ...DEV, action: 'expire' }], ['with a selection that is a text', { ...DEV, selection: 'any' }],
    ['with a priority that is not a number', { ...DEV, rulePriority: '1' }], ['without a number to count to', { ...DEV, selection: { ...selection, countNumber: undefined } }],
    ['with half a day', { ...DEV, selection: { ...selection, countNumber: 1.5 } }],
    ['with an unknown tag status', { ...DEV, selection: { ...days('Pushed', 7), tagStatus: 'some' } }],
    ['that counts something unknown', { ...DEV, selection: { ...like('dev*'), ...days('Built', 7) } }],
    ['with an unknown action', { ...DEV, action: { type: 'delete' } }],
    ['for tags, without any', { ...DEV, selection: { ...selection, tagPatternList: undefined } }],
    ['for tags, with an empty list', { ...DEV, selection: { ...selection, tagPatternList: [] } }],
    ['for an empty tag', { ...DEV, selection: { ...selection, tagPatternList: [''] } }],
    ['for a tag that is a number', { ...DEV, selection: { ...selection, tagPatternList: [7] } }],
    ['for tags that are a text', { ...DEV, selection: { ...selection, tagPatternList: 'dev*' } }],
    ['for prefixes that are an object', { ...DEV, selection: { ...selection, tagPrefixList: {} } }],
    ['for all images that names tags', { ...DEV, selection: { ...selection, tagStatus: 'any' } }],
  ])('because of a rule %s', (_, rule) => {
    const text = JSON.stringify({ rules: [{ rulePriority: 1, ...DEV }, rule === null || typeof rule !== 'object' ? rule : { rulePriority: 2, ...rule }] });
    expect(rejected(text)).toBe(message('a rule with priority, selection and action as number 2'));
  });
});

describe('the simulator', () => {
  const expireDev = LifecycleRule.expire({ images: ImageSelection.tagPrefix('dev-'), olderThan: Duration.days(7) });

  test('accepts rules alone, and rejects them like a repository, with its own name in the message', () => {
    expect(new LifecycleSimulator([expireDev]).simulate([image('old', { tags: ['dev-1'] })], NOW)).toMatchObject([
      { action: 'expire', rule: 'Images with tags that start with dev- expire 7 days after the push', priority: 1 },
    ]);
    expect(messageOf(() => new LifecycleSimulator([expireDev, expireDev]))).toMatch(/^LifecycleSimulator: 'lifecycleRules' must have one rule for the same tags, got /);
  });

  test.each<[string, object]>([
    ['images[1].digest', { digest: 7 }], ['images[1].pulledAt', { pulledAt: 'yesterday' }], ['images[1].archivedAt', { archivedAt: new Date(NaN) }], ['images[1].restoredAt', { restoredAt: 7 }],
  ])('rejects an invalid image, and names the error: %s', (property, rest) => {
    const images = [image('one'), wrong<LifecycleImage>({ ...image('two'), ...rest })];
    expect(messageOf(() => new LifecycleSimulator([expireDev]).simulate(images, NOW))).toMatch(new RegExp(`^LifecycleSimulator: '${property.replace(/[[\].]/g, '\\$&')}' must `));
  });

  test('rejects a time that is not a date, an invalid date, and a value that is not a list', () => {
    const told = (images: unknown, at: unknown) => messageOf(() => new LifecycleSimulator([]).simulate(wrong(images), wrong(at)));
    expect(told([], 'today')).toMatch(/^LifecycleSimulator: 'at' must be a date, got "today"\. Write a date such as new Date\('2030-01-01'\)\.$/);
    expect(told([], new Date(NaN))).toMatch(/^LifecycleSimulator: 'at' must be a date, got "an invalid date"\./);
    expect(told({}, NOW)).toMatch(/^LifecycleSimulator: 'images' must /);
  });

  test('rejects two images with the same digest, and names the digest', () => {
    expect(messageOf(() => new LifecycleSimulator([]).simulate([image('one'), image('two'), image('two')], NOW)))
      .toBe("LifecycleSimulator: 'images' must have different digests, got \"two\". Put all tags of an image into one entry.");
  });
});

describe('a tag of a deployed image', () => {
  test('is not confused with a shorter one that another rule selects', () => {
    const rules = [
      { rulePriority: 1, selection: { ...like('v'), ...days('Pushed', 1) }, action: EXPIRE },
      { rulePriority: 2, selection: { ...like('v*'), ...days('Pushed', 36_500) }, action: EXPIRE },
    ];
    expect(findUnsafeRules([], ['v1'], Retention.keepAll(), wrong(rules))).toEqual([]);
  });
});

test('is reported if a rule for it comes before the protection of a pattern that includes it', () => {
  newRepositories();
  const expire = LifecycleRule.expire({ images: ImageSelection.tagPattern('v1'), olderThan: Duration.days(7) });
  const protect = LifecycleRule.protect(ImageSelection.tagPattern('v*1'));

  expect(messageOf(() => repositoryWith([expire, protect]))).toContain("'lifecycleRules.protect' must come before the rules from which it protects images");
  expect(() => repositoryWith([protect, expire])).not.toThrow();
});
