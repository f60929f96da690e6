import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkList, hasMethods } from '../private/check-types';
import { checkPattern, reject } from '../private/validation';

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
