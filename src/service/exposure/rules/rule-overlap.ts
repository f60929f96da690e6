import { Token } from 'aws-cdk-lib';
import { HttpRoute } from './http-route';
import { RouteField } from './http-route-condition';
import { valuesOf } from './rule-specificity';

/** Whether a request may meet both routes, as far as hosts, paths and methods tell. */
export function mayOverlap(one: HttpRoute, other: HttpRoute): boolean {
  const share = (field: RouteField, meet: (a: string, b: string) => boolean) => {
    const [ours, theirs] = [valuesOf(one, field), valuesOf(other, field)];
    return ours.length === 0 || theirs.length === 0 || ours.some(a => theirs.some(b => meet(a, b)));
  };
  return share('host', (a, b) => patternsMeet(a.toLowerCase(), b.toLowerCase())) && share('path', patternsMeet) && share('method', (a, b) => a === b);
}

/** Whether there is a text that both patterns match. */
export function patternsMeet(one: string, other: string): boolean {
  if (Token.isUnresolved(one) || Token.isUnresolved(other)) {
    return true;
  }
  // For each rest of one pattern, whether it meets what was looked at last of the other: from their ends to their beginnings.
  let below: boolean[] = [];
  for (let i = one.length; i >= 0; i--) {
    const row: boolean[] = [];
    for (let j = other.length; j >= 0; j--) {
      row[j] = (i === one.length && j === other.length)
        || (one[i] === '*' && (below[j] || (j < other.length && row[j + 1])))
        || (other[j] === '*' && (row[j + 1] || (i < one.length && below[j])))
        || (i < one.length && j < other.length && (one[i] === other[j] || one[i] === '?' || other[j] === '?') && below[j + 1]);
    }
    below = row;
  }
  return below[0];
}
