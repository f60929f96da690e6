import { Duration, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { ImageSelection } from './image-selection';
import { RuleAction, RuleSelection, RuleText, StorageClass } from './policy-text';
import { hasMethods } from '../../private/check-types';
import { checkInteger, checkPattern, reject } from '../../private/validation';

const EXPIRE: RuleAction = { type: 'expire' };
const ARCHIVE: RuleAction = { type: 'transition', targetStorageClass: 'archive' };

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html */
const DAYS_IN_ARCHIVE = 90;
const LONGEST_DESCRIPTION = 256;

/** What makes one rule different from the next. */
interface Parts {
  /** The factory, as the user has written it. */
  readonly name: string;
  readonly images: ImageSelection;
  readonly count: RuleCount;
  readonly action: RuleAction;
  readonly storageClass?: StorageClass;
  readonly acceptedRisk?: string;
}

/**
 * Which images of a repository expire or go to the archive, and when.
 *
 * No rule reaches an image that this library has published: rules that protect those come first. ECR acts within a day after an image
 * meets a rule. An image in the archive cannot be pulled until it is restored.
 *
 * The repository that gets a rule throws when ECR would refuse it, when it is dangerous, and when it could reach an image that the app
 * runs.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
 */
export class LifecycleRule {
  /**
   * Untagged images expire some days after they were pushed. A repository can have one rule for untagged images.
   *
   * @param options after how many days
   */
  public static expireUntagged(options: ExpireUntaggedOptions): LifecycleRule {
    return new LifecycleRule({ name: 'expireUntagged', images: ImageSelection.untagged(), count: pushed(options, 'expire'), action: EXPIRE });
  }

  /**
   * Images expire some days after they were pushed.
   *
   * @param options which images, after how many days
   */
  public static expire(options: ImageAgeOptions): LifecycleRule {
    return new LifecycleRule({ name: 'expire', images: options?.images, count: pushed(options, 'expire'), action: EXPIRE });
  }

  /**
   * The newest images are kept, the others expire.
   *
   * @param options which images, how many of them
   */
  public static keepNewest(options: KeepNewestOptions): LifecycleRule {
    return new LifecycleRule({ name: 'keepNewest', images: options?.images, count: newest(options?.count, 'expire'), action: EXPIRE });
  }

  /**
   * Images go to the archive some days after they were pushed. Storing them there costs less; they cannot be pulled until they
   * are restored.
   *
   * @param options which images, after how many days
   */
  public static archive(options: ImageAgeOptions): LifecycleRule {
    return new LifecycleRule({ name: 'archive', images: options?.images, count: pushed(options, 'are archived'), action: ARCHIVE });
  }

  /**
   * Images go to the archive when nobody has pulled them for some days. ECR cannot expire images for that: archive them, then use
   * `expireArchived`.
   *
   * @param options which images, after how many days
   */
  public static archiveUnused(options: ArchiveUnusedOptions): LifecycleRule {
    const count = days(options?.notPulledFor, {
      property: 'notPulledFor', countType: 'sinceImagePulled', min: 1, effect: number => `are archived when nobody pulls them for ${number} days`,
    });
    return new LifecycleRule({ name: 'archiveUnused', images: options?.images, count, action: ARCHIVE });
  }

  /**
   * The newest images stay at hand, the others go to the archive.
   *
   * @param options which images, how many of them
   */
  public static archiveAllButNewest(options: KeepNewestOptions): LifecycleRule {
    const count = newest(options?.count, 'are archived');
    return new LifecycleRule({ name: 'archiveAllButNewest', images: options?.images, count, action: ARCHIVE });
  }

  /**
   * Images expire some days after they went to the archive.
   *
   * @param options which images, after how many days
   */
  public static expireArchived(options: ExpireArchivedOptions): LifecycleRule {
    const count = days(options?.archivedFor, {
      property: 'archivedFor', countType: 'sinceImageTransitioned', min: DAYS_IN_ARCHIVE, effect: number => `expire after ${number} days in the archive`,
    });
    const images = options?.images ?? ImageSelection.all();
    return new LifecycleRule({ name: 'expireArchived', images, count, action: EXPIRE, storageClass: 'archive' });
  }

  /**
   * Images stay for good: no rule that comes after this one acts on them. ECR never touches what matches the tags of a more important
   * rule, so this is one for images of more than a hundred years.
   *
   * @param images which images; not all of them, because such a rule comes last
   */
  public static protect(images: ImageSelection): LifecycleRule {
    return new LifecycleRule({ name: 'protect', images, count: never(), action: EXPIRE });
  }

  private constructor(private readonly parts: Parts) {}

  /**
   * The same rule, although it would be refused as dangerous.
   *
   * The repository throws when there is no such reason.
   *
   * @param reason why it does no harm here, 10 to 100 characters; it is written into the description of the rule
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
    const { name, images, count, action, storageClass, acceptedRisk } = this.parts;
    const property = `lifecycleRules.${name}`;
    if (!hasMethods(images, '_select')) {
      return reject(scope, {
        property: `${property}.images`, must: 'be an ImageSelection', got: images, fix: 'Make it with brackets, e.g. ImageSelection.tagPrefix(\'dev-\').',
      });
    }
    if (name === 'protect' && images._select(scope, property).tagStatus === 'any') {
      reject(scope, { property: `${property}.images`, must: 'be some of the images', got: images._words, fix: 'Without any rule all images stay: leave it out.' });
    }
    checkReason(scope, property, acceptedRisk);
    const counted = count.render(scope, `${property}.${count.property}`);
    const selection = { ...images._select(scope, `${property}.images`), ...(storageClass && { storageClass }), ...counted };
    const words = Token.isUnresolved(counted.countNumber) ? `${images._words} are looked after` : count.words(images._words, counted.countNumber);
    return { description: describe(words, acceptedRisk), selection, action };
  }
}

function pushed(options: ExpireUntaggedOptions | undefined, effect: string): RuleCount {
  return days(options?.olderThan, { property: 'olderThan', countType: 'sinceImagePushed', min: 1, effect: number => `${effect} ${number} days after the push` });
}

/** @returns what counts so many days that no image reaches them. */
function never(): RuleCount {
  return {
    property: 'count',
    words: images => `${images} are kept`,
    render: () => ({ countType: 'sinceImagePushed', countUnit: 'days', countNumber: NEVER_DAYS }),
  };
}

/** A hundred years. */
export const NEVER_DAYS = 36_500;

function describe(words: string, acceptedRisk?: string): string {
  const text = `${words[0].toUpperCase()}${words.slice(1)}`;
  const reason = acceptedRisk === undefined ? '' : ` (accepted: ${acceptedRisk})`;
  return text.slice(0, LONGEST_DESCRIPTION - reason.length) + reason;
}

function checkReason(scope: IConstruct, property: string, reason: string | undefined): void {
  if (reason === undefined) return;
  checkPattern(scope, {
    property: `${property}.acceptingTheRisk`, value: reason, pattern: /^[^\p{Cc}"\\]{10,100}$/u, must: 'be a reason of 10 to 100 characters on one line',
    fix: 'Say why the rule does no harm here.',
  });
}

/** When untagged images expire. */
export interface ExpireUntaggedOptions {
  /** How long ago the image was pushed, in whole days, at least one. */
  readonly olderThan: Duration;
}

/** Which images expire or are archived, and at what age. */
export interface ImageAgeOptions {
  /** Which images. */
  readonly images: ImageSelection;

  /**
   * How long ago the image was pushed, in whole days, at least one. For an image that came back from the archive, the time since
   * it came back counts.
   */
  readonly olderThan: Duration;
}

/** Which images are kept, and how many of them. */
export interface KeepNewestOptions {
  /** Which images. */
  readonly images: ImageSelection;

  /**
   * How many are kept, at least one: those that were pushed last. What belongs to an image may count too: the images of the
   * single platforms of an index, signatures.
   */
  readonly count: number;
}

/** Which images are archived when nobody pulls them. */
export interface ArchiveUnusedOptions {
  /** Which images. */
  readonly images: ImageSelection;

  /**
   * How long ago the image was pulled for the last time, in whole days, at least one. For an image that was never pulled, the time
   * since it was pushed counts. A task that has been running for longer has pulled its image once, when it was started.
   */
  readonly notPulledFor: Duration;
}

/** Which archived images expire. */
export interface ExpireArchivedOptions {
  /**
   * Which images.
   *
   * @default - all images in the archive
   */
  readonly images?: ImageSelection;

  /** How long the image has been in the archive, in whole days, at least 90. */
  readonly archivedFor: Duration;
}

/** What a rule counts up to. */
export interface RuleCount {
  /** How the user calls it, e.g. `olderThan`. */
  readonly property: string;
  /** The rule in words. */
  words(images: string, countNumber: number): string;
  /** In the words of ECR. Throws when the number is not one that ECR takes. */
  render(scope: IConstruct, property: string): Pick<RuleSelection, 'countType' | 'countUnit' | 'countNumber'>;
}

/** A number of images. */
export function newest(count: number, effect: string): RuleCount {
  return {
    property: 'count',
    words: (images, countNumber) => `of ${images} all but the newest ${countNumber} ${effect}`,
    render: (scope, property) => {
      checkInteger(scope, { property, value: count, min: 1, fix: 'Give the number of images to keep.' });
      return { countType: 'imageCountMoreThan', countNumber: count };
    },
  };
}

/** What is needed to count days. */
export interface DaysRule {
  readonly property: string;
  readonly countType: 'sinceImagePushed' | 'sinceImagePulled' | 'sinceImageTransitioned';
  readonly min: number;
  /** What happens after so many days. */
  readonly effect: (days: number) => string;
}

/** A number of days. */
export function days(value: Duration | undefined, { property: name, countType, min, effect }: DaysRule): RuleCount {
  return {
    property: name,
    words: (images, countNumber) => `${images} ${effect(countNumber)}`,
    render: (scope, property) => ({ countType, countUnit: 'days', countNumber: wholeDays(scope, property, value, min) }),
  };
}

function wholeDays(scope: IConstruct, property: string, value: Duration | undefined, min: number): number {
  const fix = min > 1
    ? `ECR keeps archived images for at least ${min} days: use Duration.days(${min}) or more.`
    : 'ECR counts whole days: use Duration.days(7) or the like.';
  if (!isDuration(value)) {
    return reject(scope, { property, must: 'be a Duration', got: value, fix });
  }
  if (value.isUnresolved() && value.unitLabel() !== 'days') {
    reject(scope, { property, must: 'be in days when it is only known at deployment', got: 'a token', fix });
  }
  const number = value.toDays({ integral: false });
  checkInteger(scope, { property, value: number, min, fix });
  return number;
}

function isDuration(value?: Duration): value is Duration {
  return hasMethods(value, 'isUnresolved', 'unitLabel', 'toDays');
}
