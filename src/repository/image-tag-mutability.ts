import { Token } from 'aws-cdk-lib';
import { ImageTagMutabilityExclusionFilter, RepositoryProps, TagMutability } from 'aws-cdk-lib/aws-ecr';
import { IConstruct } from 'constructs';
import { matchesPattern } from './lifecycle/policy-text';
import { STEADY_PREFIXES } from '../image/image-names';
import { checkValue } from '../private/shape';
import { reject } from '../private/validation';

// ECR allows five filters, and two wildcards in each.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageTagMutabilityExclusionFilter.html
const MOST_WILDCARDS = 2;

/**
 * The props of the aws-cdk repository.
 *
 * @internal
 */
export type _RenderedTagMutability = Pick<RepositoryProps, 'imageTagMutability' | 'imageTagMutabilityExclusionFilters'>;

const MOST_FILTERS = 5;

/**
 * The tags of a repository that can move to another image.
 *
 * Tags that start with `live-` or `sha256-` never move. They belong to deployed images, and to signatures and attestations.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
 */
export class ImageTagMutability {
  /**
   * No tag can move. Only with this value does a repository pass the control ECR.2 of Security Hub.
   *
   * @see https://docs.aws.amazon.com/securityhub/latest/userguide/ecr-controls.html#ecr-2
   */
  public static immutable(): ImageTagMutability {
    return new ImageTagMutability(new Immutable());
  }

  /**
   * No tag can move, except those that match a filter: `ImageTagMutability.immutableExcept('latest', 'dev-*')`.
   *
   * An image that is published with such a tag takes the tag from the previous image. Creating the repository throws if
   * a filter is malformed, is a token, or can match a tag that starts with `live-` or `sha256-`.
   *
   * According to its documentation, the control ECR.2 of Security Hub requires `IMMUTABLE` and fails with this value.
   *
   * @param filters 1 to 5 filters of 1 to 128 letters, digits, `.`, `_` and `-`. `*`, at most twice, matches any characters.
   */
  public static immutableExcept(...filters: string[]): ImageTagMutability {
    return new ImageTagMutability(new ImmutableExcept(filters));
  }

  /**
   * Every tag can move, except those that match a filter: `ImageTagMutability.mutableExcept('v*')`.
   *
   * Use it if other tools push many different tags that move. The control ECR.2 of Security Hub fails. Creating the
   * repository throws if a filter is malformed or a token.
   *
   * @param filters 1 to 3 filters of 1 to 128 letters, digits, `.`, `_` and `-`. `*`, at most twice, matches any characters. ECR allows
   *   five filters, of which the library uses two for `live-` and `sha256-`.
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
   * Whether a tag can move to another image.
   *
   * @internal
   */
  public _moves(tag: string): boolean {
    return this.choice.moves(tag);
  }
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
    checkTagFilters(scope, property, this.filters, MOST_FILTERS);
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
    checkTagFilters(scope, 'imageTagMutability.mutableExcept', this.filters, MOST_FILTERS - STEADY_PREFIXES.length);
    const steady = STEADY_PREFIXES.map(prefix => `${prefix}*`);
    // The user may list one of the filters of this library too.
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

/** Checks filters: ECR must accept them, and they must be known at synthesis. */
function checkTagFilters(scope: IConstruct, property: string, filters: readonly string[], max: number): void {
  checkValue(scope, property, filters, {
    kind: 'list', required: true, min: 1, max, fix: `Write 1 to ${max} filters. Use a wildcard to join some, e.g. "dev-*".`, of: {
      kind: 'text', pattern: /^[0-9a-zA-Z._*-]{1,128}$/, must: 'be 1 to 128 letters, digits, ".", "_", "-" or "*"', fix: 'Write the tag itself, or a filter such as "dev-*".',
    },
  });
  for (const filter of filters) checkFilter(scope, property, filter);
  if (new Set(filters).size < filters.length) {
    reject(scope, { property, must: 'name each filter once', got: filters, fix: 'Remove the repeated filter.' });
  }
}

function checkFilter(scope: IConstruct, property: string, filter: string): void {
  if (Token.isUnresolved(filter)) {
    reject(scope, { property, must: 'be known at synthesis, to find out which tags can move', got: 'a token', fix: 'Write the filter as plain text.' });
  }
  if (filter.split('*').length - 1 > MOST_WILDCARDS) {
    reject(scope, { property, must: `have at most ${MOST_WILDCARDS} wildcards in a filter`, got: filter, fix: 'Use two filters.' });
  }
}

/** Checks that filters of tags that can move match no tag that must not move. */
function checkLeavesSteady(scope: IConstruct, property: string, filters: readonly string[]): void {
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

/** Whether a filter can match a tag with this prefix. Anything can follow its first wildcard. */
function mayMatch(filter: string, prefix: string): boolean {
  const [beginning, ...rest] = filter.split('*');
  return beginning.startsWith(prefix) || (rest.length > 0 && prefix.startsWith(beginning));
}
