import { UNKNOWN } from '../../private/template/intrinsics';

/** One value of a policy or several, as texts. */
export function textsOf(value: unknown): string[] {
  return value === undefined ? [] : [value].flat().map(each => typeof each === 'object' ? UNKNOWN : String(each));
}
