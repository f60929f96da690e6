import { Duration } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { ImageSelection, LifecycleRule, LifecycleSimulator } from '../../../src';
import { runsOf, share } from '../../helpers/exhaustive';
import { IMAGES, NOW, PLAIN_IMAGES, RULES, RuleModel, daysAgo, described, isTwin, ruleOf, simulated } from '../../helpers/lifecycle-arbitraries';
import { OracleImage } from '../../helpers/lifecycle-oracle';

const RUNS = runsOf(400);

const LATER = fc.oneof(fc.constant(NOW), fc.integer({ min: 0, max: 80 * 365 }).map(days => daysAgo(-days)));

function simulatorOf(rules: RuleModel[]): LifecycleSimulator {
  return new LifecycleSimulator(rules.map(ruleOf));
}

/** The digests of the images that the rules expire or archive. */
function acted(rules: RuleModel[], images: OracleImage[], at = NOW): string[] {
  return [...simulated(simulatorOf(rules), images, at).keys()];
}

/** The images that a rule selects, whatever their age: those that expire if the rule takes all. */
function meantBy(images: RuleModel['images'], stored: OracleImage[]): string[] {
  return acted([{ factory: 'expire', images, number: 1 }], stored, daysAgo(-1000));
}

const countsImages = ({ factory }: RuleModel) => factory === 'keepNewest' || factory === 'archiveAllButNewest';

describe('an image', () => {
  test('is expired or archived by at most one rule', () => {
    fc.assert(fc.property(RULES, IMAGES, LATER, (rules, images, at) => {
      const decisions = simulatorOf(rules).simulate(images.map(described), at);
      expect(new Set(decisions.map(({ image }) => image.digest)).size).toBe(decisions.length);
    }), RUNS);
  });

  test('that a rule with a higher priority selects is not affected by rules with lower priorities', () => {
    const tagged = RULES.filter(([first]) => first !== undefined && first.images !== 'all' && first.factory !== 'expireArchived');
    fc.assert(fc.property(tagged, PLAIN_IMAGES, LATER, ([first, ...others], images, at) => {
      const alone = simulated(simulatorOf([first]), images, at);
      const together = simulated(simulatorOf([first, ...others]), images, at);
      for (const digest of meantBy(first.images, images)) expect(together.get(digest)).toEqual(alone.get(digest));
    }), RUNS);
  });

  test('in an index stays as long as the index stays', () => {
    let stayed = 0;
    fc.assert(fc.property(RULES, IMAGES, LATER, (rules, images, at) => {
      const gone = new Set(acted(rules, images, at));
      const staying = images.filter(({ digest, storageClass }) => storageClass === 'standard' && !gone.has(digest));
      const members = staying.flatMap(index => index.members);
      stayed += members.length;
      expect(members.filter(digest => gone.has(digest))).toEqual([]);
    }), RUNS);
    expect(stayed).toBeGreaterThan(share(100) / 2);
  });

  test('with a subject, such as a signature, is removed with its subject', () => {
    fc.assert(fc.property(RULES, IMAGES, LATER, (rules, images, at) => {
      const gone = new Set(acted(rules, images, at));
      const orphans = images.filter(({ digest, subject }) => subject !== undefined && gone.has(subject) && !gone.has(digest));
      expect(orphans).toEqual([]);
    }), RUNS);
  });

});

describe('the passing of time', () => {
  test('never protects an image that a rule would have removed', () => {
    fc.assert(fc.property(RULES, IMAGES, LATER, LATER, (rules, images, one, other) => {
      const [sooner, later] = [one, other].sort((first, second) => first.getTime() - second.getTime());
      const goneLater = new Set(acted(rules, images, later));
      expect(acted(rules, images, sooner).filter(digest => !goneLater.has(digest))).toEqual([]);
    }), RUNS);
  });

  test('does not affect rules that count images', () => {
    fc.assert(fc.property(RULES, IMAGES, LATER, (rules, images, at) => {
      const counting = rules.filter(countsImages);
      expect(simulated(simulatorOf(counting), images, at)).toEqual(simulated(simulatorOf(counting), images));
    }), RUNS);
  });

  test('is not needed for an end: after ECR has applied the rules, they remove nothing more', () => {
    fc.assert(fc.property(RULES, IMAGES, (rules, images) => {
      const done = simulated(simulatorOf(rules), images);
      const left = images
        .filter(({ digest }) => done.get(digest)?.action !== 'expire')
        .map(image => done.has(image.digest) ? { ...image, storageClass: 'archive' as const, archivedAt: NOW } : image);
      expect(acted(rules, left)).toEqual([]);
    }), RUNS);
  });
});

describe('other images', () => {
  test('do not affect rules that count days', () => {
    fc.assert(fc.property(RULES, PLAIN_IMAGES, LATER, (models, images, at) => {
      const rules = models.filter(model => !countsImages(model));
      const alone = images.filter(image => acted(rules, [image], at).length > 0).map(({ digest }) => digest);
      expect(acted(rules, images, at)).toEqual(alone);
    }), RUNS);
  });

  test('that are pushed never protect an existing image from a rule', () => {
    fc.assert(fc.property(RULES, PLAIN_IMAGES, fc.nat(11), LATER, (rules, images, position, at) => {
      const before = images.filter((_, index) => index !== position);
      const gone = new Set(acted(rules, images, at));
      expect(acted(rules, before, at).filter(digest => !gone.has(digest))).toEqual([]);
    }), RUNS);
  });

  test('that are older do not affect an image: neither its age nor its rank among the newest', () => {
    fc.assert(fc.property(RULES, PLAIN_IMAGES, LATER, (rules, images, at) => {
      const rank = ({ activatedAt, pushedAt }: OracleImage) => (activatedAt ?? pushedAt).getTime();
      const [oldest] = [...images].sort((one, other) => rank(one) - rank(other));
      const others = images.filter(image => image !== oldest);
      const verdicts = simulated(simulatorOf(rules), images, at);
      verdicts.delete(oldest.digest);
      expect(simulated(simulatorOf(rules), others, at)).toEqual(verdicts);
    }), RUNS);
  });

  test('can be listed in any order, even if some were pushed at the same time', () => {
    fc.assert(fc.property(RULES, IMAGES, fc.boolean(), fc.infiniteStream(fc.nat()), (rules, images, atOnce, keys) => {
      const stored = images.map(image => atOnce ? { ...image, pushedAt: images[0].pushedAt } : image);
      const shuffled = stored.map(image => ({ image, key: keys.next().value })).sort((one, other) => one.key - other.key).map(({ image }) => image);
      expect(simulated(simulatorOf(rules), shuffled)).toEqual(simulated(simulatorOf(rules), stored));
    }), RUNS);
  });

  test('are not protected by a smaller count: whatever a larger count removes, a smaller count removes too', () => {
    const rule = RULES.filter(rules => rules.length > 0 && rules[0].number > 1 && rules[0].factory !== 'expireArchived' && rules[0].factory !== 'protect');
    fc.assert(fc.property(rule, IMAGES, ([first, ...others], images) => {
      const stricter = new Set(acted([{ ...first, number: first.number - 1 }, ...others], images));
      expect(acted([first, ...others], images).filter(digest => !stricter.has(digest))).toEqual([]);
    }), RUNS);
  });
});

/** The digests of images with such tags, wherever they are stored. */
function taggedLike(images: RuleModel['images'], stored: OracleImage[]): string[] {
  return meantBy(images, stored.map(image => ({ ...image, storageClass: 'standard' })));
}

describe('protection', () => {
  const protectable = RULES.map(([first, ...others]) => [{ factory: 'protect' as const, images: first?.images ?? 'all', number: 1 }, ...others] as const)
    .filter(([first, ...others]) => first.images !== 'all' && !others.some(other => isTwin(first, other)));

  test('is complete: an image that LifecycleRule.protect selects stays for a hundred years, whatever rules come after it', () => {
    fc.assert(fc.property(protectable, PLAIN_IMAGES, LATER, ([{ images: selection }, ...others], images, at) => {
      const rules = [{ factory: 'protect' as const, images: selection, number: 1 }, ...others];
      const safe = new Set(taggedLike(selection, images));
      expect(acted(rules, images, at).filter(digest => safe.has(digest))).toEqual([]);
    }), RUNS);
  });

  test('does not affect other images', () => {
    fc.assert(fc.property(protectable, PLAIN_IMAGES, LATER, ([{ images: selection }, ...others], images, at) => {
      const guarded = new Set(taggedLike(selection, images));
      const without = acted(others, images, at).filter(digest => !guarded.has(digest));
      expect(acted([{ factory: 'protect', images: selection, number: 1 }, ...others], images, at).filter(digest => !guarded.has(digest))).toEqual(without);
    }), RUNS);
  });

  test('of all images is rejected, because ECR would apply it last', () => {
    expect(() => new LifecycleSimulator([LifecycleRule.protect(ImageSelection.all())])).toThrow("'lifecycleRules.protect.images' must be some of the images");
  });

  test('also holds in the archive', () => {
    const archived: OracleImage = { digest: 'image', tags: ['prod-1'], pushedAt: daysAgo(400), archivedAt: daysAgo(400), storageClass: 'archive', members: [] };
    const rules = [LifecycleRule.protect(ImageSelection.tagPrefix('prod-')), LifecycleRule.expireArchived({ archivedFor: Duration.days(90) })];
    expect(simulated(new LifecycleSimulator(rules), [archived])).toEqual(new Map());
  });
});
