import { RootConstruct } from 'constructs';
import { evaluate, StoredImage } from './evaluate';
import { LifecyclePolicy } from './lifecycle-policy';
import { LifecycleRule } from './lifecycle-rule';
import { PrioritizedRule, readPolicyText } from './policy-text';
import { checkValue, InstanceRule, Shape } from '../../private/shape';
import { reject } from '../../private/validation';

const LIST_FIX = 'Write a list of images.';
const IMAGE_FIX = 'Write { digest, tags: […], pushedAt: new Date(…) }.';

// The scope that error messages name.
const SIMULATOR = new RootConstruct('LifecycleSimulator');

/** The effect of a lifecycle policy on an image. */
export enum LifecycleAction {
  /** The image is deleted. */
  EXPIRE = 'expire',

  /** The image is archived. It cannot be pulled until it is restored. */
  ARCHIVE = 'archive',
}

/** The effect of a lifecycle policy on one image, and the rule behind it. */
export interface LifecycleDecision {
  /** The image. */
  readonly image: LifecycleImage;

  /** The effect. */
  readonly action: LifecycleAction;

  /** The description of the rule that applies. */
  readonly rule: string;

  /** The priority of that rule. 1 is the highest. */
  readonly priority: number;
}

/**
 * A simulator for your tests: it returns which images a lifecycle policy would delete or archive, without AWS.
 *
 * It follows the documentation of ECR. At most one rule applies to an image. An image that matches the tags of a rule is never affected by a later
 * rule. The images of an index are kept as long as the index. A signature expires together with its image. The simulator has not been compared with
 * AWS itself.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 */
export class LifecycleSimulator {
  /**
   * Simulate the policy of an existing repository.
   *
   * Throws if the text is not a policy.
   *
   * @param text the `lifecyclePolicyText` that `aws ecr get-lifecycle-policy` prints
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

  // Called each time, because rules can be added to a repository.
  private rules: () => readonly PrioritizedRule[];

  /**
   * Simulate rules only. `repository.lifecycleSimulator` also has the rules that protect deployed images.
   *
   * Throws if ECR would reject the rules, and if they are dangerous, as a repository does.
   *
   * @param rules the rules, in the order of their priority
   */
  constructor(rules: LifecycleRule[]) {
    const own = new LifecyclePolicy(new RootConstruct('LifecycleSimulator'), rules).ownRules();
    this.rules = () => own;
  }

  /**
   * Return the images that are deleted or archived. Images that are kept are left out.
   *
   * Throws if the description of an image is invalid, or if two images have the same digest.
   *
   * @param images all images of the repository
   * @param at the time at which ECR applies the policy
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

/** The storage class of an image in ECR. */
export enum ImageStorageClass {
  /** The image can be pulled. */
  STANDARD = 'standard',

  /** The image is archived. It cannot be pulled until it is restored. */
  ARCHIVE = 'archive',
}

/** An image for the `LifecycleSimulator`, with values as in the output of `aws ecr describe-images`. */
export interface LifecycleImage {
  /** The digest, or another unique name. */
  readonly digest: string;

  /**
   * The tags.
   *
   * @default - none
   */
  readonly tags?: string[];

  /** The time of the push. A tag that is added later does not change it. */
  readonly pushedAt: Date;

  /**
   * The time of the last pull.
   *
   * @default - never
   */
  readonly pulledAt?: Date;

  /**
   * The storage class.
   *
   * @default ImageStorageClass.STANDARD
   */
  readonly storageClass?: ImageStorageClass;

  /**
   * The time at which the image was archived.
   *
   * @default - for an archived image, the time of the push
   */
  readonly archivedAt?: Date;

  /**
   * The time at which the image was restored from the archive.
   *
   * @default - it was not restored
   */
  readonly restoredAt?: Date;

  /**
   * For a multi-platform image (an index): the digests of its images.
   *
   * @default - none
   */
  readonly children?: string[];

  /**
   * For a signature or another referrer: the digest of its image (`subject`).
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

/** Converts an image for `evaluate`. */
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
