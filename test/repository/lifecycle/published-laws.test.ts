import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { DirectPushSynthesizer, ImageRepository, ImageSource, Retention } from '../../../src';
import { runsOf } from '../../helpers/exhaustive';
import { IMAGES, NOW, RULES, RuleModel, daysAgo, ruleOf, simulated } from '../../helpers/lifecycle-arbitraries';
import { OracleImage } from '../../helpers/lifecycle-oracle';
import { APP } from '../../helpers/stack';

const RUNS = runsOf(300);
const WITHIN_80_YEARS = fc.oneof(fc.constant(NOW), fc.integer({ min: 0, max: 80 * 365 }).map(days => daysAgo(-days)));

let app: App;
let stack: Stack;
let direct: Stack;
let repositories: number;

beforeEach(() => {
  app = new App();
  stack = new Stack(app, 'Base');
  direct = new Stack(app, 'Web', { synthesizer: new DirectPushSynthesizer() });
  repositories = 0;
});

/** Rules of a user who accepts every risk. Half of them are added after the image is published. */
function repositoryWith(rules: RuleModel[], retention?: Retention): ImageRepository {
  const id = `repository${repositories++}`;
  return new ImageRepository(stack, id, { repositoryName: `team/${id}`, lifecycleRules: rules.slice(0, rules.length / 2).map(ruleOf), retention });
}

/** @returns the prefixes of the live tags of each image. */
function publishAndAdd(repository: ImageRepository, rules: RuleModel[], ...ids: string[]): string[] {
  const images = ids.map(id => repository.publish(id, ImageSource.registry('nginx:1')));
  for (const rule of rules.slice(rules.length / 2)) repository.addLifecycleRule(ruleOf(rule));
  return images.map(({ imageTagPrefix }) => imageTagPrefix);
}

/** Versions of an image, newest first: each with a live tag, some with tags of the user, some as an index of two platforms. */
const VERSIONS = fc.array(fc.record({
  tags: fc.uniqueArray(fc.constantFrom('prod-1', 'v1', 'latest', 'beta-1'), { maxLength: 2 }), isIndex: fc.boolean(), gap: fc.integer({ min: 1, max: 90 }),
}), { minLength: 2, maxLength: 8 });

interface Version {
  readonly tags: string[];
  readonly isIndex: boolean;
  readonly gap: number;
}

function imagesOf(id: string, prefix: string, versions: Version[]): OracleImage[][] {
  return versions.map(({ tags, isIndex, gap }, age) => {
    const digest = `${id}-${age}`;
    const common = { pushedAt: daysAgo(age * 91 + gap), storageClass: 'standard' as const };
    const members = isIndex ? [`${digest}-amd64`, `${digest}-arm64`] : [];
    return [
      { ...common, digest, tags: [...tags, `${prefix}${age}`], members },
      ...members.map(member => ({ ...common, digest: member, tags: [], members: [] })),
    ];
  });
}

function deployedAgain([image, ...members]: OracleImage[], tag: string): OracleImage[] {
  return [{ ...image, tags: [...image.tags, tag] }, ...members];
}

function gone(repository: ImageRepository, images: OracleImage[], at: Date): string[] {
  return [...simulated(repository.lifecycleSimulator, images, at).keys()];
}

describe('at any time within 80 years, whatever rules you add,', () => {
  test('the deployed image stays, with those for rollbacks and those that were deployed again; older versions expire', () => {
    const kept = fc.record({ rollbacks: fc.integer({ min: 1, max: 3 }), again: fc.nat(7) });
    fc.assert(fc.property(RULES, IMAGES, VERSIONS, kept, WITHIN_80_YEARS, (rules, others, versions, { rollbacks, again }, at) => {
      const repository = repositoryWith(rules, Retention.keepForRollback(rollbacks));
      const [prefix] = publishAndAdd(repository, rules, 'web');
      const web = imagesOf('web', prefix, versions).map((images, age) => age === again ? deployedAgain(images, `${prefix}kept-${age}`) : images);
      const isNeeded = (_: unknown, age: number) => age <= rollbacks || age === again;
      const needed = new Set(web.filter(isNeeded).flat().map(({ digest }) => digest));
      const old = web.filter((_, age) => !isNeeded(_, age)).map(([{ digest }]) => digest);
      const actedOn = gone(repository, [...others, ...web.flat()], at);
      expect(actedOn.filter(digest => needed.has(digest))).toEqual([]);
      expect(actedOn).toEqual(expect.arrayContaining(old));
    }), RUNS);
  });

  test('every version stays that is pushed directly, or if all versions are retained', () => {
    fc.assert(fc.property(RULES, IMAGES, VERSIONS, WITHIN_80_YEARS, fc.boolean(), (rules, others, versions, at, keepsAll) => {
      const repository = repositoryWith(rules, keepsAll ? Retention.keepAll() : undefined);
      const [prefix] = keepsAll
        ? publishAndAdd(repository, rules, 'web')
        : [repository.publish('web', ImageSource.directory(APP), { scope: direct }).imageTagPrefix];
      const web = imagesOf('web', prefix, versions);
      const needed = new Set(web.flat().map(({ digest }) => digest));
      expect(gone(repository, [...others, ...web.flat()], at).filter(digest => needed.has(digest))).toEqual([]);
    }), RUNS);
  });
});

describe('an image that is published under two names', () => {
  const AGES = [0, 30, 60, 90, 120];
  const versionsOf = (prefix: string): OracleImage[] => AGES.map(days =>
    ({ digest: `${days}`, tags: [`${prefix}${days}`], pushedAt: daysAgo(days), storageClass: 'standard', members: [] }));
  /** The oldest version, with one more tag. */
  const sharing = (prefix: string, tag: string) => versionsOf(prefix).map(image => image.digest === '120' ? { ...image, tags: [...image.tags, tag] } : image);

  test('stays for the service that runs it after the other service has moved on', () => {
    const repository = repositoryWith([], Retention.keepForRollback(1));
    const [web, api] = publishAndAdd(repository, [], 'web', 'api');

    expect(gone(repository, sharing(web, `${api}kept-120`), NOW)).toEqual(['60', '90']);
  });

  test('can expire if both were copied at the same moment, as docs/limits.md says', () => {
    const repository = repositoryWith([], Retention.keepForRollback(1));
    const [web, api] = publishAndAdd(repository, [], 'web', 'api');

    expect(gone(repository, sharing(web, `${api}120`), NOW)).toEqual(['60', '90', '120']);
  });

  test('stays if it was also pushed directly, because directly pushed images are kept forever', () => {
    const repository = repositoryWith([], Retention.keepForRollback(1));
    const { imageTag } = repository.publish('direct', ImageSource.directory(APP), { scope: direct });
    const [web] = publishAndAdd(repository, [], 'web');

    expect(gone(repository, sharing(web, imageTag), NOW)).toEqual(['60', '90']);
  });
});

test('a number of versions that is a token is rejected: one more image is kept, and CloudFormation cannot add', () => {
  const versions = new CfnParameter(stack, 'Versions', { type: 'Number' }).valueAsNumber;
  expect(() => repositoryWith([], Retention.keepForRollback(versions))).toThrow("'retention.versions' must be");
});
