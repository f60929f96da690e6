import { createHash } from 'node:crypto';
import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { HttpRoute, RouteField } from './http-route';

/** The kinds of routes, the most specific first. */
export enum Band { HOST_AND_PATH, HOST, WILDCARD_HOST_AND_PATH, WILDCARD_HOST, PATH, OTHER }

/** The lowest priority of a route. Lower priorities, and those above all bands, are left to other rules. */
const FIRST = 1000;

/** The number of levels of a band. Long paths share levels. */
const LEVELS = 39;

/** Each level has two ranges: one for routes with more conditions than host and path, and a wider one for routes without. */
const BANDS: { readonly [band in Band]: { readonly levels: number; readonly others: number; readonly usual: number } } = {
  [Band.HOST_AND_PATH]: { levels: LEVELS, others: 50, usual: 430 },
  [Band.HOST]: { levels: 1, others: 600, usual: 5000 },
  [Band.WILDCARD_HOST_AND_PATH]: { levels: LEVELS, others: 10, usual: 40 },
  [Band.WILDCARD_HOST]: { levels: LEVELS, others: 10, usual: 40 },
  [Band.PATH]: { levels: LEVELS, others: 50, usual: 430 },
  [Band.OTHER]: { levels: 6, others: 150, usual: 20 },
};

/** The priorities of all routes that are equally specific. */
export interface PriorityRange {
  readonly from: number;
  readonly width: number;
}

/**
 * The priority of a route. It depends on the route alone, so that it stays the same when other services are added or removed.
 *
 * ELB evaluates the lowest priority first, so more specific routes get lower ones.
 */
export function priorityOf(scope: IConstruct, route: HttpRoute): number {
  const { from, width } = rangeOf(specificityOf(route));
  return from + placeIn(width, scope, route);
}

/**
 * The priority of a rule whose traffic ECS shifts. It is in the same range as `priorityOf`, but differs from it, and differs for clients and tests:
 * when the deployment strategy or the listeners change, both rules exist at the same time for a while.
 */
export function weightedPriorityOf(scope: IConstruct, route: HttpRoute, isForTests: boolean): number {
  const { from, width } = rangeOf(specificityOf(route));
  return from + (placeIn(width, scope, route) + Math.floor(width / 2) + (isForTests ? 1 : 0)) % width;
}

function placeIn(width: number, scope: IConstruct, route: HttpRoute): number {
  return createHash('sha256').update(canonical(scope, route)).digest().readUInt32BE(0) % width;
}

/** The range of a route within the 50,000 priorities. */
export function rangeOf({ band, level, others }: Specificity): PriorityRange {
  const before = Object.values(Band).filter((each): each is Band => typeof each === 'number' && each < band);
  const start = before.reduce((sum, each) => sum + BANDS[each].levels * (BANDS[each].others + BANDS[each].usual), FIRST);
  const { levels, ...widths } = BANDS[band];
  const from = start + (levels - 1 - Math.min(compress(level), levels - 1)) * (widths.others + widths.usual);
  return others > 0 ? { from, width: widths.others } : { from: from + widths.others, width: widths.usual };
}

/** A string that is the same for equivalent routes. */
export function canonical(scope: IConstruct, route: HttpRoute): string {
  const conditions = route._parts().map(({ field, key, values }) => {
    const fold = (text: string) => ['host', 'header', 'query'].includes(field) ? text.toLowerCase() : text;
    const texts = values.map(value => fold(JSON.stringify(Stack.of(scope).resolve(value))));
    return JSON.stringify([field, fold(key ?? ''), [...new Set(texts)].sort()]);
  });
  return conditions.sort().join();
}

/** One level per character up to 32, then in steps of 16. */
function compress(level: number): number {
  return level <= 32 ? level : 32 + Math.ceil((level - 32) / 16);
}

/** How specific a route is. A route that matches a subset of another one is more specific, or equally specific including `fine`. */
export interface Specificity {
  readonly band: Band;
  /** Higher is more specific within the band: the minimum length of paths and wildcard hosts. */
  readonly level: number;
  /** The number of conditions for headers, query parameters, methods and source IP addresses. */
  readonly others: number;
  /** Tie breakers; higher is more specific. */
  readonly fine: readonly number[];
}

/** How specific a checked route is. */
export function specificityOf(route: HttpRoute): Specificity {
  const conditions = route._parts();
  const hosts = valuesOf(route, 'host');
  const paths = valuesOf(route, 'path').some(path => path === '/*' || path === '*') ? [] : valuesOf(route, 'path');
  const others = conditions.filter(({ field }) => field !== 'host' && field !== 'path').length;
  const band = bandOf(hosts, paths);
  const values = conditions.flatMap(condition => condition.values);
  return {
    band,
    level: levelOf(band, hosts, paths, others),
    others,
    fine: [others, -values.join('').split('?').length, -values.length],
  };
}

/** The values of a condition that a route has at most once. */
export function valuesOf(route: HttpRoute, field: RouteField): string[] {
  return route._parts().filter(condition => condition.field === field).flatMap(({ values }) => values);
}

function bandOf(hosts: string[], paths: string[]): Band {
  if (hosts.length === 0) {
    return paths.length > 0 ? Band.PATH : Band.OTHER;
  }
  if (hosts.every(isExact)) {
    return paths.length > 0 ? Band.HOST_AND_PATH : Band.HOST;
  }
  return paths.length > 0 ? Band.WILDCARD_HOST_AND_PATH : Band.WILDCARD_HOST;
}

function levelOf(band: Band, hosts: string[], paths: string[], others: number): number {
  switch (band) {
    case Band.HOST: return 0;
    case Band.OTHER: return others;
    case Band.HOST_AND_PATH: case Band.PATH: return shortest(paths);
    case Band.WILDCARD_HOST: return shortest(hosts);
    case Band.WILDCARD_HOST_AND_PATH: return shortest(hosts) + shortest(paths);
  }
}

/** The minimum length of the values that match one of the patterns. No wildcards count as one more character. */
function shortest(patterns: string[]): number {
  return Math.min(...patterns.map(pattern => Token.isUnresolved(pattern) ? 0 : pattern.replace(/\*/g, '').length + (isExact(pattern) ? 1 : 0)));
}

function isExact(pattern: string): boolean {
  return Token.isUnresolved(pattern) || !/[*?]/.test(pattern);
}

/** Whether a request can match both routes, judged by hosts, paths and methods. */
export function mayOverlap(one: HttpRoute, other: HttpRoute): boolean {
  const share = (field: RouteField, meet: (a: string, b: string) => boolean) => {
    const [ours, theirs] = [valuesOf(one, field), valuesOf(other, field)];
    return ours.length === 0 || theirs.length === 0 || ours.some(a => theirs.some(b => meet(a, b)));
  };
  return share('host', (a, b) => patternsMeet(a.toLowerCase(), b.toLowerCase())) && share('path', patternsMeet) && share('method', (a, b) => a === b);
}

/** Whether a string exists that both patterns match. */
export function patternsMeet(one: string, other: string): boolean {
  if (Token.isUnresolved(one) || Token.isUnresolved(other)) {
    return true;
  }
  // Dynamic programming from the ends: below[j] says whether the rest of `one` after i and the rest of `other` from j match a common string.
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
