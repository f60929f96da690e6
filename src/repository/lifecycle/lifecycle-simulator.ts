import { RootConstruct } from 'constructs';
import { evaluate, StoredImage } from './evaluate';
import { LifecyclePolicy } from './lifecycle-policy';
import { LifecycleRule } from './lifecycle-rule';
import { PrioritizedRule, readPolicyText } from './policy-text';
import { checkValue, InstanceRule, Shape } from '../../private/shape';
import { reject } from '../../private/validation';

const LIST_FIX = 'Write a list of images.';
const IMAGE_FIX = 'Write { digest, tags: […], pushedAt: new Date(…) }.';

// The scope of the error messages.
const SIMULATOR = new RootConstruct('LifecycleSimulator');

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
    checkDate('at', at);
    checkValue(SIMULATOR, 'images', images, { kind: 'list', required: true, of: { kind: 'struct', shape: LIFECYCLE_IMAGE }, fix: LIST_FIX });
    const stored = images.map(storedImage);
    const digests = stored.map(({ digest }) => digest);
    const repeated = digests.find((digest, position) => digests.indexOf(digest) < position);
    if (repeated !== undefined) {
      reject(SIMULATOR, { property: 'images', must: 'have different digests', got: repeated, fix: 'Put all tags of an image into one entry.' });
    }
    const acting = evaluate(this.rules(), stored, at.getTime());
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

const DATE: InstanceRule = { kind: 'instance', must: 'be a date', methods: ['getTime', 'toISOString'], fix: 'Write a date such as new Date(\'2030-01-01\').' };
const DIGESTS = { kind: 'list', of: { kind: 'text', fix: 'Write the digest of an image.' }, fix: 'Write a list of digests.' } as const;

export const LIFECYCLE_IMAGE = new Shape<LifecycleImage>(IMAGE_FIX, {
  digest: { kind: 'text', required: true, fix: IMAGE_FIX },
  tags: { kind: 'list', of: { kind: 'text', fix: 'Write each tag as a string.' }, fix: 'Write tags: [\'v1\'].' },
  pushedAt: { ...DATE, required: true },
  pulledAt: DATE,
  storageClass: {
    kind: 'enum', values: Object.values(ImageStorageClass), must: 'be an ImageStorageClass', fix: 'Use ImageStorageClass.STANDARD or ImageStorageClass.ARCHIVE.',
  },
  archivedAt: DATE,
  restoredAt: DATE,
  children: DIGESTS,
  subject: { kind: 'text', fix: 'Write the digest of an image.' },
}, {
  imageDigest: 'Write `digest`.', imageTags: 'Write `tags`.', imagePushedAt: 'Write `pushedAt`.', lastRecordedPullTime: 'Write `pulledAt`.',
  lastArchivedAt: 'Write `archivedAt`.', lastActivatedAt: 'Write `restoredAt`.', subjectManifestDigest: 'Write `subject`.',
});

/** The image as `evaluate` takes it. */
function storedImage(image: LifecycleImage, position: number): StoredImage {
  const { digest, tags = [], storageClass = ImageStorageClass.STANDARD, children = [], subject, pushedAt, pulledAt, archivedAt, restoredAt } = image;
  for (const [name, date] of Object.entries({ pushedAt, pulledAt, archivedAt, restoredAt })) {
    if (date !== undefined) checkDate(`images[${position}].${name}`, date);
  }
  return {
    digest, tags, storageClass, children, subject,
    pushedAt: pushedAt.getTime(), pulledAt: pulledAt?.getTime(), archivedAt: archivedAt?.getTime(), restoredAt: restoredAt?.getTime(),
  };
}

function checkDate(property: string, date: Date): void {
  checkValue(SIMULATOR, property, date, { ...DATE, required: true });
  if (Number.isNaN(date.getTime())) reject(SIMULATOR, { property, must: DATE.must, got: 'an invalid date', fix: DATE.fix });
}
