import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { isTokenList } from './check-settings';
import { RepositoryCreation, RepositoryCreationTemplateOptions } from './repository-creation-template-options';
import { checkList, checkObject, checkOneOf, isObject } from '../private/check-types';
import { checkPattern, reject } from '../private/validation';
import { checkedEncryption } from '../repository/image-encryption';
import { checkedTags } from '../repository/image-tag-mutability';

const MOST_TAGS = 50;

const EVENTS: unknown[] = Object.values(RepositoryCreation);

/** What ECR would refuse, or never use. */
export function checkTemplateOptions(scope: Construct, options: RepositoryCreationTemplateOptions): void {
  checkObject(scope, 'creationTemplates.options', options, 'Give { appliedFor: [RepositoryCreation.PULL_THROUGH_CACHE] }.');
  const { appliedFor, description, tagMutability, encryption, resourceTags } = options;
  checkAppliedFor(scope, appliedFor);
  if (description !== undefined) {
    checkPattern(scope, { property: 'creationTemplates.description', value: description, pattern: /^.{0,256}$/s, must: 'have at most 256 characters', fix: 'Write less.' });
  }
  checkedTags(scope, tagMutability);
  checkedEncryption(scope, encryption);
  if (resourceTags !== undefined) checkTags(scope, resourceTags);
  checkRole(scope, options);
}

function checkAppliedFor(scope: Construct, appliedFor: unknown): void {
  const property = 'creationTemplates.appliedFor';
  const fix = 'Write appliedFor: [RepositoryCreation.PULL_THROUGH_CACHE].';
  if (isTokenList(appliedFor)) return;
  checkList(scope, property, appliedFor, fix);
  if (appliedFor.length === 0) reject(scope, { property, must: 'have at least one item', got: appliedFor, fix });
  for (const each of Array.from(appliedFor)) {
    if (!Token.isUnresolved(each)) checkOneOf(scope, each, EVENTS, { property, must: 'have nothing but RepositoryCreations in it', fix });
  }
  if (new Set(appliedFor).size < appliedFor.length) reject(scope, { property, must: 'name each once', got: appliedFor, fix: 'Remove what is there twice.' });
}

function checkRole(scope: Construct, { encryption, resourceTags, role }: RepositoryCreationTemplateOptions): void {
  const property = 'creationTemplates.role';
  const fix = 'Give a role that trusts ecr.amazonaws.com.';
  if (role !== undefined && !hasText(role, 'roleArn')) reject(scope, { property, must: 'be a role', got: role, fix });
  if (role !== undefined && /:role\/.*\//.test(role.roleArn)) {
    reject(scope, { property, must: 'be a role without a path, because CloudFormation takes no other here', got: role.roleArn, fix });
  }
  if (role === undefined && (encryption?._renderEncryption(scope) ?? resourceTags) !== undefined) {
    reject(scope, { property, must: 'be given with a KMS key or resourceTags, because ECR\'s own role may use neither', got: role, fix });
  }
}

function checkTags(scope: Construct, resourceTags: unknown): void {
  const property = 'creationTemplates.resourceTags';
  checkObject(scope, property, resourceTags, 'Give { team: "web" }.');
  const entries = Object.entries(resourceTags as object);
  if (entries.length > MOST_TAGS) reject(scope, { property, must: `be at most ${MOST_TAGS}`, got: entries.length, fix: 'Use fewer.' });
  for (const [name, value] of entries) {
    checkPattern(scope, { property, value: name, pattern: /^.{1,128}$/s, must: 'have names of 1 to 128 characters', fix: 'Choose others.' });
    checkPattern(scope, { property: `${property}.${name}`, value, pattern: /^.{0,256}$/s, must: 'be a text of at most 256 characters', fix: 'Write less.' });
  }
}

function hasText(value: unknown, name: string): boolean {
  return isObject(value) && typeof value[name] === 'string';
}
