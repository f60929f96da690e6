/**
 * The effect of ECR's lifecycle policies, written from the documentation only, image by image.
 *
 * Every sentence in quotes is from "Automate the cleanup of images by using lifecycle policies in Amazon ECR". If that page and its
 * examples are silent, the assumption is marked with "Silent" next to its code.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
 */
export interface OracleRule {
  readonly rulePriority: number;
  readonly selection: {
    readonly tagStatus: 'tagged' | 'untagged' | 'any';
    readonly tagPrefixList?: string[];
    readonly tagPatternList?: string[];
    readonly storageClass?: StorageClass;
    readonly countType: 'imageCountMoreThan' | 'sinceImagePushed' | 'sinceImagePulled' | 'sinceImageTransitioned';
    readonly countNumber: number;
  };
  readonly action: { readonly type: 'expire' | 'transition' };
}

export type StorageClass = 'standard' | 'archive';

export interface OracleImage {
  readonly digest: string;
  readonly tags: string[];
  readonly pushedAt: Date;
  readonly pulledAt?: Date;
  /** The time of its last restore from the archive. */
  readonly activatedAt?: Date;
  readonly archivedAt?: Date;
  readonly storageClass: StorageClass;
  /** The digests of the images in this index. */
  readonly members: string[];
  /** The digest of the subject of this artifact (a signature, an SBOM). */
  readonly subject?: string;
}

/** The rule that removes or archives an image, and its action. */
export interface Verdict {
  readonly priority: number;
  readonly action: 'expire' | 'transition';
}

const DAY = 86_400_000;

/** The result for every image that a rule removes or archives; the images that stay are absent. */
export function expected(rules: OracleRule[], images: OracleImage[], now: Date): Map<string, Verdict> {
  const verdicts = images.map(image => [image.digest, verdictOf(image, rules, images, now)] as const);
  return new Map(verdicts.filter((entry): entry is [string, Verdict] => entry[1] !== undefined));
}

/** "All rules are evaluated at the same time ... An image is expired or archived by exactly one or zero rules." */
function verdictOf(image: OracleImage, rules: OracleRule[], images: OracleImage[], now: Date): Verdict | undefined {
  if (isHeld(image, rules, images, now)) {
    return undefined;
  }
  return ownVerdict(image, rules, images, now) ?? verdictOfSubject(image, rules, images, now);
}

/** Silent: whether rules select reference artifacts by themselves. There is no exception for them, so they are treated like other images. */
function ownVerdict(image: OracleImage, rules: OracleRule[], images: OracleImage[], now: Date): Verdict | undefined {
  const rule = decidingRule(image, rules);
  return rule && outlived(image, rule, images, now) ? { priority: rule.rulePriority, action: rule.action.type } : undefined;
}

/** "Lifecycle policies automatically expire or archive those artifacts within 24 hours of the deletion or archival of the subject image." */
function verdictOfSubject(image: OracleImage, rules: OracleRule[], images: OracleImage[], now: Date): Verdict | undefined {
  const subject = images.find(({ digest }) => digest === image.subject);
  const verdict = subject && verdictOf(subject, rules, images, now);
  const isThereAlready = verdict?.action === 'transition' && image.storageClass === 'archive';
  return isThereAlready ? undefined : verdict;
}

/**
 * "An image that matches the tagging requirements of a rule cannot be expired or archived by a rule with a lower priority": the first
 * rule that selects the image decides alone, even if the image stays.
 *
 * A rule of the other storage class does not protect: in an example of the page, `any` of the standard class has priority 1, and `any` of
 * the archive has priority 2 and still expires images.
 */
function decidingRule(image: OracleImage, rules: OracleRule[]): OracleRule | undefined {
  return rules
    .filter(rule => selects(rule, image))
    .reduce<OracleRule | undefined>((first, rule) => first && first.rulePriority < rule.rulePriority ? first : rule, undefined);
}

/** "The rule will only select images of this storage class ... If you omit this, the value of standard will be used." */
function selects({ selection }: OracleRule, image: OracleImage): boolean {
  return (selection.storageClass ?? 'standard') === image.storageClass && matchesTags(selection, image.tags);
}

/** "An image is successfully matched if all of the tags in the list are matched against any of the image's tags." */
function matchesTags(selection: OracleRule['selection'], tags: string[]): boolean {
  switch (selection.tagStatus) {
    case 'any': return true;
    case 'untagged': return tags.length === 0;
    case 'tagged':
      return (selection.tagPatternList ?? []).every(pattern => tags.some(tag => globs(pattern, tag)))
        && (selection.tagPrefixList ?? []).every(prefix => tags.some(tag => globs(`${prefix}*`, tag)));
  }
}

/** A star matches any number of characters, including none: `prod*` matches `prod`. */
export function globs(pattern: string, tag: string): boolean {
  if (pattern === '') {
    return tag === '';
  }
  return pattern.startsWith('*')
    ? globs(pattern.slice(1), tag) || (tag !== '' && globs(pattern, tag.slice(1)))
    : tag.startsWith(pattern[0]) && globs(pattern.slice(1), tag.slice(1));
}

function outlived(image: OracleImage, rule: OracleRule, images: OracleImage[], now: Date): boolean {
  const { countType, countNumber } = rule.selection;
  // In "Filtering on all images", example B, an image of one day is not "older than one day": an image with exactly the limit stays.
  const olderThan = (since: Date) => now.getTime() - since.getTime() > countNumber * DAY;
  switch (countType) {
    case 'imageCountMoreThan': return younger(image, rule, images).length >= countNumber;
    case 'sinceImagePushed': return olderThan(rank(image));
    case 'sinceImagePulled': return olderThan(lastUse(image));
    case 'sinceImageTransitioned': return image.archivedAt !== undefined && olderThan(image.archivedAt);
  }
}

/**
 * "Images are sorted from youngest to oldest and then all images greater than the specified count are expired or archived." A rule "can
 * still identify" images of rules with higher priority, so they count. Silent: indexes, members and artifacts; they are images, and count.
 */
function younger(image: OracleImage, rule: OracleRule, images: OracleImage[]): OracleImage[] {
  return images.filter(other => selects(rule, other) && rank(other) > rank(image));
}

/**
 * "If an image was archived and then restored at any point in the past, the image's last_activated_at is used instead of pushed_at_time."
 * Silent: whether "instead" also applies to the age in sinceImagePushed. It is assumed so.
 */
function rank(image: OracleImage): Date {
  return image.activatedAt ?? image.pushedAt;
}

/** The last pull; before the first pull the push; after a restore, until the next pull, the restore. */
function lastUse({ pulledAt, activatedAt, pushedAt }: OracleImage): Date {
  const pulledSince = pulledAt && !(activatedAt && activatedAt > pulledAt);
  return pulledSince ? pulledAt : activatedAt ?? pushedAt;
}

/**
 * "If an image is referenced by a manifest list, it cannot be expired or archived without the manifest list being deleted or archived
 * first." Silent: whether index and member expire in one run. It is assumed so: both match their rules, so both expire within the same 24 hours.
 */
function isHeld(image: OracleImage, rules: OracleRule[], images: OracleImage[], now: Date): boolean {
  return images.some(list => list.members.includes(image.digest)
    && list.storageClass === 'standard'
    && verdictOf(list, rules, images, now) === undefined);
}
