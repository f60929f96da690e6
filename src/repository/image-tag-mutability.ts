import { ImageTagMutabilityExclusionFilter, RepositoryProps, TagMutability } from 'aws-cdk-lib/aws-ecr';
import { IConstruct } from 'constructs';
import { matchesPattern } from './lifecycle/tag-match';
import { checkLeavesSteady, checkTagFilters } from './tag-filter';
import { STEADY_PREFIXES } from '../image/image-names';
import { hasMethods } from '../private/check-types';
import { reject } from '../private/validation';

/**
 * What the L2 takes.
 *
 * @internal
 */
export type _RenderedTagMutability = Pick<RepositoryProps, 'imageTagMutability' | 'imageTagMutabilityExclusionFilters'>;

const MOST_FILTERS = 5;

/**
 * Which tags of a repository may move to another image.
 *
 * Whatever is chosen, the tags that start with `live-` and `sha256-` never move: they belong to deployed images, and to what is attached
 * to a digest.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
 */
export class ImageTagMutability {
  /**
   * No tag moves. The only choice with which a repository passes the control ECR.2 of Security Hub.
   *
   * @see https://docs.aws.amazon.com/securityhub/latest/userguide/ecr-controls.html#ecr-2
   */
  public static immutable(): ImageTagMutability {
    return new ImageTagMutability(new Immutable());
  }

  /**
   * No tag moves, except those that match a filter: `ImageTagMutability.immutableExcept('latest', 'dev-*')`.
   *
   * An image that is published with such a tag takes the tag over from the image before it. Creating the repository throws when
   * a filter is malformed, is only known at deployment, or could match a tag that starts with `live-` or `sha256-`.
   *
   * The control ECR.2 of Security Hub asks for the value `IMMUTABLE` and is said to fail with this one.
   *
   * @param filters 1 to 5 of 1 to 128 letters, digits, `.`, `_` and `-`; `*`, at most twice, stands for any characters
   */
  public static immutableExcept(...filters: string[]): ImageTagMutability {
    return new ImageTagMutability(new ImmutableExcept(filters));
  }

  /**
   * Every tag moves, except those that match a filter: `ImageTagMutability.mutableExcept('v*')`.
   *
   * For teams whose other tools push tags that move under many names. Fails the control ECR.2 of Security Hub. Creating the
   * repository throws when a filter is malformed or only known at deployment.
   *
   * @param filters 1 to 3 of 1 to 128 letters, digits, `.`, `_` and `-`; `*`, at most twice, stands for any characters. ECR takes
   *   five; those for `live-` and `sha256-` are added
   */
  public static mutableExcept(...filters: string[]): ImageTagMutability {
    return new ImageTagMutability(new MutableExcept(filters));
  }

  private constructor(private readonly choice: Choice) {}

  /** @internal */
  public _renderMutability(scope: IConstruct): _RenderedTagMutability {
    return this.choice.render(scope);
  }

  /**
   * Whether a tag may move to another image.
   *
   * @internal
   */
  public _moves(tag: string): boolean {
    return this.choice.moves(tag);
  }
}

/** What the user has chosen, or that no tag moves. */
export function checkedTags(scope: IConstruct, tags: ImageTagMutability = ImageTagMutability.immutable()): ImageTagMutability {
  if (!hasMethods(tags, '_renderMutability', '_moves')) {
    reject(scope, {
      property: 'tagMutability', must: 'be ImageTagMutability', got: tags, fix: 'Make them with brackets, e.g. ImageTagMutability.immutableExcept(\'latest\').',
    });
  }
  return tags;
}

interface Choice {
  render(scope: IConstruct): _RenderedTagMutability;
  moves(tag: string): boolean;
}

class Immutable implements Choice {
  public render(): _RenderedTagMutability {
    return { imageTagMutability: TagMutability.IMMUTABLE };
  }

  public moves(): boolean {
    return false;
  }
}

class ImmutableExcept implements Choice {
  constructor(private readonly filters: readonly string[]) {}

  public render(scope: IConstruct): _RenderedTagMutability {
    const property = 'tagMutability.immutableExcept';
    checkTagFilters(scope, { property, filters: this.filters, most: MOST_FILTERS });
    checkLeavesSteady(scope, property, this.filters);
    return { imageTagMutability: TagMutability.IMMUTABLE_WITH_EXCLUSION, imageTagMutabilityExclusionFilters: this.filters.map(wildcard) };
  }

  public moves(tag: string): boolean {
    return this.filters.some(filter => matchesPattern(filter, tag));
  }
}

class MutableExcept implements Choice {
  constructor(private readonly filters: readonly string[]) {}

  public render(scope: IConstruct): _RenderedTagMutability {
    const most = MOST_FILTERS - STEADY_PREFIXES.length;
    checkTagFilters(scope, { property: 'tagMutability.mutableExcept', filters: this.filters, most });
    const steady = STEADY_PREFIXES.map(prefix => `${prefix}*`);
    // A filter of ours that the user has written too would be there twice.
    const all = [...new Set([...steady, ...this.filters])];
    return { imageTagMutability: TagMutability.MUTABLE_WITH_EXCLUSION, imageTagMutabilityExclusionFilters: all.map(wildcard) };
  }

  public moves(tag: string): boolean {
    return !STEADY_PREFIXES.some(prefix => tag.startsWith(prefix)) && !this.filters.some(filter => matchesPattern(filter, tag));
  }
}

function wildcard(filter: string): ImageTagMutabilityExclusionFilter {
  return ImageTagMutabilityExclusionFilter.wildcard(filter);
}
