import { matchesTags, PrioritizedRule, StorageClass, storageClassOf } from './policy-text';

/** An image with the properties that lifecycle rules use. Times are milliseconds since 1970. */
export interface StoredImage {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly storageClass: StorageClass;
  readonly pushedAt: number;
  readonly pulledAt?: number;
  readonly archivedAt?: number;
  readonly restoredAt?: number;
  /** Digests of the images that an index lists. */
  readonly children: readonly string[];
  /** The digest of the subject, e.g. for a signature. */
  readonly subject?: string;
}

const DAY = 24 * 60 * 60 * 1000;

/**
 * The rule that applies to each image, by digest. Images without a rule are left out.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 */
export function evaluate(rules: readonly PrioritizedRule[], images: readonly StoredImage[], now: number): Map<string, PrioritizedRule> {
  const marked = new Map<string, PrioritizedRule>();
  for (const rule of rules) {
    for (const image of identified(rule, images, now)) {
      if (!isShielded(image, rule, rules)) marked.set(image.digest, rule);
    }
  }
  releaseListed(marked, images);
  followSubjects(marked, images);
  return marked;
}

/** The images that match a rule, including images to which another rule already applies. */
function identified(rule: PrioritizedRule, images: readonly StoredImage[], now: number): StoredImage[] {
  const { countType, countNumber } = rule.selection;
  const meant = images.filter(image => isMeant(image, rule));
  const olderThan = (time: (image: StoredImage) => number) => meant.filter(image => now - time(image) > countNumber * DAY);
  switch (countType) {
    case 'imageCountMoreThan': return [...meant].sort(newestFirst).slice(countNumber);
    case 'sinceImagePushed': return olderThan(activeSince);
    case 'sinceImagePulled': return olderThan(usedAt);
    case 'sinceImageTransitioned': return olderThan(({ archivedAt, pushedAt }) => archivedAt ?? pushedAt);
  }
}

function isMeant(image: StoredImage, rule: PrioritizedRule): boolean {
  return image.storageClass === storageClassOf(rule) && matchesTags(rule.selection, image.tags);
}

/**
 * A rule with higher priority that matches an image by tag excludes it from this rule, even if it has no effect itself. The order of the
 * list does not matter.
 */
function isShielded(image: StoredImage, rule: PrioritizedRule, rules: readonly PrioritizedRule[]): boolean {
  return rules.some(other => other.rulePriority < rule.rulePriority && isMeant(image, other));
}

/** An image is kept as long as an index lists it. */
function releaseListed(marked: Map<string, PrioritizedRule>, images: readonly StoredImage[]): void {
  let released: boolean;
  do {
    released = false;
    for (const { digest, storageClass, children } of images) {
      if (marked.has(digest) || storageClass === 'archive') continue;
      for (const child of children) released = marked.delete(child) || released;
    }
  } while (released);
}

/** Referrers such as signatures follow their image, unless an index that is kept lists them, or they are already in the same state. */
function followSubjects(marked: Map<string, PrioritizedRule>, images: readonly StoredImage[]): void {
  const held = new Set(images.filter(image => !marked.has(image.digest) && image.storageClass !== 'archive').flatMap(({ children }) => children));
  let followed: boolean;
  do {
    followed = false;
    for (const { digest, subject, storageClass } of images) {
      const rule = subject === undefined ? undefined : marked.get(subject);
      if (rule === undefined || marked.has(digest) || held.has(digest)) continue;
      if (rule.action.type === 'transition' && storageClass === 'archive') continue;
      marked.set(digest, rule);
      followed = true;
    }
  } while (followed);
}

function newestFirst(one: StoredImage, other: StoredImage): number {
  return activeSince(other) - activeSince(one) || (one.digest < other.digest ? -1 : 1);
}

/** The time by which ECR sorts. For an image restored from the archive, this is the time of the restore. */
function activeSince({ pushedAt, restoredAt }: StoredImage): number {
  return restoredAt ?? pushedAt;
}

function usedAt(image: StoredImage): number {
  const { pulledAt, restoredAt = -Infinity } = image;
  return pulledAt !== undefined && pulledAt >= restoredAt ? pulledAt : activeSince(image);
}
