import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { NEVER_DAYS, RuleText } from './policy-text';
import { KEPT_TAG, LIVE_TAG_PREFIX, PUSHED_TAG } from '../../image/image-names';
import { checkValue } from '../../private/shape';
import { reject } from '../../private/validation';

const EXPIRE = { type: 'expire' } as const;

const NEVER = { countType: 'sinceImagePushed', countUnit: 'days', countNumber: NEVER_DAYS } as const;

const KEPT = shield('Images that were deployed again are kept', { tagPatternList: [`${LIVE_TAG_PREFIX}*.${KEPT_TAG}*`] });

const PUSHED = shield('Images that were pushed directly are kept', { tagPatternList: [`${LIVE_TAG_PREFIX}*.${PUSHED_TAG}*`] });

const PUBLISHED = shield('Published images are kept', { tagPrefixList: [LIVE_TAG_PREFIX] });

// Cosign and other tools store signatures as images with these tags: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
const SIGNATURES = shield('Signatures and attestations are kept', { tagPrefixList: ['sha256-'] });

/**
 * The retention of published images, in addition to the deployed one.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 */
export class Retention {
  /** Published images never expire. */
  public static keepAll(): Retention {
    return new Retention('all');
  }

  /**
   * Keep the deployed version of each copied image and a number of versions before it. Older versions expire. An image that is deployed again, for
   * example by a rollback, never expires. A failed deployment without a rollback (`cdk deploy --no-rollback`) counts as successful.
   *
   * Directly pushed images never expire: when such an image is deployed again, no function runs that could mark it as in use.
   *
   * The repository throws for other numbers.
   *
   * @param versions the number of versions before the deployed one, 1 to 10000, known at synthesis
   */
  public static keepForRollback(versions: number): Retention {
    return new Retention('copied', versions);
  }

  /**
   * Like `keepForRollback`, and also for directly pushed images. ECR counts every push of these, by the time of the first push. With `versions` of 2,
   * the running image can expire:
   *
   * - after 3 failed deployments in a row. Each pushes a new image and rolls back to the running one.
   * - when you deploy an old image again after 3 newer ones were pushed.
   *
   * Running tasks continue, but no new task starts, because ECS cannot pull the image. Use a number that is larger than the number of deployments that
   * can fail before you fix the cause. Fewer than 10 cause a warning.
   *
   * The repository throws for other numbers.
   *
   * @param versions the number of versions before the newest one, 1 to 10000, known at synthesis; 10 or more are recommended. A running image
   *   expires when more than this many newer ones were pushed
   */
  public static keepForRollbackByPushDate(versions: number): Retention {
    return new Retention('every', versions);
  }

  private constructor(private readonly subject: 'all' | 'copied' | 'every', private readonly versions?: number) {}

  /**
   * The number of versions to keep; undefined for all.
   *
   * @internal
   */
  public _keptImages(isPushedDirectly: boolean): number | undefined {
    return this.versions === undefined || (isPushedDirectly && !this._letsPushedExpire) ? undefined : this.versions + 1;
  }

  /**
   * Whether directly pushed images can expire.
   *
   * @internal
   */
  public get _letsPushedExpire(): boolean {
    return this.subject === 'every';
  }

  /** @internal */
  public _check(scope: IConstruct): void {
    if (this.subject === 'all') return;
    const property = 'retention.versions';
    const fix = 'Keep at least one version, because a rollback needs it, or use Retention.keepAll().';
    if (Token.isUnresolved(this.versions)) {
      reject(scope, { property, must: 'be known at synthesis, because the deployed image is added to it', got: 'a token', fix });
    }
    checkValue(scope, property, this.versions, { kind: 'integer', required: true, min: 1, fix });
  }
}

/** An image that this app publishes into a repository. */
export interface LiveImage {
  /** The ID that the user chose. */
  readonly id: string;
  /** The prefix of all live tags. */
  readonly tagPrefix: string;
  /** The tags that the user chose. */
  readonly tags: readonly string[];
  readonly isPushedDirectly: boolean;
  /** Whether it has more than one manifest. */
  readonly hasCompanions: boolean;
  /** Whether signatures and other referrers are copied with it. */
  readonly hasReferrers: boolean;
}

/** An image with a limited number of versions. */
export type ExpiringImage = Pick<LiveImage, 'id' | 'tagPrefix'> & { readonly kept: number };

/** A rule that protects matching images from all later rules. */
function shield(description: string, tags: Pick<RuleText['selection'], 'tagPrefixList' | 'tagPatternList'>): RuleText {
  return { description, selection: { tagStatus: 'tagged', ...tags, ...NEVER }, action: EXPIRE };
}

/** The rules that come first: they protect deployed images and expire old versions. */
export function liveRules(images: readonly ExpiringImage[], retention: Retention, foreignTags: readonly string[] = []): RuleText[] {
  const always = retention._letsPushedExpire ? [KEPT] : [KEPT, PUSHED];
  const foreign = foreignTags.map(tag => shield(`The image with the tag ${tag} is kept`, { tagPrefixList: [tag] }));
  return [...always, ...foreign, ...images.map(expiry), PUBLISHED, SIGNATURES];
}

/** A rule that protects the same images in the archive. Each rule applies to one storage class. */
export function inArchive({ description, selection: { tagStatus, tagPrefixList, tagPatternList }, action }: RuleText): RuleText {
  const tags = { ...(tagPrefixList && { tagPrefixList }), ...(tagPatternList && { tagPatternList }) };
  return {
    description: `${description}, in the archive too`,
    selection: { tagStatus, ...tags, ...NEVER, storageClass: 'archive', countType: 'sinceImageTransitioned' },
    action,
  };
}

/** Whether a rule only protects. */
export function isShield({ selection: { tagStatus, countType, countNumber }, action }: RuleText): boolean {
  return tagStatus !== 'any' && countType === 'sinceImagePushed' && countNumber === NEVER_DAYS && action.type === 'expire';
}

/** The images whose old versions expire. */
export function expiring(images: readonly LiveImage[], retention: Retention): ExpiringImage[] {
  return images.flatMap(({ id, tagPrefix, isPushedDirectly }) => {
    const kept = retention._keptImages(isPushedDirectly);
    return kept === undefined ? [] : [{ id, tagPrefix, kept }];
  });
}

function expiry({ id, tagPrefix, kept }: ExpiringImage): RuleText {
  return {
    description: `Versions of the image ${id} except the newest ${kept} expire`,
    selection: { tagStatus: 'tagged', tagPrefixList: [tagPrefix], countType: 'imageCountMoreThan', countNumber: kept },
    action: EXPIRE,
  };
}
