import { Annotations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { reject } from './validation';

/** All names that a struct has: the compiler sees to it that none is missing, and none is left over. */
export type NamesOf<Struct> = { readonly [Name in keyof Required<Struct>]: true };

/**
 * Tells of properties that are not there. Nobody else does where types are not checked: from JavaScript, and where TypeScript is only run. What
 * looks like a slip is refused; what else there is may be meant for somebody else, and is warned of.
 */
export function checkNames(scope: IConstruct, path: string, given: object, names: { readonly [name: string]: true }): void {
  const known = Object.keys(names);
  for (const [name] of Object.entries(given).filter(([each, value]) => value !== undefined && !known.includes(each))) {
    const property = [path, name].filter(Boolean).join('.');
    const meant = known.find(each => isNear(each.toLowerCase(), name.toLowerCase()));
    if (meant !== undefined) {
      reject(scope, { property, must: `be spelled '${meant}'`, got: name, cure: `Write ${meant}.` });
    }
    Annotations.of(scope).addWarningV2(`cdk-container-delivery:unknown-${property}`, `'${property}' is no property here, and does nothing.`);
  }
}

/** One slip: a letter too much, too few, another one, or two that changed places. */
function isNear(one: string, other: string): boolean {
  if (one === other) return true;
  const [short, long] = [one, other].sort((a, b) => a.length - b.length);
  let start = 0;
  while (start < short.length && short[start] === long[start]) start++;
  const [restOfShort, restOfLong] = [short.slice(start), long.slice(start)];
  // Short words are near to too many.
  if (short.length < 4) return false;
  if (short.length + 1 === long.length) return restOfShort === restOfLong.slice(1);
  return short.length === long.length && (
    restOfShort.slice(1) === restOfLong.slice(1)
    || (restOfShort.slice(2) === restOfLong.slice(2) && restOfShort[0] === restOfLong[1] && restOfShort[1] === restOfLong[0])
  );
}
