import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkList, hasMethods } from '../private/check-types';
import { checkPattern, reject } from '../private/validation';

const NAME = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';

const PREFIX = new RegExp(`^(?:${NAME}(?:/${NAME})*|ROOT)$`);

const MAX_FILTERS = 100;

/** The form of the number of an account. */
export const ACCOUNT = /^\d{12}$/;

/** The form of the name of a region. */
export const REGION = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/;

/** What a list of settings consists of. */
export interface SettingsRule {
  readonly property: string;
  readonly value: unknown;
  /** What one of them is: `a ReplicationRule`. */
  readonly be: string;
  /** The internal method by which one is known: a class may be there twice, in two copies of a package. */
  readonly method: string;
  /** @default - as many as you like */
  readonly max?: number;
  /** How to make one. */
  readonly example: string;
}

/** A list with at least one setting, each made by a factory. */
export function checkSettings(scope: IConstruct, { property, value, be, method, max, example }: SettingsRule): void {
  const fix = `Write ${property}: [${example}].`;
  checkList(scope, property, value, fix);
  // `every` passes over the holes of a list.
  for (const each of Array.from(value)) {
    if (!hasMethods(each, method)) reject(scope, { property, must: `have nothing but ${be} in it`, got: each, fix: `Make each with brackets. ${fix}` });
  }
  checkCount(scope, { property, value, max, fix });
}

/** One setting, made by a factory. */
export function checkSetting(scope: IConstruct, { property, value, be, method, example }: Omit<SettingsRule, 'max'>): void {
  if (!hasMethods(value, method)) reject(scope, { property, must: `be ${be}`, got: value, fix: `Make it with brackets: ${example}.` });
}

/** A list of texts, each of the right form or a token. */
export interface TextsRule {
  readonly property: string;
  readonly value: unknown;
  readonly pattern: RegExp;
  /** The rule for one of them. */
  readonly must: string;
  /** @default - as many as you like */
  readonly max?: number;
  /** How to write the list. */
  readonly example: string;
}

/** One or more texts of a form, each once. */
export function checkTexts(scope: IConstruct, { property, value, pattern, must, max, example }: TextsRule): void {
  const fix = `Write it like ${example}.`;
  checkList(scope, property, value, fix);
  if (Token.isUnresolved(value)) {
    reject(scope, { property, must: 'be listed at synthesis', got: 'a token in place of a list', fix: 'Write them one by one; each may be a token.' });
  }
  for (const each of Array.from(value)) checkPattern(scope, { property, value: each as string, pattern, must, fix });
  checkCount(scope, { property, value, max, fix });
  const again = value.find((each, index) => value.indexOf(each) !== index);
  if (again !== undefined) reject(scope, { property, must: 'name each once', got: again, fix: 'Remove what is there twice.' });
}

function checkCount(scope: IConstruct, list: { property: string; value: unknown[]; max?: number; fix: string }): void {
  const { property, value, max = Infinity, fix } = list;
  if (value.length === 0) reject(scope, { property, must: 'have at least one item', got: value, fix: `${fix.slice(0, -1)}, or leave it out.` });
  if (value.length > max) {
    reject(scope, { property, must: `have at most ${max} items, because ECR takes no more`, got: value.length, fix: 'Use fewer: one can stand for many.' });
  }
}

/** Whether it is a list that is only known at deployment. Where CloudFormation takes it as it is, there is nothing to check in it. */
export function isTokenList(value: unknown): boolean {
  return Array.isArray(value) && Token.isUnresolved(value);
}

/**
 * The first part of the names of the repositories of a cache.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html
 */
export function checkCachePrefix(scope: IConstruct, property: string, value: string): void {
  checkPrefix(scope, property, value, 2, 30);
}

/**
 * The first part of the names of the repositories of a template.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepositoryCreationTemplate.html
 */
export function checkTemplatePrefix(scope: IConstruct, property: string, value: string): void {
  checkPrefix(scope, property, value, 1, 256);
}

/** It is part of ids and of the names of images, and cannot wait for the deployment. */
function checkPrefix(scope: IConstruct, property: string, value: string, min: number, max: number): void {
  const fix = 'Write it like "docker-hub" or "team/cache", without a slash at the end, or ROOT for all names.';
  if (Token.isUnresolved(value)) reject(scope, { property, must: 'be known at synthesis', got: 'a token', fix });
  checkPattern(scope, { property, value, pattern: PREFIX, must: 'be lower-case letters and digits with ".", "_", "-" or "/" between them, or ROOT', fix });
  if (value.length < min || value.length > max) {
    reject(scope, { property, must: `have ${min} to ${max} characters`, got: value, fix });
  }
}

/** The id of a construct for a prefix: `/` would become `--`, which another prefix may have. */
export function prefixId(prefix: string): string {
  return prefix.replace(/\//g, ':');
}

/**
 * Names of repositories in which `*` stands for anything.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html
 */
export function checkWildcards(scope: IConstruct, property: string, value: string[] | undefined): void {
  if (value === undefined) return;
  checkTexts(scope, {
    property,
    value,
    pattern: /^(?=.{1,255}$)[a-z0-9*]+(?:[._/-][a-z0-9*]+)*$/,
    must: 'be the names of repositories, in which "*" stands for anything',
    max: MAX_FILTERS,
    example: '["prod/*"]',
  });
}

/**
 * What names of repositories begin with.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
 */
export function checkPrefixes(scope: IConstruct, property: string, value: string[] | undefined, max = MAX_FILTERS): void {
  if (value === undefined) return;
  checkTexts(scope, {
    property,
    value,
    pattern: /^(?=.{2,256}$)(?:[a-z0-9]+(?:[._-][a-z0-9]*)*\/)*[a-z0-9]*(?:[._-][a-z0-9]*)*$/,
    must: 'be what names of repositories begin with, without "*", in 2 to 256 characters',
    max,
    example: '["prod/"]',
  });
}

/** As ECR writes a filter. */
export function filters<T extends string>(values: string[], filterType: T): { filter: string; filterType: T }[] {
  return values.map(filter => ({ filter, filterType }));
}

/** ARN of the repositories of this registry with such names. */
export function repositoriesArn(scope: IConstruct, resourceName: string): string {
  return Stack.of(scope).formatArn({ service: 'ecr', resource: 'repository', resourceName });
}

/** What the names of the repositories of a cache look like. */
export function repositoriesUnder(prefix: string): string {
  return prefix === 'ROOT' ? '*' : `${prefix}/*`;
}
