import { Duration } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { OracleImage, StorageClass } from './lifecycle-oracle';
import { ImageSelection, ImageStorageClass, LifecycleImage, LifecycleRule, LifecycleSimulator, Retention } from '../../src';

const DAY = 24 * 60 * 60 * 1000;

/** The time of the simulation, unless a test sets another one. */
export const NOW = new Date('2030-01-01T00:00:00Z');

export function daysAgo(days: number, now = NOW): Date {
  return new Date(now.getTime() - days * DAY);
}

const TAGS = [
  'prod', 'prod-1', 'prod-2', 'beta-1', 'beta-2', 'v1', 'v1.2', 'v1-rc1', 'v2-rc', 'dev-a-b', 'aba', 'latest', 'live-web.0badcafe.1', 'sha256-1.sig',
];
const PREFIXES = ['prod', 'prod-', 'beta', 'v', 'v1', 'dev-a', 'a', 'sha', 'li'];
const PATTERNS = ['*', '*o*', 'prod*', '*-1', 'v*-rc*', 'v1', 'a*a', 'ab*ba', '*e*t*', '*.*.*', 'b*-*', '*-*-*'];

/** A rule in the notation of the tests; `ruleOf` creates it. */
export interface RuleModel {
  readonly factory: 'expire' | 'keepNewest' | 'archive' | 'archiveUnused' | 'archiveAllButNewest' | 'expireArchived' | 'protect';
  readonly images: 'all' | 'untagged' | { readonly prefixes: string[] } | { readonly patterns: string[] };
  readonly number: number;
}

const RULE: fc.Arbitrary<RuleModel> = fc.record({
  factory: fc.constantFrom<RuleModel['factory']>('expire', 'keepNewest', 'archive', 'archiveUnused', 'archiveAllButNewest', 'expireArchived', 'protect'),
  images: fc.oneof(
    fc.constant<RuleModel['images']>('all'),
    fc.constant<RuleModel['images']>('untagged'),
    fc.uniqueArray(fc.constantFrom(...PREFIXES), { minLength: 1, maxLength: 2 }).map(prefixes => ({ prefixes })),
    fc.uniqueArray(fc.constantFrom(...PATTERNS), { minLength: 1, maxLength: 2 }).map(patterns => ({ patterns })),
  ),
  number: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 60 })),
});

/** Rules that ECR accepts together: no two rules of a storage class select the same images. */
export const RULES: fc.Arbitrary<RuleModel[]> = fc.uniqueArray(RULE.filter(isUseful), { maxLength: 6, comparator: isTwin })
  // Rules that protect come first: they are rejected after a rule for the same images.
  .map(rules => [...rules.filter(({ factory }) => factory === 'protect'), ...rules.filter(({ factory }) => factory !== 'protect')]);

/** Rules, some of which are rejected together. */
export const ANY_RULES: fc.Arbitrary<RuleModel[]> = fc.array(RULE, { maxLength: 5 });

/** A rule that protects all images would need no other rule. */
function isUseful({ factory, images }: RuleModel): boolean {
  return factory !== 'protect' || images !== 'all';
}

/** Whether two rules select the same images of a storage class. A rule that protects applies to both. */
export function isTwin(one: RuleModel, other: RuleModel): boolean {
  const inBoth = [one, other].some(({ factory }) => factory === 'protect');
  return (inBoth || (one.factory === 'expireArchived') === (other.factory === 'expireArchived')) && listOf(one) === listOf(other);
}

function listOf({ images }: RuleModel): string {
  return JSON.stringify(typeof images === 'string' ? images : Object.entries(images).map(([kind, texts]) => [kind, [...texts].sort()]));
}

/** The rule with its risk accepted: other tests are about risks. */
export function ruleOf(model: RuleModel): LifecycleRule {
  return carelessRuleOf(model).acceptingTheRisk('a property test');
}

/** The rule of a user who does not know its risk. */
export function carelessRuleOf({ factory, images: wanted, number }: RuleModel): LifecycleRule {
  const images = selectionOf(wanted);
  switch (factory) {
    case 'expire':
    case 'archive': return LifecycleRule[factory]({ images, olderThan: Duration.days(number) });
    case 'keepNewest':
    case 'archiveAllButNewest': return LifecycleRule[factory]({ images, count: number });
    case 'archiveUnused': return LifecycleRule.archiveUnused({ images, notPulledFor: Duration.days(number) });
    case 'expireArchived': return LifecycleRule.expireArchived({ images, archivedFor: Duration.days(89 + number) });
    case 'protect': return LifecycleRule.protect(images);
  }
}

export function selectionOf(images: RuleModel['images']): ImageSelection {
  if (images === 'all') return ImageSelection.all();
  if (images === 'untagged') return ImageSelection.untagged();
  return 'prefixes' in images ? ImageSelection.everyTagPrefix(images.prefixes) : ImageSelection.everyTagPattern(images.patterns);
}

/** Half days, so that ages often equal the limit of a rule. */
const AGE = fc.integer({ min: 0, max: 300 }).map(halves => halves / 2);
const LIMIT = fc.constantFrom(0, 0, 0, -1, 1);
const TIME = fc.tuple(AGE, LIMIT).map(([days, milliseconds]) => new Date(daysAgo(days).getTime() + milliseconds));
const RARELY = fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: TIME });

interface Shape {
  readonly tags: string[];
  readonly pushedAt: Date;
  readonly pulledAt?: Date;
  readonly activatedAt?: Date;
  readonly archivedAt: Date;
  readonly storageClass: StorageClass;
  readonly role: 'image' | 'list' | 'companion';
  readonly others: number[];
  readonly turn: number;
}

const SHAPE: fc.Arbitrary<Shape> = fc.record({
  tags: fc.oneof(
    { weight: 1, arbitrary: fc.constant<string[]>([]) },
    { weight: 3, arbitrary: fc.uniqueArray(fc.constantFrom(...TAGS), { maxLength: 3 }) },
  ),
  pushedAt: TIME,
  pulledAt: fc.oneof(TIME, RARELY),
  activatedAt: RARELY,
  archivedAt: TIME,
  storageClass: fc.constantFrom<StorageClass>('standard', 'standard', 'standard', 'archive'),
  role: fc.constantFrom<Shape['role']>('image', 'list', 'companion'),
  others: fc.array(fc.nat(5), { maxLength: 3 }),
  turn: fc.nat(99),
});

/**
 * The images of a repository, in any order: some are indexes, also nested ones, and some have a subject. No two have the same
 * place in ECR's order, because the order of such images is not documented.
 */
export const IMAGES: fc.Arbitrary<OracleImage[]> = imagesOf(SHAPE);

/** The same, without indexes and artifacts with a subject. */
export const PLAIN_IMAGES: fc.Arbitrary<OracleImage[]> = imagesOf(SHAPE.map(shape => ({ ...shape, role: 'image' })));

function imagesOf(shape: fc.Arbitrary<Shape>): fc.Arbitrary<OracleImage[]> {
  return fc
    .uniqueArray(shape, { minLength: 1, maxLength: 12, selector: ({ activatedAt, pushedAt }) => (activatedAt ?? pushedAt).getTime() })
    .map(shapes => shapes
      .map((each, position) => ({ image: imageOf(each, position, shapes), turn: each.turn }))
      .sort((one, other) => one.turn - other.turn)
      .map(({ image }) => image));
}

/** An index has members. An artifact (never an index or a member itself, and in standard storage) has a subject, which may be deleted. */
function imageOf({ role, others, turn: _, ...image }: Shape, position: number, shapes: Shape[]): OracleImage {
  const later = others.map(step => position + 1 + step).filter(index => shapes[index] && shapes[index].role !== 'companion');
  const isCompanion = role === 'companion';
  return {
    ...image,
    digest: `image-${position}`,
    storageClass: isCompanion ? 'standard' : image.storageClass,
    members: role === 'list' ? later.map(index => `image-${index}`) : [],
    subject: isCompanion && others.length > 0 ? `image-${position - 1 - others[0] % 4}` : undefined,
  };
}

/** The image in the form of the public API. */
export function described(image: OracleImage): LifecycleImage {
  const { digest, tags, pushedAt, pulledAt, archivedAt, activatedAt, storageClass, members, subject } = image;
  const isArchived = storageClass === 'archive';
  return {
    digest, tags, pushedAt, pulledAt, archivedAt, subject,
    restoredAt: activatedAt,
    children: members,
    storageClass: isArchived ? ImageStorageClass.ARCHIVE : undefined,
  };
}

/** The result of the simulator, in the form of the oracle. */
export function simulated(simulator: LifecycleSimulator, images: OracleImage[], at = NOW) {
  return new Map(simulator.simulate(images.map(described), at).map(({ image, priority, action }) =>
    [image.digest, { priority, action: action === 'archive' ? 'transition' : action }]));
}

/** The retention of published images; `undefined` for the default. */
export const RETENTION = fc.oneof(
  fc.constant(undefined),
  fc.constant(Retention.keepAll()),
  fc.integer({ min: 1, max: 4 }).map(Retention.keepForRollback),
  fc.integer({ min: 1, max: 4 }).map(Retention.keepForRollbackByPushDate),
);
