import { NEVER_DAYS } from './lifecycle-rule';
import { RuleText } from './policy-text';
import { Retention } from './retention';
import { KEPT_TAG, LIVE_TAG_PREFIX, PUSHED_TAG } from '../../image/image-names';

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

const EXPIRE = { type: 'expire' } as const;
const NEVER = { countType: 'sinceImagePushed', countUnit: 'days', countNumber: NEVER_DAYS } as const;

/** Protects what matches from all rules that come after it. */
function shield(description: string, tags: Pick<RuleText['selection'], 'tagPrefixList' | 'tagPatternList'>): RuleText {
  return { description, selection: { tagStatus: 'tagged', ...tags, ...NEVER }, action: EXPIRE };
}

const KEPT = shield('Images that were deployed again are kept', { tagPatternList: [`${LIVE_TAG_PREFIX}*.${KEPT_TAG}*`] });
const PUSHED = shield('Images that were pushed directly are kept', { tagPatternList: [`${LIVE_TAG_PREFIX}*.${PUSHED_TAG}*`] });
const PUBLISHED = shield('Published images are kept', { tagPrefixList: [LIVE_TAG_PREFIX] });
// Cosign and others store signatures as images with such tags: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
const SIGNATURES = shield('Signatures and attestations are kept', { tagPrefixList: ['sha256-'] });

/** The rules that come first: they protect what is deployed, and let the rest go. */
export function liveRules(images: readonly LiveImage[], retention: Retention, foreignTags: readonly string[] = []): RuleText[] {
  const always = retention._letsPushedExpire ? [KEPT] : [KEPT, PUSHED];
  const foreign = foreignTags.map(tag => shield(`What runs as ${tag} is kept`, { tagPrefixList: [tag] }));
  return [...always, ...foreign, ...images.flatMap(image => expiry(image, retention)), PUBLISHED, SIGNATURES];
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
export function isShield({ selection: { tagStatus, countType, countNumber, storageClass }, action }: RuleText): boolean {
  return tagStatus !== 'any' && countType === 'sinceImagePushed' && countNumber === NEVER_DAYS && action.type === 'expire' && storageClass === undefined;
}

/** Images of which old versions expire. */
export function expiring(images: readonly LiveImage[], retention: Retention): LiveImage[] {
  return images.filter(({ isPushedDirectly }) => retention._keptImages(isPushedDirectly) !== undefined);
}

function expiry({ id, tagPrefix, isPushedDirectly }: LiveImage, retention: Retention): RuleText[] {
  const countNumber = retention._keptImages(isPushedDirectly);
  if (countNumber === undefined) return [];
  return [{
    description: `Of the image ${id} all but the newest ${countNumber} expire`,
    selection: { tagStatus: 'tagged', tagPrefixList: [tagPrefix], countType: 'imageCountMoreThan', countNumber },
    action: EXPIRE,
  }];
}
