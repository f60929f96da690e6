import { Annotations, Duration, Size, SizeRoundingBehavior, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkSameEnvironment } from './environments';
import { isKnown } from './lookups';
import { undefinedIfThrows } from './undefined-if-throws';
import { reject } from './validation';

// Validation rules as data. Each options struct has one table, and `Shape.check` compares a value with it. TypeScript users rarely see these errors,
// but nothing checks types for JavaScript, and Python, Java and Go users can pass `Any`. Two copies of a package define the same class twice, so an
// object is recognized by its methods.

interface Common {
  /** The fix: one imperative sentence. */
  readonly fix: string;
}

/** A string. Tokens and pending lookups pass. */
export interface TextRule extends Common {
  readonly kind: 'text';
  readonly pattern?: RegExp;
  /** The rule behind the pattern, as the end of the sentence "… must". */
  readonly must?: string;
}

/** A number, both bounds inclusive. Tokens pass. */
export interface NumberRule extends Common {
  readonly kind: 'integer' | 'number';
  /** The exclusive lower bound. */
  readonly above?: number;
  readonly min?: number;
  readonly max?: number;
}

/** `true` or `false`. Tokens pass unless the value must be known. */
export interface BooleanRule extends Partial<Common> {
  readonly kind: 'boolean';
  /** Whether the value decides what is synthesized. A token would count as true. */
  readonly known?: true;
}

/** A `Duration` in whole units, both bounds inclusive. Tokens pass if they have that unit. */
export interface DurationRule extends Common {
  readonly kind: 'duration';
  readonly unit: 'days' | 'hours' | 'minutes' | 'seconds';
  readonly min?: number;
  readonly max?: number;
}

/** A `Size` in whole units, both bounds inclusive. Tokens pass. */
export interface SizeRule extends Common {
  readonly kind: 'size';
  readonly unit: 'mebibytes' | 'gibibytes';
  readonly min?: number;
  readonly max?: number;
  /** Whether tokens are rejected. */
  readonly known?: boolean;
}

/** A member of an enum. Tokens pass. */
export interface EnumRule extends Common {
  readonly kind: 'enum';
  readonly values: readonly unknown[];
  readonly must: string;
}

/** An object with these methods and these properties of type string or object, such as a construct or an object from a factory. */
export interface InstanceRule extends Common {
  readonly kind: 'instance';
  readonly must: string;
  readonly methods?: readonly string[];
  readonly properties?: readonly string[];
  /** Whether the value may be a password, so that messages must not show it. */
  readonly secret?: boolean;
  /** The environment that the resource must share with the stack of the construct, because AWS rejects others. */
  readonly same?: readonly ('region' | 'account')[];
}

/** A list. Tokens pass. */
export interface ListRule extends Common {
  readonly kind: 'list';
  readonly of: Rule;
  readonly min?: number;
  readonly max?: number;
}

/** An object with names that the user chooses. Tokens pass. */
export interface MapRule extends Common {
  readonly kind: 'map';
  readonly of: Rule;
  readonly names?: { readonly pattern: RegExp; readonly must: string };
}

/** Nested options with their own table. */
export interface StructRule {
  readonly kind: 'struct';
  readonly shape: Pick<Shape<never>, 'check'>;
}

/** A value that the code below the table checks. */
export interface OtherRule {
  readonly kind: 'other';
}

/** The rule of one property. */
export type Rule = (
  TextRule | NumberRule | BooleanRule | DurationRule | SizeRule | EnumRule | InstanceRule | ListRule | MapRule | StructRule | OtherRule
) & { /** Whether `undefined` is an error. */ readonly required?: true };

/** A rule for each property. The compiler reports a missing and an extra property, and a required property without `required`. */
export type Rules<Struct> = {
  readonly [Name in keyof Required<Struct>]: Record<string, never> extends Pick<Struct, Name> ? Rule : Rule & { readonly required: true };
};

/** The table of one options struct. */
export class Shape<Struct> {
  /**
   * @param fix how to write the options: one imperative sentence
   * @param rules a rule for each property
   * @param replacements names from aws-cdk or similar constructs, each with the fix
   */
  constructor(
    private readonly fix: string,
    public readonly rules: Rules<Struct>,
    public readonly replacements: { readonly [name: string]: string } = {},
  ) {}

  /**
   * Throws for the first value that breaks its rule, and for a name that has a replacement or differs only in capitalization. Warns about a name
   * that is close to a known one.
   *
   * @param property the path of the options, e.g. `exposure.healthCheck`; empty for the props of a construct and the options of a method
   * @param parameter the name of the parameter, if the path is empty
   */
  public check(scope: IConstruct, property: string, value: unknown, parameter = 'props'): void {
    if (!isObject(value)) {
      reject(scope, { property: property || parameter, must: 'be an object', got: value, fix: this.fix });
    }
    this.checkNames(scope, property, value);
    for (const [name, rule] of Object.entries<Rule>(this.rules)) {
      checkValue(scope, join(property, name), value[name], rule);
    }
  }

  private checkNames(scope: IConstruct, property: string, value: { readonly [name: string]: unknown }): void {
    const isGiven = (name: string) => value[name] !== undefined;
    // If a property is also given with its correct name, another name is not a misspelling of it.
    const missing = Object.keys(this.rules).filter(name => !isGiven(name));
    for (const name of Object.keys(value).filter(each => isGiven(each) && !Object.hasOwn(this.rules, each))) {
      const path = join(property, name);
      const same = missing.find(each => each.toLowerCase() === name.toLowerCase());
      if (same !== undefined) {
        reject(scope, { property: path, must: `be spelled '${same}'`, got: name, fix: `Write ${same}.` });
      }
      if (Object.hasOwn(this.replacements, name)) {
        reject(scope, { property: path, must: 'be a property that exists here', got: name, fix: this.replacements[name] });
      }
      const close = missing.find(each => isClose(each, name));
      if (close !== undefined) {
        Annotations.of(scope).addWarningV2(`cdk-container-delivery:spelling-${path}`, `'${path}' is not a property. Did you mean '${close}'?`);
      }
    }
  }
}

type Check<R> = (scope: IConstruct, property: string, value: unknown, rule: R) => void;

const CHECKS: { readonly [Kind in Rule['kind']]: Check<Extract<Rule, { kind: Kind }>> } = {
  text: (scope, property, value, { pattern = /^/, must = 'be a string', fix }) => {
    if (isKnown(value) && !(typeof value === 'string' && pattern.test(value))) reject(scope, { property, must, got: value, fix });
  },
  integer: checkNumber,
  number: checkNumber,
  boolean: (scope, property, value, { known, fix = 'Write true or false without quotation marks, or leave it out.' }) => {
    if (known && Token.isUnresolved(value)) reject(scope, { property, must: 'be known at synthesis', got: 'a token', fix: 'Write true or false.' });
    if (typeof value !== 'boolean' && !Token.isUnresolved(value)) reject(scope, { property, must: 'be true or false', got: value, fix });
  },
  duration: checkDuration,
  size: checkSize,
  enum: (scope, property, value, { values, must, fix }) => {
    if (!values.includes(value) && !Token.isUnresolved(value)) reject(scope, { property, must, got: value, fix });
  },
  instance: (scope, property, value, { must, methods = [], properties = [], secret, same = [], fix }) => {
    if (!hasMethods(value, ...methods) || !properties.every(name => hasProperty(value, name))) {
      const hidden = secret && value !== undefined && value !== null;
      reject(scope, { property, must, got: hidden ? `a value of type ${typeof value}, which is not shown` : value, fix });
    }
    checkSameEnvironment(scope, property, value as object, same);
  },
  list: (scope, property, value, { of, min = 0, max = Infinity, fix }) => {
    // A string with a token is not a list.
    if (Token.isUnresolved(value) && typeof value !== 'string') return;
    if (!Array.isArray(value)) reject(scope, { property, must: 'be a list', got: value, fix });
    const bound = value.length < min ? min : max;
    const count = `${bound === min ? 'at least' : 'at most'} ${bound} ${bound === 1 ? 'item' : 'items'}`;
    if (value.length < min || value.length > max) reject(scope, { property, must: `have ${count}`, got: value, fix });
    // `forEach` would skip the holes of a sparse list.
    Array.from(value).forEach((item, index) => checkValue(scope, `${property}[${index}]`, item, { ...of, required: true }));
  },
  map: (scope, property, value, { of, names, fix }) => {
    if (Token.isUnresolved(value)) return;
    if (!isObject(value)) reject(scope, { property, must: 'be an object', got: value, fix });
    for (const [name, item] of Object.entries(value)) {
      if (names !== undefined && isKnown(name) && !names.pattern.test(name)) reject(scope, { property, must: names.must, got: name, fix });
      checkValue(scope, `${property}.${name}`, item, { ...of, required: true });
    }
  },
  struct: (scope, property, value, { shape }) => shape.check(scope, property, value),
  other: () => undefined,
};

/** Throws with construct path, property, rule, value and fix if the value breaks the rule. `undefined` passes unless the rule is `required`. */
export function checkValue<R extends Rule>(scope: IConstruct, property: string, value: unknown, rule: R): void {
  if (value !== undefined || rule.required) {
    (CHECKS[rule.kind] as Check<R>)(scope, property, value, rule);
  }
}

function checkNumber(scope: IConstruct, property: string, value: unknown, rule: NumberRule): void {
  if (Token.isUnresolved(value)) return;
  const { kind, above = -Infinity, min = -Infinity, max = Infinity, fix } = rule;
  const isNumber = kind === 'integer' ? Number.isInteger(value) : Number.isFinite(value);
  if (!isNumber || (value as number) <= above || (value as number) < min || (value as number) > max) {
    const noun = kind === 'integer' ? 'a whole number' : 'a number';
    reject(scope, { property, must: `be ${noun}${rangeText(rule)}`, got: value, fix });
  }
}

function rangeText({ above, min, max }: NumberRule): string {
  if (above !== undefined) return max === undefined ? ` above ${above}` : ` above ${above} and up to ${max}`;
  if (max === undefined) return min === undefined ? '' : ` of at least ${min}`;
  return min === undefined ? ` of at most ${max}` : ` from ${min} to ${max}`;
}

const DURATIONS: { readonly [Unit in DurationRule['unit']]: (value: Duration) => number } = {
  days: value => value.toDays({ integral: false }),
  hours: value => value.toHours({ integral: false }),
  minutes: value => value.toMinutes({ integral: false }),
  seconds: value => value.toSeconds({ integral: false }),
};

function checkDuration(scope: IConstruct, property: string, value: unknown, { unit, min = 0, max, fix }: DurationRule): void {
  if (!isDuration(value)) {
    reject(scope, { property, must: 'be a Duration', got: value, fix: `Use a duration such as Duration.${unit}(${Math.max(min, Math.min(5, max ?? 5))}).` });
  }
  if (!value.isUnresolved()) {
    checkNumber(scope, property, DURATIONS[unit](value), { kind: 'integer', min, max, fix });
  } else if (value.unitLabel() !== unit) {
    // CDK cannot convert a token to another unit, and would report that without naming the property.
    const must = `be given in ${unit}, because its value is only known at deployment`;
    reject(scope, { property, must, got: value.unitLabel(), fix: `Use Duration.${unit}(…).` });
  }
}

const SIZES: { readonly [Unit in SizeRule['unit']]: (value: Size) => number } = {
  mebibytes: value => value.toMebibytes({ rounding: SizeRoundingBehavior.NONE }),
  gibibytes: value => value.toGibibytes({ rounding: SizeRoundingBehavior.NONE }),
};

function checkSize(scope: IConstruct, property: string, value: unknown, { unit, min = 0, max, known, fix }: SizeRule): void {
  const example = unit === 'mebibytes' ? 'Size.mebibytes(64)' : 'Size.gibibytes(30)';
  if (!isSize(value)) {
    reject(scope, { property, must: 'be a Size', got: value, fix: `Use a size such as ${example}.` });
  }
  if (!value.isUnresolved()) {
    checkNumber(scope, property, SIZES[unit](value), { kind: 'integer', min, max, fix });
  } else if (known) {
    reject(scope, { property, must: 'be known at synthesis', got: 'a token', fix });
  } else if (undefinedIfThrows(() => SIZES[unit](value)) === undefined) {
    // CDK cannot convert a token to another unit, and would report that without naming the property.
    const must = `be given in ${unit}, because its value is only known at deployment`;
    reject(scope, { property, must, got: 'a token in another unit', fix: `Use Size.${unit}(…).` });
  }
}

/** Whether a value is an object, and neither `null` nor a list. */
export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is an object with all of these methods. A factory that was not called is a function, not an object. */
export function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  return isObject(value) && names.every(name => typeof value[name] === 'function');
}

/** Whether a property is a string or an object. Some getters of aws-cdk throw, e.g. `connections` of a function that is not in a VPC. */
function hasProperty(value: unknown, name: string): boolean {
  try {
    const property = (value as Record<string, unknown>)[name];
    return property !== null && ['string', 'object'].includes(typeof property);
  } catch {
    return false;
  }
}

function isDuration(value: unknown): value is Duration {
  return hasMethods(value, 'isUnresolved', 'unitLabel', 'toDays', 'toMinutes', 'toSeconds');
}

function isSize(value: unknown): value is Size {
  return hasMethods(value, 'isUnresolved', 'toMebibytes', 'toGibibytes');
}

function join(property: string, name: string): string {
  return property === '' ? name : `${property}.${name}`;
}

/** Whether two names differ by one slip: an extra, missing or wrong letter, or two letters swapped. */
function isClose(one: string, other: string): boolean {
  const [short, long] = [one, other].sort((a, b) => a.length - b.length);
  // Short words are close to too many others.
  if (short.length < 4) return false;
  let start = 0;
  while (start < short.length && short[start] === long[start]) start++;
  const [restOfShort, restOfLong] = [short.slice(start), long.slice(start)];
  if (short.length + 1 === long.length) return restOfShort === restOfLong.slice(1);
  return short.length === long.length && (
    restOfShort.slice(1) === restOfLong.slice(1)
    || (restOfShort.slice(2) === restOfLong.slice(2) && restOfShort[0] === restOfLong[1] && restOfShort[1] === restOfLong[0])
  );
}
