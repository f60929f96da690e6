import { Token } from 'aws-cdk-lib';
import { ImageTagMutabilityExclusionFilter, RepositoryProps, TagMutability } from 'aws-cdk-lib/aws-ecr';
import { IConstruct } from 'constructs';
import { matchesPattern } from './lifecycle/policy-text';
import { STEADY_PREFIXES } from '../image/image-names';
import { hasMethods } from '../private/check-types';
import { checkPattern, reject } from '../private/validation';

// ECR allows five filters, and two wildcards in each.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageTagMutabilityExclusionFilter.html
const MOST_WILDCARDS = 2;

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
      property: 'imageTagMutability', must: 'be ImageTagMutability', got: tags, fix: 'Make them with brackets, e.g. ImageTagMutability.immutableExcept(\'latest\').',
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
    const property = 'imageTagMutability.immutableExcept';
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
    checkTagFilters(scope, { property: 'imageTagMutability.mutableExcept', filters: this.filters, most });
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

/** Filters as the user wrote them. */
export interface TagFilters {
  /** The property to name in an error. */
  readonly property: string;
  readonly filters: readonly string[];
  /** How many there may be. */
  readonly most: number;
}

/** Filters that ECR takes, known when the app is synthesized: they tell which tags of images may move. */
export function checkTagFilters(scope: IConstruct, { property, filters, most }: TagFilters): void {
  if (filters.length < 1 || filters.length > most) {
    reject(scope, { property, must: `have 1 to ${most} filters`, got: filters.length, fix: 'Join filters with a wildcard, e.g. "dev-*".' });
  }
  for (const filter of filters) checkFilter(scope, property, filter);
  if (new Set(filters).size < filters.length) {
    reject(scope, { property, must: 'name each filter once', got: filters, fix: 'Remove the repeated filter.' });
  }
}

function checkFilter(scope: IConstruct, property: string, filter: string): void {
  if (Token.isUnresolved(filter)) {
    reject(scope, { property, must: 'be known at synthesis, which decides what tags move', got: 'a token', fix: 'Write the filter as plain text.' });
  }
  checkPattern(scope, {
    property,
    value: filter,
    pattern: /^[0-9a-zA-Z._*-]{1,128}$/,
    must: 'be texts of 1 to 128 letters, digits, ".", "_", "-" or "*"',
    fix: 'Write the tag itself, or a filter such as "dev-*".',
  });
  const wildcards = filter.split('*').length - 1;
  if (wildcards > MOST_WILDCARDS) {
    reject(scope, { property, must: `have at most ${MOST_WILDCARDS} wildcards in a filter`, got: filter, fix: 'Use two filters.' });
  }
}

/** Filters for tags that move must leave alone what must not. */
export function checkLeavesSteady(scope: IConstruct, property: string, filters: readonly string[]): void {
  for (const filter of filters) {
    const steady = STEADY_PREFIXES.find(prefix => mayMatch(filter, prefix));
    if (steady !== undefined) {
      reject(scope, {
        property,
        must: `match no tag that starts with "${steady}": deployed images and their signatures are found by such tags`,
        got: filter,
        fix: 'Begin the filter with letters of your own, e.g. "dev-*" and not "*-dev".',
      });
    }
  }
}

/** Whether a filter matches any tag that starts like this: after its first wildcard everything is possible. */
function mayMatch(filter: string, prefix: string): boolean {
  const [beginning, ...rest] = filter.split('*');
  return beginning.startsWith(prefix) || (rest.length > 0 && prefix.startsWith(beginning));
}
