import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { RuleSelection } from './policy-text';
import { STEADY_PREFIXES } from '../../image/image-names';
import { checkValue, TextRule } from '../../private/shape';
import { reject } from '../../private/validation';

const MAX_WILDCARDS = 4;

const LATER = '(known at deployment)';

const FIX = 'Write it like the tags of your images, e.g. "release-" or "v*".';

/**
 * A selection in the policy text.
 *
 * @internal
 */
export type _SelectedTags = Pick<RuleSelection, 'tagStatus' | 'tagPrefixList' | 'tagPatternList'>;

/**
 * The images that a lifecycle rule applies to. The repository throws for tags that no image can have, and for tags of published images.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html#lp_tag_status
 */
export class ImageSelection {
  /**
   * All images, with or without tags. ECR applies such a rule after all others, regardless of its position.
   */
  public static all(): ImageSelection {
    return new ImageSelection('all images', { tagStatus: 'any' });
  }

  /** Images without any tag. */
  public static untagged(): ImageSelection {
    return new ImageSelection('untagged images', { tagStatus: 'untagged' });
  }

  /**
   * Images with a tag that starts with a prefix.
   *
   * @param prefix 1 to 128 characters of a tag, e.g. `release-`
   */
  public static tagPrefix(prefix: string): ImageSelection {
    return ImageSelection.everyTagPrefix([prefix]);
  }

  /**
   * Images with a tag that matches a pattern.
   *
   * @param pattern 1 to 128 characters of a tag, with up to four wildcards (`*`), e.g. `v*-rc*`
   */
  public static tagPattern(pattern: string): ImageSelection {
    return ImageSelection.everyTagPattern([pattern]);
  }

  /**
   * Images that have a matching tag for every prefix. For images that match any of them, use several rules.
   *
   * @param prefixes at least one, each as for `tagPrefix`
   */
  public static everyTagPrefix(prefixes: string[]): ImageSelection {
    return new ImageSelection(wordsFor('tags that start with', prefixes), { tagStatus: 'tagged', tagPrefixList: copyOf(prefixes) });
  }

  /**
   * Images that have a matching tag for every pattern. For images that match any of them, use several rules.
   *
   * @param patterns at least one, each as for `tagPattern`
   */
  public static everyTagPattern(patterns: string[]): ImageSelection {
    return new ImageSelection(wordsFor('tags like', patterns), { tagStatus: 'tagged', tagPatternList: copyOf(patterns) });
  }

  /** @internal */
  public readonly _words: string;

  private readonly tags: _SelectedTags;

  private constructor(words: string, tags: _SelectedTags) {
    this._words = words;
    this.tags = tags;
  }

  /** @internal */
  public _select(scope: IConstruct, property: string): _SelectedTags {
    const { tagPrefixList, tagPatternList } = this.tags;
    if (this.tags.tagStatus === 'tagged') {
      if (tagPrefixList !== undefined || tagPatternList === undefined) checkTagList(scope, `${property}.tagPrefix`, tagPrefixList, PREFIX);
      if (tagPatternList !== undefined) checkTagList(scope, `${property}.tagPattern`, tagPatternList, PATTERN);
    }
    return this.tags;
  }
}

/** A copy, because the caller can change the list later. */
function copyOf(list: string[]): string[] {
  return Array.isArray(list) ? [...list] : list;
}

function wordsFor(what: string, list: unknown): string {
  const named = Array.isArray(list) && !Token.isUnresolved(list) ? list.map(tag => Token.isUnresolved(tag) ? LATER : String(tag)) : [LATER];
  return `images with ${what} ${named.join(' and ')}`;
}

const PREFIX: TextRule = {
  kind: 'text', pattern: /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/, fix: FIX,
  must: 'be the start of a tag: 1 to 128 letters, digits, "_", "." or "-", and no "." or "-" at the start',
};
const PATTERN: TextRule = {
  kind: 'text', pattern: /^[A-Za-z0-9_*][A-Za-z0-9._*-]{0,127}$/, must: 'be a tag of 1 to 128 letters, digits, "_", ".", "-" or "*"', fix: FIX,
};

function checkTagList(scope: IConstruct, property: string, list: readonly string[] | undefined, of: TextRule): void {
  checkValue(scope, property, list, { kind: 'list', required: true, min: 1, of, fix: `${FIX} For all images, use ImageSelection.all().` });
  if (list === undefined || Token.isUnresolved(list)) return;
  if (new Set(list).size < list.length) {
    reject(scope, { property, must: 'name each once', got: list, fix: 'Remove the repeated one.' });
  }
  for (const tag of list) {
    checkNotOurs(scope, property, tag);
    if (of === PATTERN && !Token.isUnresolved(tag) && tag.split('*').length - 1 > MAX_WILDCARDS) {
      reject(scope, { property, must: `have at most ${MAX_WILDCARDS} "*"`, got: tag, fix: 'Use fewer: "*" matches any number of characters.' });
    }
  }
}

/** Rejects tags that the rules of this library select. Those rules come first, and ECR accepts each prefix once. */
function checkNotOurs(scope: IConstruct, property: string, tag: string): void {
  const ours = STEADY_PREFIXES.find(prefix => !Token.isUnresolved(tag) && tag.startsWith(prefix));
  if (ours !== undefined) {
    reject(scope, {
      property, must: `not start with "${ours}", which marks deployed images and their signatures`, got: tag,
      fix: 'They are always kept. Set the number of versions with `retention`.',
    });
  }
}
