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

// Cosign and others store signatures as images with such tags: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
const SIGNATURES = shield('Signatures and attestations are kept', { tagPrefixList: ['sha256-'] });

/**
 * How long published images are kept, beside the one that is deployed.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 */
export class Retention {
  /** Published images never expire. */
  public static keepAll(): Retention {
    return new Retention('all');
  }

  /**
   * Of each image that is copied into the repository, the one that is deployed and those before it are kept; older ones expire.
   * An image that is deployed again, as a rollback does it, is kept for good. A deployment that fails and does not go back
   * (`cdk deploy --no-rollback`) counts as one that went well.
   *
   * Images that are pushed directly are all kept: nothing runs when such an image is deployed again, so nobody could tell that it is in use.
   *
   * The repository throws when the number is none of these.
   *
   * @param versions how many images before the deployed one, 1 to 10000, known at synthesis
   */
  public static keepForRollback(versions: number): Retention {
    return new Retention('copied', versions);
  }

  /**
   * As `keepForRollback`, also for images that are pushed directly. Of those, ECR counts every push, and looks at nothing but the time of
   * the first push. So with `versions` of 2, the image that runs can expire:
   *
   * - after 3 deployments in a row that fail. Each pushes a new image, and then goes back to the image that runs.
   * - when you deploy an old image again, and 3 images were pushed after it.
   *
   * Tasks that run are not stopped, but no new task starts: ECS cannot pull the image. Choose a number that is larger than the number of
   * deployments that can fail before somebody mends them. There is a warning for fewer than 10.
   *
   * The repository throws when the number is none of these.
   *
   * @param versions how many images before the newest one, 1 to 10000, known at synthesis; 10 or more are recommended. An image that
   *   runs expires when more than this many newer ones were pushed
   */
  public static keepForRollbackByPushDate(versions: number): Retention {
    return new Retention('every', versions);
  }

  private constructor(private readonly subject: 'all' | 'copied' | 'every', private readonly versions?: number) {}

  /**
   * How many images are kept; undefined for all of them.
   *
   * @internal
   */
  public _keptImages(isPushedDirectly: boolean): number | undefined {
    return this.versions === undefined || (isPushedDirectly && !this._letsPushedExpire) ? undefined : this.versions + 1;
  }

  /**
   * Whether images that are pushed directly may expire.
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
  /** The id that the user gave it. */
  readonly id: string;
  /** What all of its live tags begin with. */
  readonly tagPrefix: string;
  /** Tags that the user has given it. */
  readonly tags: readonly string[];
  readonly isPushedDirectly: boolean;
  /** Whether more than one manifest belongs to it. */
  readonly hasCompanions: boolean;
}

/** An image of which a number of versions is kept. */
export type ExpiringImage = Pick<LiveImage, 'id' | 'tagPrefix'> & { readonly kept: number };

/** Protects what matches from all rules that come after it. */
function shield(description: string, tags: Pick<RuleText['selection'], 'tagPrefixList' | 'tagPatternList'>): RuleText {
  return { description, selection: { tagStatus: 'tagged', ...tags, ...NEVER }, action: EXPIRE };
}

/** The rules that come first: they protect what is deployed, and let the rest go. */
export function liveRules(images: readonly ExpiringImage[], retention: Retention, foreignTags: readonly string[] = []): RuleText[] {
  const always = retention._letsPushedExpire ? [KEPT] : [KEPT, PUSHED];
  const foreign = foreignTags.map(tag => shield(`What runs as ${tag} is kept`, { tagPrefixList: [tag] }));
  return [...always, ...foreign, ...images.map(expiry), PUBLISHED, SIGNATURES];
}

/** A rule that protects does so in one storage class. This is the one that protects the same images in the archive. */
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

/** Images of which old versions expire. */
export function expiring(images: readonly LiveImage[], retention: Retention): ExpiringImage[] {
  return images.flatMap(({ id, tagPrefix, isPushedDirectly }) => {
    const kept = retention._keptImages(isPushedDirectly);
    return kept === undefined ? [] : [{ id, tagPrefix, kept }];
  });
}

function expiry({ id, tagPrefix, kept }: ExpiringImage): RuleText {
  return {
    description: `Of the image ${id} all but the newest ${kept} expire`,
    selection: { tagStatus: 'tagged', tagPrefixList: [tagPrefix], countType: 'imageCountMoreThan', countNumber: kept },
    action: EXPIRE,
  };
}
