import { IConstruct } from 'constructs';
import { reject, Violation } from './validation';

// From JavaScript anything may come. What something can do says what it is: a class may be there twice, in two copies of a package.

/** What to tell about a value of another type. */
export type TypeRule = Omit<Violation, 'got'>;

/** Whether it is an object, and neither `null` nor a list. */
export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether it is an object with all of these methods: the function of a factory is none. */
export function hasMethods(value: unknown, ...names: string[]): boolean {
  return isObject(value) && names.every(name => typeof value[name] === 'function');
}

/** Something with a `bind`. */
export function checkBindable(scope: IConstruct, value: unknown, rule: TypeRule): void {
  if (!hasMethods(value, 'bind')) {
    reject(scope, { ...rule, got: value });
  }
}

/** Options, properties or a map. */
export function checkObject(scope: IConstruct, property: string, value: unknown, fix = 'Give an object, or leave it out.'): void {
  if (!isObject(value)) {
    reject(scope, { property, must: 'be an object', got: value, fix });
  }
}

/** A list of whatever. */
export function checkList(scope: IConstruct, property: string, value: unknown, fix: string): asserts value is unknown[] {
  if (!Array.isArray(value)) {
    reject(scope, { property, must: 'be a list', got: value, fix });
  }
}

/** One of the values of an enumeration. */
export function checkOneOf(scope: IConstruct, value: unknown, allowed: readonly unknown[], rule: TypeRule): void {
  if (!allowed.includes(value)) {
    reject(scope, { ...rule, got: value });
  }
}
