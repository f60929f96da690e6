import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkPattern, reject } from '../private/validation';

const NAME = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const PREFIX = new RegExp(`^(?:${NAME}(?:/${NAME})*|ROOT)$`);

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
