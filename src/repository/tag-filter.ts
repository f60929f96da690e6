import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { STEADY_PREFIXES } from '../image/image-names';
import { checkPattern, reject } from '../private/validation';

// ECR allows five filters, and two wildcards in each.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageTagMutabilityExclusionFilter.html
const MOST_WILDCARDS = 2;

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
