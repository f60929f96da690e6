import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkValue, ListRule, TextRule } from '../private/shape';
import { reject } from '../private/validation';

const MAX_FILTERS = 100;

/**
 * Names of repositories in which `*` matches anything, for scanning.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ScanningRepositoryFilter.html
 */
export const SCANNING_FILTERS: ListRule = {
  kind: 'list', max: MAX_FILTERS, fix: 'Write it like ["prod/*"].', of: {
    kind: 'text', pattern: /^(?=.{1,255}$)[a-z0-9*]+(?:[._/-][a-z0-9*]+)*$/, must: 'be the name of a repository, in which "*" matches anything', fix: 'Write it like "prod/*".',
  },
};

/**
 * Names of repositories in which `*` matches anything, for signing.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SigningRepositoryFilter.html
 */
export const SIGNING_FILTERS: ListRule = {
  ...SCANNING_FILTERS, min: 1, of: { ...SCANNING_FILTERS.of as TextRule, pattern: /^(?=.{1,256}$)[a-z0-9*]+(?:[._/-][a-z0-9*]+)*$/ },
};

/**
 * Prefixes of names of repositories.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_RepositoryFilter.html
 */
export const REPOSITORY_PREFIXES: ListRule = {
  kind: 'list', min: 1, fix: 'Write it like ["prod/"], or leave it out.', of: {
    kind: 'text', pattern: /^(?=.{2,256}$)(?:[a-z0-9]+(?:[._-][a-z0-9]*)*\/)*[a-z0-9]*(?:[._-][a-z0-9]*)*$/,
    must: 'be the prefix of names of repositories, without "*", in 2 to 256 characters', fix: 'Write it like "prod/".',
  },
};

/** Checks that the items of a list are known and different. */
export function checkUnique(scope: IConstruct, property: string, value: readonly string[] | undefined): void {
  if (value === undefined) return;
  if (Token.isUnresolved(value)) {
    reject(scope, { property, must: 'be a list that is known at synthesis', got: 'a token instead of a list', fix: 'List the items. Each item can be a token.' });
  }
  const again = value.find((each, index) => value.indexOf(each) !== index);
  if (again !== undefined) reject(scope, { property, must: 'name each once', got: again, fix: 'Remove the repeated one.' });
}

/** Converts names to filters of ECR. */
export function filters<T extends string>(values: string[], filterType: T): { filter: string; filterType: T }[] {
  return values.map(filter => ({ filter, filterType }));
}

const NAME = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const PREFIX = new RegExp(`^(?:${NAME}(?:/${NAME})*|ROOT)$`);

/** The prefix of the repositories of a cache or a template. */
export const REPOSITORY_PREFIX: TextRule = {
  kind: 'text', pattern: PREFIX, must: 'be lower-case letters and digits with ".", "_", "-" or "/" between them, or ROOT',
  fix: 'Write it like "docker-hub" or "team/cache", without a slash at the end, or ROOT for all names.',
};

/**
 * Checks the prefix of the repositories of a cache.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html
 */
export function checkCachePrefix(scope: IConstruct, property: string, value: string): void {
  checkPrefix(scope, property, value, 2, 30);
}

/**
 * Checks the prefix of the repositories of a template.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepositoryCreationTemplate.html
 */
export function checkTemplatePrefix(scope: IConstruct, property: string, value: string): void {
  checkPrefix(scope, property, value, 1, 256);
}

/** Checks a prefix. It is part of construct IDs and image names, so it must be known at synthesis. */
function checkPrefix(scope: IConstruct, property: string, value: string, min: number, max: number): void {
  const { fix } = REPOSITORY_PREFIX;
  if (Token.isUnresolved(value)) reject(scope, { property, must: 'be known at synthesis', got: 'a token', fix });
  checkValue(scope, property, value, { ...REPOSITORY_PREFIX, required: true });
  if (value.length < min || value.length > max) {
    reject(scope, { property, must: `have ${min} to ${max} characters`, got: value, fix });
  }
}

/** Returns the construct ID for a prefix. `/` would become `--`, which another prefix may contain. */
export function prefixId(prefix: string): string {
  return prefix.replace(/\//g, ':');
}

/** Returns the ARN of the repositories of this registry with a name. */
export function repositoriesArn(scope: IConstruct, resourceName: string): string {
  return Stack.of(scope).formatArn({ service: 'ecr', resource: 'repository', resourceName });
}

/** Returns the pattern of the names of the repositories of a cache. */
export function repositoriesUnder(prefix: string): string {
  return prefix === 'ROOT' ? '*' : `${prefix}/*`;
}
