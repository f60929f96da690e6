import { Duration, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { ImageSelection } from './image-selection';
import { CountType, NEVER_DAYS, RuleAction, RuleSelection, RuleText, StorageClass } from './policy-text';
import { checkValue, DurationRule, InstanceRule, Rule, Shape } from '../../private/shape';
import { reject } from '../../private/validation';

const EXPIRE: RuleAction = { type: 'expire' };
const ARCHIVE: RuleAction = { type: 'transition', targetStorageClass: 'archive' };

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html */
const DAYS_IN_ARCHIVE = 90;
const LONGEST_DESCRIPTION = 256;

/** A value that must be a lifecycle rule. */
export const LIFECYCLE_RULE: InstanceRule = {
  kind: 'instance', must: 'be a LifecycleRule', methods: ['_render'], fix: 'Call the factory, e.g. LifecycleRule.expireUntagged({ olderThan: Duration.days(7) }).',
};

/** Options of `LifecycleRule.expireUntagged`. */
export interface ExpireUntaggedOptions {
  /** The time since the push, in whole days, at least one. */
  readonly olderThan: Duration;
}

/** Options of rules that count the age of an image. */
export interface ImageAgeOptions {
  /** The images that the rule selects. */
  readonly images: ImageSelection;

  /** The time since the push, in whole days, at least one. For an image that was restored from the archive, the time since it was restored. */
  readonly olderThan: Duration;
}

/** Options of `LifecycleRule.expire`. */
export interface ExpireOptions extends ImageAgeOptions {}

/** Options of `LifecycleRule.archive`. */
export interface ArchiveOptions extends ImageAgeOptions {}

/** Options of rules that keep the newest images. */
export interface KeepNewestOptions {
  /** The images that the rule selects. */
  readonly images: ImageSelection;

  /**
   * The number of images to keep, at least one: those that were pushed last. ECR may count several images for one that you pushed, such as
   * the images of the platforms of an index, and signatures.
   */
  readonly count: number;
}

/** Options of `LifecycleRule.archiveAllButNewest`. */
export interface ArchiveAllButNewestOptions extends KeepNewestOptions {}

/** Options of `LifecycleRule.archiveUnused`. */
export interface ArchiveUnusedOptions {
  /** The images that the rule selects. */
  readonly images: ImageSelection;

  /**
   * The time since the last pull, in whole days, at least one. For an image that was never pulled, the time since the push. A running
   * task pulls its image once, when it starts.
   */
  readonly notPulledFor: Duration;
}

/** Options of `LifecycleRule.expireArchived`. */
export interface ExpireArchivedOptions {
  /**
   * The images that the rule selects.
   *
   * @default - all images in the archive
   */
  readonly images?: ImageSelection;

  /** The time in the archive, in whole days, at least 90. */
  readonly archivedFor: Duration;
}

const IMAGES: InstanceRule = {
  kind: 'instance', must: 'be an ImageSelection', methods: ['_select'], fix: 'Call the factory, e.g. ImageSelection.tagPrefix(\'dev-\').',
};
const DAYS: DurationRule = { kind: 'duration', unit: 'days', min: 1, fix: 'ECR counts whole days. Use a duration such as Duration.days(7).' };
const COUNT: Rule & { readonly required: true } = { kind: 'integer', min: 1, required: true, fix: 'Write the number of images to keep.' };

/** Property names of lifecycle rules in aws-cdk, with the fix for each. */
const REPLACEMENTS = {
  tagPrefixList: 'Write `images: ImageSelection.everyTagPrefix([…])`.', tagPatternList: 'Write `images: ImageSelection.everyTagPattern([…])`.',
  tagStatus: 'Write `images: ImageSelection.untagged()`, `.all()` or one of the others.', rulePriority: 'The order of the rules is their priority. Leave it out.',
  description: 'Leave it out. The library writes the description.',
};
const maxImageAge = (name: string) => ({ maxImageAge: `Write \`${name}\`.` });
const MAX_IMAGE_COUNT = { maxImageCount: 'Use `LifecycleRule.keepNewest({ images, count })`.' };

export const EXPIRE_UNTAGGED = new Shape<ExpireUntaggedOptions>('Write { olderThan: Duration.days(7) }.', { olderThan: { ...DAYS, required: true } }, {
  ...REPLACEMENTS, ...maxImageAge('olderThan'), ...MAX_IMAGE_COUNT, images: 'This rule selects untagged images. For others, use `LifecycleRule.expire`.',
});

export const IMAGE_AGE = new Shape<ImageAgeOptions>('Write { images: ImageSelection.tagPrefix(\'dev-\'), olderThan: Duration.days(7) }.', {
  images: { ...IMAGES, required: true }, olderThan: { ...DAYS, required: true },
}, {
  ...REPLACEMENTS, ...maxImageAge('olderThan'), ...MAX_IMAGE_COUNT, count: 'Use `LifecycleRule.keepNewest({ images, count })`.',
  notPulledFor: 'Use `LifecycleRule.archiveUnused({ images, notPulledFor })`.',
});

export const KEEP_NEWEST = new Shape<KeepNewestOptions>('Write { images: ImageSelection.tagPrefix(\'dev-\'), count: 10 }.', {
  images: { ...IMAGES, required: true }, count: COUNT,
}, { ...REPLACEMENTS, maxImageCount: 'Write `count`.', olderThan: 'Use `LifecycleRule.expire({ images, olderThan })`.', maxImageAge: 'Use `LifecycleRule.expire({ images, olderThan })`.' });

export const ARCHIVE_UNUSED = new Shape<ArchiveUnusedOptions>('Write { images: ImageSelection.tagPrefix(\'dev-\'), notPulledFor: Duration.days(30) }.', {
  images: { ...IMAGES, required: true }, notPulledFor: { ...DAYS, required: true },
}, { ...REPLACEMENTS, ...maxImageAge('notPulledFor'), ...MAX_IMAGE_COUNT, olderThan: 'Write `notPulledFor`, or use `LifecycleRule.archive({ images, olderThan })`.' });

export const EXPIRE_ARCHIVED = new Shape<ExpireArchivedOptions>('Write { archivedFor: Duration.days(90) }.', {
  images: IMAGES,
  archivedFor: {
    ...DAYS, min: DAYS_IN_ARCHIVE, required: true, fix: `ECR keeps archived images for at least ${DAYS_IN_ARCHIVE} days. Use Duration.days(${DAYS_IN_ARCHIVE}) or more.`,
  },
}, { ...REPLACEMENTS, ...maxImageAge('archivedFor'), olderThan: 'Write `archivedFor`.' });

/**
 * A rule that deletes, archives or protects images of a repository.
 *
 * No rule affects an image that this library has published, because rules that protect those images come first. ECR acts within a day after
 * an image matches a rule. An image in the archive cannot be pulled until it is restored.
 *
 * The repository throws if ECR would reject the rule, if the rule is dangerous, and if it could affect an image that the app runs.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
 */
export class LifecycleRule {
  /**
   * Delete untagged images some days after the push. A repository can have one rule for untagged images.
   *
   * Untagged images are images of platforms that no index lists any more, but also signatures and attestations, including those of deployed images.
   * Use this only if nothing in the repository is signed. A warning names signing by the same app, and images that are copied with their signatures.
   *
   * @param options after how many days
   */
  public static expireUntagged(options: ExpireUntaggedOptions): LifecycleRule {
    const count = pushed(options, 'expire');
    return new LifecycleRule({ name: 'expireUntagged', options, shape: EXPIRE_UNTAGGED, images: ImageSelection.untagged(), count, action: EXPIRE });
  }

  /**
   * Delete images some days after the push.
   *
   * @param options which images, and after how many days
   */
  public static expire(options: ExpireOptions): LifecycleRule {
    return new LifecycleRule({ name: 'expire', options, shape: IMAGE_AGE, images: options?.images, count: pushed(options, 'expire'), action: EXPIRE });
  }

  /**
   * Keep the newest images and delete the others.
   *
   * @param options which images, and how many of them
   */
  public static keepNewest(options: KeepNewestOptions): LifecycleRule {
    return new LifecycleRule({ name: 'keepNewest', options, shape: KEEP_NEWEST, images: options?.images, count: newest(options, 'expire'), action: EXPIRE });
  }

  /**
   * Archive images some days after the push. Archived images cost less. They cannot be pulled until they are restored.
   *
   * @param options which images, and after how many days
   */
  public static archive(options: ArchiveOptions): LifecycleRule {
    return new LifecycleRule({ name: 'archive', options, shape: IMAGE_AGE, images: options?.images, count: pushed(options, 'are archived'), action: ARCHIVE });
  }

  /**
   * Archive images that were not pulled for some days. ECR cannot delete images by their last pull: archive them, then use `expireArchived`.
   *
   * @param options which images, and after how many days
   */
  public static archiveUnused(options: ArchiveUnusedOptions): LifecycleRule {
    const count = days('sinceImagePulled', options?.notPulledFor, number => `are archived ${number} days after the last pull`);
    return new LifecycleRule({ name: 'archiveUnused', options, shape: ARCHIVE_UNUSED, images: options?.images, count, action: ARCHIVE });
  }

  /**
   * Keep the newest images ready for pulls and archive the others.
   *
   * @param options which images, and how many of them
   */
  public static archiveAllButNewest(options: ArchiveAllButNewestOptions): LifecycleRule {
    const count = newest(options, 'are archived');
    return new LifecycleRule({ name: 'archiveAllButNewest', options, shape: KEEP_NEWEST, images: options?.images, count, action: ARCHIVE });
  }

  /**
   * Delete images some days after they were archived.
   *
   * @param options which images, and after how many days
   */
  public static expireArchived(options: ExpireArchivedOptions): LifecycleRule {
    const count = days('sinceImageTransitioned', options?.archivedFor, number => `expire after ${number} days in the archive`);
    const images = options?.images ?? ImageSelection.all();
    return new LifecycleRule({ name: 'expireArchived', options, shape: EXPIRE_ARCHIVED, images, count, action: EXPIRE, storageClass: 'archive' });
  }

  /**
   * Keep images forever: no later rule affects them. ECR never applies a rule to an image whose tags match a rule with a higher priority. This is
   * such a rule, for images older than a hundred years.
   *
   * @param images which images; `ImageSelection.all()` throws, because ECR applies such a rule last
   */
  public static protect(images: ImageSelection): LifecycleRule {
    return new LifecycleRule({ name: 'protect', images, count: never(), action: EXPIRE });
  }

  private constructor(private readonly parts: Parts) {}

  /**
   * Return this rule, accepted although it is dangerous.
   *
   * The repository throws if the reason is too short or too long.
   *
   * @param reason why the rule does no harm here, 10 to 100 characters; it is written to the description of the rule
   */
  public acceptingTheRisk(reason: string): LifecycleRule {
    return new LifecycleRule({ ...this.parts, acceptedRisk: reason ?? '' });
  }

  /** @internal */
  public get _acceptedRisk(): string | undefined {
    return this.parts.acceptedRisk;
  }

  /** @internal */
  public _render(scope: IConstruct): RuleText {
    const { name, options, shape, images, count, action, storageClass, acceptedRisk } = this.parts;
    const property = `lifecycleRules.${name}`;
    shape?.check(scope, property, options);
    checkValue(scope, `${property}.images`, images, { ...IMAGES, required: true });
    if (name === 'protect' && images._select(scope, property).tagStatus === 'any') {
      reject(scope, {
        property: `${property}.images`, must: 'be some of the images', got: images._words, fix: 'Leave the rule out: without rules, all images are kept.',
      });
    }
    checkValue(scope, `${property}.acceptingTheRisk`, acceptedRisk, {
      kind: 'text', pattern: /^[^\p{Cc}"\\]{10,100}$/u, must: 'be a reason of 10 to 100 characters on one line', fix: 'Explain why the rule is safe here.',
    });
    const counted = count.render();
    const selection = { ...images._select(scope, `${property}.images`), ...(storageClass && { storageClass }), ...counted };
    const words = Token.isUnresolved(counted.countNumber) ? `${images._words}, by a number that is known at deployment` : count.words(images._words, counted.countNumber);
    return { description: describe(words, acceptedRisk), selection, action };
  }
}

/** The parts of a rule. */
interface Parts {
  /** The name of the factory. */
  readonly name: string;
  readonly options?: unknown;
  readonly shape?: { check(scope: IConstruct, property: string, value: unknown): void };
  readonly images: ImageSelection;
  readonly count: RuleCount;
  readonly action: RuleAction;
  readonly storageClass?: StorageClass;
  readonly acceptedRisk?: string;
}

/** The number that a rule counts to. */
interface RuleCount {
  /** The description of the rule. */
  words(images: string, countNumber: number): string;
  render(): Pick<RuleSelection, 'countType' | 'countUnit' | 'countNumber'>;
}

function newest(options: KeepNewestOptions | undefined, effect: string): RuleCount {
  return {
    words: (images, countNumber) => `${images} except the newest ${countNumber} ${effect}`,
    render: () => ({ countType: 'imageCountMoreThan', countNumber: options?.count as number }),
  };
}

function pushed(options: ExpireUntaggedOptions | undefined, effect: string): RuleCount {
  return days('sinceImagePushed', options?.olderThan, number => `${effect} ${number} days after the push`);
}

/** @param value the days, checked before they are rendered */
function days(countType: Exclude<CountType, 'imageCountMoreThan'>, value: Duration | undefined, effect: (days: number) => string): RuleCount {
  return {
    words: (images, countNumber) => `${images} ${effect(countNumber)}`,
    render: () => ({ countType, countUnit: 'days', countNumber: (value as Duration).toDays({ integral: false }) }),
  };
}

/** Counts more days than the age of any image. */
function never(): RuleCount {
  return {
    words: images => `${images} are kept`,
    render: () => ({ countType: 'sinceImagePushed', countUnit: 'days', countNumber: NEVER_DAYS }),
  };
}

function describe(words: string, acceptedRisk?: string): string {
  const text = `${words[0].toUpperCase()}${words.slice(1)}`;
  const reason = acceptedRisk === undefined ? '' : ` (accepted: ${acceptedRisk})`;
  return text.slice(0, LONGEST_DESCRIPTION - reason.length) + reason;
}
