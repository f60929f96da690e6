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

/** An image of which a number of versions is kept. */
export type ExpiringImage = Pick<LiveImage, 'id' | 'tagPrefix'> & { readonly kept: number };

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
