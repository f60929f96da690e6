import { createHash } from 'node:crypto';
import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { HttpRoute } from './http-route';
import { Band, Specificity, specificityOf } from './rule-specificity';

/** Below and above it, priorities are left to rules that are made in other ways. */
const FIRST = 1000;

/** Levels of a band that have priorities of their own: long paths share them. */
const LEVELS = 47;

/** Each level has two ranges: with other conditions than host and path, and without. Each is so wide that two routes seldom meet. */
const WIDTHS: { readonly [band in Band]: { readonly levels: number; readonly width: number } } = {
  [Band.HOST_AND_PATH]: { levels: LEVELS, width: 160 },
  [Band.HOST]: { levels: 1, width: 3500 },
  [Band.WILDCARD_HOST_AND_PATH]: { levels: LEVELS, width: 45 },
  [Band.WILDCARD_HOST]: { levels: LEVELS, width: 35 },
  [Band.PATH]: { levels: LEVELS, width: 150 },
  [Band.OTHER]: { levels: 6, width: 175 },
};

/** The priorities that a route may have: all that are as specific as it, and no others. */
export interface PriorityRange {
  readonly from: number;
  readonly width: number;
}

/**
 * The priority of a route, which depends on nothing but the route: other services may come and go.
 *
 * ELB asks the lowest first, so that more specific routes get lower ones.
 */
export function priorityOf(scope: IConstruct, route: HttpRoute): number {
  const { from, width } = rangeOf(specificityOf(route));
  return from + createHash('sha256').update(canonical(scope, route)).digest().readUInt32BE(0) % width;
}

/** Where in the 50,000 priorities a route belongs. */
export function rangeOf({ band, level, others }: Specificity): PriorityRange {
  const before = Object.values(Band).filter((each): each is Band => typeof each === 'number' && each < band);
  const start = before.reduce((sum, each) => sum + 2 * WIDTHS[each].levels * WIDTHS[each].width, FIRST);
  const { levels, width } = WIDTHS[band];
  const fromTop = levels - 1 - Math.min(compress(level), levels - 1);
  return { from: start + (2 * fromTop + (others > 0 ? 0 : 1)) * width, width };
}

/** A text that is the same for routes that mean the same. */
export function canonical(scope: IConstruct, route: HttpRoute): string {
  const conditions = route._parts().map(({ field, key, values }) => {
    const fold = (text: string) => ['host', 'header', 'query'].includes(field) ? text.toLowerCase() : text;
    const texts = values.map(value => fold(JSON.stringify(Stack.of(scope).resolve(value))));
    return JSON.stringify([field, fold(key ?? ''), [...new Set(texts)].sort()]);
  });
  return conditions.sort().join();
}

/** Up to 40 one by one, then in steps. */
function compress(level: number): number {
  return level <= 40 ? level : 40 + Math.ceil((level - 40) / 8);
}
