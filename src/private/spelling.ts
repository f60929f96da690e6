import { Annotations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { reject } from './validation';

/** All names that a struct has: the compiler sees to it that none is missing, and none is left over. */
export type NamesOf<Struct> = { readonly [Name in keyof Required<Struct>]: true };

/**
 * Tells of a slip in the name of an option. Nobody else does where types are not checked: from JavaScript, and where TypeScript is only run. What
 * differs in capital letters only is refused, what is near is warned of; anything else may be meant for somebody else.
 */
export function checkSpelling(scope: IConstruct, path: string, given: object, names: { readonly [name: string]: true }): void {
  const isGiven = new Map(Object.entries(given).map(([name, value]) => [name, value !== undefined]));
  // What is given under its right name is not meant by another.
  const missing = Object.keys(names).filter(name => !isGiven.get(name));
  for (const name of [...isGiven.keys()].filter(each => isGiven.get(each) && names[each] !== true)) {
    const property = [path, name].filter(Boolean).join('.');
    const same = missing.find(each => each.toLowerCase() === name.toLowerCase());
    if (same !== undefined) {
      reject(scope, { property, must: `be spelled '${same}'`, got: name, fix: `Write ${same}.` });
    }
    const near = missing.find(each => isNear(each, name));
    if (near !== undefined) {
      Annotations.of(scope).addWarningV2(`cdk-container-delivery:spelling-${property}`, `'${property}' is no property here. Is '${near}' meant?`);
    }
  }
}

/** One slip: a letter too much, too few, another one, or two that changed places. */
function isNear(one: string, other: string): boolean {
  const [short, long] = [one, other].sort((a, b) => a.length - b.length);
  // Short words are near to too many.
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
