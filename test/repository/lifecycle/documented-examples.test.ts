import { LifecycleImage, LifecycleSimulator } from '../../../src';
import { NOW, daysAgo } from '../../helpers/lifecycle-arbitraries';
import { acceptedByEcr } from '../../helpers/lifecycle-oracle-policy';

const EXPIRE = { type: 'expire' };
const ARCHIVE = { type: 'transition', targetStorageClass: 'archive' };

const newest = (countNumber: number) => ({ countType: 'imageCountMoreThan', countNumber });
const days = (event: string, countNumber: number) => ({ countType: `sinceImage${event}`, countUnit: 'days', countNumber });
const like = (...tagPatternList: string[]) => ({ tagStatus: 'tagged', tagPatternList });
const UNTAGGED = { tagStatus: 'untagged' };
const ANY = { tagStatus: 'any' };

/** A policy with the rules in order of priority. */
function policyOf(...rules: { selection: object; action: object }[]): string {
  return JSON.stringify({ rules: rules.map((rule, index) => ({ rulePriority: index + 1, description: `Rule ${index + 1} of an example`, ...rule })) });
}

function expire(...selections: object[]): string {
  return policyOf(...selections.map(selection => ({ selection, action: EXPIRE })));
}

/** Images by name: their tags, and the number of days since their push. */
type Contents = Record<string, [string[], number]>;

function repositoryOf(contents: Contents): LifecycleImage[] {
  return Object.entries(contents).map(([digest, [tags, age]]) => ({ digest, tags, pushedAt: daysAgo(age) }));
}

function acted(text: string, images: LifecycleImage[]): string[] {
  return LifecycleSimulator.fromPolicyText(text).simulate(images, NOW).map(({ image, action, priority }) => `${image.digest} ${action}s by ${priority}`);
}

const TWO_TEAMS: Contents = { A: [['beta-1', 'prod-1'], 10], B: [['beta-2', 'prod-2'], 9], C: [['beta-3'], 8] };

// https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_examples.html
describe('an example from the AWS documentation has the documented result:', () => {
  test.each<[string, string, Contents, string[]]>([
    ['multiple rules, example A', expire({ ...like('prod*'), ...newest(1) }, { ...like('beta*'), ...newest(1) }), TWO_TEAMS, ['A expires by 1']],
    [
      'multiple rules, example B', expire({ ...like('beta*'), ...newest(1) }, { ...like('prod*'), ...newest(1) }), TWO_TEAMS,
      ['A expires by 1', 'B expires by 1'],
    ],
    [
      'multiple tags in a single rule, example A', expire({ ...like('alpha*', 'beta*'), ...days('Pushed', 5) }),
      {
        A: [['alpha-1'], 12], B: [['beta-1'], 11], C: [['alpha-2', 'beta-2'], 10],
        D: [['alpha-3'], 4], E: [['beta-3'], 3], F: [['alpha-4', 'beta-4'], 2],
      },
      ['C expires by 1'],
    ],
    [
      'multiple tags in a single rule, example B', expire({ ...like('alpha*', 'beta*'), ...newest(1) }),
      { A: [['alpha-1', 'beta-1', 'gamma-1'], 10], B: [['alpha-2', 'beta-2'], 9], C: [['alpha-3', 'beta-3', 'gamma-2'], 8] },
      ['A expires by 1', 'B expires by 1'],
    ],
    [
      'all images, example A', expire({ ...ANY, ...newest(1) }),
      { A: [['alpha-1'], 4], B: [['beta-1'], 3], C: [[], 2], D: [['alpha-2'], 1] },
      ['A expires by 1', 'B expires by 1', 'C expires by 1'],
    ],
    [
      'all images, example B', expire({ ...like('alpha*'), ...newest(1) }, { ...UNTAGGED, ...days('Pushed', 1) }, { ...ANY, ...newest(1) }),
      // D and E are both from one day ago. The page lists its images from old to new.
      { A: [['alpha-1', 'beta-1'], 4], B: [[], 3], C: [['alpha-2'], 2], D: [['git hash'], 1.01], E: [[], 1] },
      ['A expires by 1', 'B expires by 2', 'D expires by 3'],
    ],
  ])('%s', (_, text, contents, outcome) => {
    expect(acceptedByEcr(text)).toBe(true);
    expect(acted(text, repositoryOf(contents))).toEqual(outcome);
  });
});

describe('an example policy of AWS works with our images:', () => {
  const image = { digest: 'image', tags: ['prod-1'] };

  test('the age of an image', () => {
    const text = expire({ ...like('prod*'), ...days('Pushed', 14) });
    expect(acted(text, repositoryOf({ prod: [['prod'], 15], production: [['production-team1'], 15], young: [['prod1'], 14], other: [['repo-production'], 15] })))
      .toEqual(['prod expires by 1', 'production expires by 1']);
  });

  test('the number of untagged images', () => {
    expect(acted(expire({ ...UNTAGGED, ...newest(1) }), repositoryOf({ old: [[], 3], older: [[], 4], newest: [[], 2], tagged: [['v1'], 9] })))
      .toEqual(['old expires by 1', 'older expires by 1']);
  });

  test('the last pull, else the push, else the restore from the archive', () => {
    const text = policyOf({ selection: { ...ANY, ...days('Pulled', 90) }, action: ARCHIVE });
    expect(acted(text, [
      { ...image, digest: 'pulled lately', pushedAt: daysAgo(500), pulledAt: daysAgo(90) },
      { ...image, digest: 'pulled long ago', pushedAt: daysAgo(500), pulledAt: daysAgo(91) },
      { ...image, digest: 'never pulled', pushedAt: daysAgo(91) },
      { ...image, digest: 'restored, not pulled since', pushedAt: daysAgo(500), pulledAt: daysAgo(400), restoredAt: daysAgo(91) },
      { ...image, digest: 'restored lately', pushedAt: daysAgo(500), pulledAt: daysAgo(400), restoredAt: daysAgo(90) },
      { ...image, digest: 'restored, pulled lately', pushedAt: daysAgo(500), pulledAt: daysAgo(89), restoredAt: daysAgo(200) },
    ])).toEqual(['pulled long ago archives by 1', 'never pulled archives by 1', 'restored, not pulled since archives by 1']);
  });

  test('first archiving, then expiration, each with a rule for all images of its storage class', () => {
    const text = policyOf(
      { selection: { ...ANY, ...days('Pushed', 30) }, action: ARCHIVE },
      { selection: { ...ANY, storageClass: 'archive', ...days('Transitioned', 365) }, action: EXPIRE },
    );
    const archived = { ...image, pushedAt: daysAgo(900), storageClass: 'archive' as LifecycleImage['storageClass'] };
    expect(acceptedByEcr(text)).toBe(true);
    expect(acted(text, [
      { ...image, digest: 'young', pushedAt: daysAgo(30) },
      { ...image, digest: 'old', pushedAt: daysAgo(31) },
      { ...archived, digest: 'archived lately', archivedAt: daysAgo(365) },
      { ...archived, digest: 'archived long ago', archivedAt: daysAgo(366) },
    ])).toEqual(['old archives by 1', 'archived long ago expires by 2']);
  });
});
