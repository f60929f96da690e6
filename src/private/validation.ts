import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { display } from './display';
import { isKnown } from './pending-lookup';
import { userError } from './user-error';

/** One broken rule, told so that the reader can mend it without opening our source. */
export interface Violation {
  /** The property as the user wrote it, e.g. `containers.web.port`. */
  readonly property: string;
  /** The rule, as the end of the sentence "… must". */
  readonly must: string;
  /** The value that breaks the rule. */
  readonly got: unknown;
  /** What to do about it: one full sentence. */
  readonly fix: string;
}

/** The rule, the value and the fix, where the construct path is told by somebody else. */
export function sentence({ property, must, got, fix }: Violation): string {
  return `'${property}' must ${must}, got ${display(got)}. ${fix}`;
}

/** Stop synthesis with construct path, property, rule, value and fix. */
export function reject(scope: IConstruct, violation: Violation): never {
  throw userError(`${scope.node.path}: ${sentence(violation)}`);
}

/** Bounds of a whole number, both inclusive. */
export interface IntegerRule {
  readonly property: string;
  readonly value: number;
  readonly min: number;
  readonly max?: number;
  readonly fix: string;
}

/** A whole number within its bounds; a token passes. */
export function checkInteger(scope: IConstruct, rule: IntegerRule): void {
  const { property, value, min, max = Infinity, fix } = rule;
  if (Token.isUnresolved(value) || (Number.isInteger(value) && value >= min && value <= max)) {
    return;
  }
  const range = max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`;
  reject(scope, { property, must: `be a whole number ${range}`, got: value, fix });
}

/** A text that has to look a certain way. */
export interface PatternRule {
  readonly property: string;
  readonly value: string;
  readonly pattern: RegExp;
  readonly must: string;
  readonly fix: string;
}

/** A text of the right form; a token passes, and what is still to be looked up. */
export function checkPattern(scope: IConstruct, rule: PatternRule): void {
  const { property, value, pattern, must, fix } = rule;
  // From JavaScript anything may come, and `undefined` would be tested as the text "undefined".
  if (isKnown(value) && !(typeof value === 'string' && pattern.test(value))) {
    reject(scope, { property, must, got: value, fix });
  }
}
