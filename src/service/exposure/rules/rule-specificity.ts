import { Token } from 'aws-cdk-lib';
import { HttpRoute } from './http-route';
import { RouteField } from './http-route-condition';

/** What a route says, in the order in which routes are asked: the most specific first. */
export enum Band { HOST_AND_PATH, HOST, WILDCARD_HOST_AND_PATH, WILDCARD_HOST, PATH, OTHER }

/** How specific a route is. Of two of which one is part of the other, the part is more specific, or equally specific in `fine` too. */
export interface Specificity {
  readonly band: Band;
  /** Within the band, higher is more specific: how long paths and wildcard hosts are at least. */
  readonly level: number;
  /** How many headers, parameters, methods and networks are asked for. */
  readonly others: number;
  /** What decides between routes that are equally specific so far, higher being more specific. */
  readonly fine: readonly number[];
}

/** How specific a route is. It must have been checked. */
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

/** The values of a condition that a route has once at most. */
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

/** The least that one of the patterns asks for; without wildcards it is as one character more. */
function shortest(patterns: string[]): number {
  return Math.min(...patterns.map(pattern => Token.isUnresolved(pattern) ? 0 : pattern.replace(/\*/g, '').length + (isExact(pattern) ? 1 : 0)));
}

function isExact(pattern: string): boolean {
  return Token.isUnresolved(pattern) || !/[*?]/.test(pattern);
}
