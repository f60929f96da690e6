import { RootConstruct } from 'constructs';
import { evaluate, StoredImage } from './evaluate';
import { LifecyclePolicy } from './lifecycle-policy';
import { LifecycleRule } from './lifecycle-rule';
import { PrioritizedRule, readPolicyText } from './policy-text';
import { isObject } from '../../private/check-types';
import { display } from '../../private/validation';

/** What happens to an image. */
export enum LifecycleAction {
  /** It is deleted. */
  EXPIRE = 'expire',

  /** It goes to the archive, and cannot be pulled until it is restored. */
  ARCHIVE = 'archive',
}

/** What a lifecycle policy does with one image, and why. */
export interface LifecycleDecision {
  /** The image. */
  readonly image: LifecycleImage;

  /** What happens to it. */
  readonly action: LifecycleAction;

  /** The description of the rule that acts. */
  readonly rule: string;

  /** The priority of that rule, 1 for the most important one. */
  readonly priority: number;
}

/**
 * Tells what a lifecycle policy would delete or archive, without AWS: for your own tests.
 *
 * It follows what AWS documents: one rule at the most acts on an image; what matches the tags of a more important rule is safe from
 * the others; the images of an index stay as long as the index does; what refers to an image goes with it. It has not been compared
 * with AWS itself.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 */
export class LifecycleSimulator {
  /**
   * Simulate the policy that a repository has already.
   *
   * Throws when the text is no policy.
   *
   * @param text the `lifecyclePolicyText` that `aws ecr get-lifecycle-policy` tells
   */
  public static fromPolicyText(text: string): LifecycleSimulator {
    const rules = readPolicyText(text);
    return LifecycleSimulator._of(() => rules);
  }

  /** @internal */
  public static _of(rules: () => readonly PrioritizedRule[]): LifecycleSimulator {
    const simulator = new LifecycleSimulator([]);
    simulator.rules = rules;
    return simulator;
  }

  // Asked each time: a repository may get more of them.
  private rules: () => readonly PrioritizedRule[];

  /**
   * Simulate rules alone. With the rules that protect what is deployed, it is `repository.lifecycleSimulator`.
   *
   * Throws when ECR would refuse the rules, or when a repository would because they are dangerous.
   *
   * @param rules the rules, most important one first
   */
  constructor(rules: LifecycleRule[]) {
    const own = new LifecyclePolicy(new RootConstruct('LifecycleSimulator'), rules).ownRules();
    this.rules = () => own;
  }

  /**
   * What happens to which image. Images that stay are left out.
   *
   * Throws when an image is described wrongly or twice.
   *
   * @param images all images of the repository
   * @param at when ECR looks
   */
  public simulate(images: LifecycleImage[], at: Date): LifecycleDecision[] {
    const now = time('at', at);
    if (now === undefined || !Array.isArray(images)) throw new Error(`LifecycleSimulator: 'simulate' must get a list of images and a date, got ${display([images, at])}.`);
    const stored = images.map(storedImage);
    const names = new Set(stored.map(({ digest }) => digest));
    if (names.size < stored.length) throw new Error('LifecycleSimulator: \'images\' must have a digest each of its own. Put all tags of an image into one entry.');
    const acting = evaluate(this.rules(), stored, now);
    return images.flatMap(image => {
      const rule = acting.get(image.digest);
      return rule === undefined ? [] : [decision(image, rule)];
    });
  }
}

function decision(image: LifecycleImage, { rulePriority, description = '', action }: PrioritizedRule): LifecycleDecision {
  return { image, rule: description, priority: rulePriority, action: action.type === 'expire' ? LifecycleAction.EXPIRE : LifecycleAction.ARCHIVE };
}

/** Where ECR keeps an image. */
export enum ImageStorageClass {
  /** At hand: it can be pulled. */
  STANDARD = 'standard',

  /** In the archive: it cannot be pulled until it is restored. */
  ARCHIVE = 'archive',
}

/** An image for the `LifecycleSimulator`, as `aws ecr describe-images` tells of it. */
export interface LifecycleImage {
  /** The digest, or any other name that no other image has. */
  readonly digest: string;

  /**
   * The tags.
   *
   * @default - none
   */
  readonly tags?: string[];

  /** When it was pushed. A tag that is added later does not change that. */
  readonly pushedAt: Date;

  /**
   * When it was pulled for the last time.
   *
   * @default - never
   */
  readonly pulledAt?: Date;

  /**
   * Where it is kept.
   *
   * @default ImageStorageClass.STANDARD
   */
  readonly storageClass?: ImageStorageClass;

  /**
   * When it went to the archive.
   *
   * @default - when it was pushed, for an image that is there
   */
  readonly archivedAt?: Date;

  /**
   * When it came back from the archive.
   *
   * @default - it did not
   */
  readonly restoredAt?: Date;

  /**
   * For an index of several platforms: the digests of the images that it lists.
   *
   * @default - none
   */
  readonly children?: string[];

  /**
   * For a signature or the like: the digest of the image that it is about.
   *
   * @default - none
   */
  readonly subject?: string;
}

/** The image as the rules see it. Throws for what is none. */
export function storedImage(image: LifecycleImage, position: number): StoredImage {
  const name = `images[${position}]`;
  if (!isObject(image) || typeof image.digest !== 'string') throw wrong(name, 'be an object with a digest', image);
  const { digest, tags = [], storageClass = ImageStorageClass.STANDARD, children = [], subject } = image;
  if (!isTexts(tags)) throw wrong(`${name}.tags`, 'be a list of texts', tags);
  if (!isTexts(children)) throw wrong(`${name}.children`, 'be a list of digests', children);
  if (!Object.values(ImageStorageClass).includes(storageClass)) throw wrong(`${name}.storageClass`, 'be an ImageStorageClass', storageClass);
  const pushedAt = time(`${name}.pushedAt`, image.pushedAt) ?? NaN;
  if (Number.isNaN(pushedAt)) throw wrong(`${name}.pushedAt`, 'be a date', image.pushedAt);
  return {
    digest,
    tags,
    storageClass,
    children,
    subject,
    pushedAt,
    pulledAt: time(`${name}.pulledAt`, image.pulledAt),
    archivedAt: time(`${name}.archivedAt`, image.archivedAt),
    restoredAt: time(`${name}.restoredAt`, image.restoredAt),
  };
}

/** Milliseconds since 1970. Throws for what is no date. */
export function time(name: string, date: Date | undefined): number | undefined {
  if (date === undefined || date === null) return undefined;
  const milliseconds = date instanceof Date ? date.getTime() : NaN;
  if (Number.isNaN(milliseconds)) throw wrong(name, 'be a date', date);
  return milliseconds;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(each => typeof each === 'string');
}

function wrong(property: string, must: string, got: unknown): Error {
  return new Error(`LifecycleSimulator: '${property}' must ${must}, got ${display(got)}. Write { digest, tags: […], pushedAt: new Date(…) }.`);
}
