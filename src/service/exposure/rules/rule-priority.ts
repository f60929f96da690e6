import { createHash } from 'node:crypto';
import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { HttpRoute } from './http-route';
import { Band, Specificity, specificityOf } from './rule-specificity';

/** Below and above it, priorities are left to rules that are made in other ways. */
const FIRST = 1000;

/** Levels of a band that have priorities of their own: long paths share them. */
const LEVELS = 39;

/** Each level has two ranges: one for routes with other conditions than host and path too, and a wider one for the usual ones without. */
const BANDS: { readonly [band in Band]: { readonly levels: number; readonly others: number; readonly usual: number } } = {
  [Band.HOST_AND_PATH]: { levels: LEVELS, others: 50, usual: 430 },
  [Band.HOST]: { levels: 1, others: 600, usual: 5000 },
  [Band.WILDCARD_HOST_AND_PATH]: { levels: LEVELS, others: 10, usual: 40 },
  [Band.WILDCARD_HOST]: { levels: LEVELS, others: 10, usual: 40 },
  [Band.PATH]: { levels: LEVELS, others: 50, usual: 430 },
  [Band.OTHER]: { levels: 6, others: 150, usual: 20 },
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
  const start = before.reduce((sum, each) => sum + BANDS[each].levels * (BANDS[each].others + BANDS[each].usual), FIRST);
  const { levels, ...widths } = BANDS[band];
  const from = start + (levels - 1 - Math.min(compress(level), levels - 1)) * (widths.others + widths.usual);
  return others > 0 ? { from, width: widths.others } : { from: from + widths.others, width: widths.usual };
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

/** Up to 32 one by one, then in steps. */
function compress(level: number): number {
  return level <= 32 ? level : 32 + Math.ceil((level - 32) / 16);
}
