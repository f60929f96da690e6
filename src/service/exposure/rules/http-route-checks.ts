import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { HttpRoute } from './http-route';
import { RouteCondition, RouteField } from './http-route-condition';
import { hasMethods } from '../../../private/check-types';
import { checkPattern, reject } from '../../../private/validation';

const PROPERTY = 'exposure.route';

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const MAX_VALUES = 5;
// The page of conditions says 5, the newer one of quotas 6.
const MAX_WILDCARDS = 6;

interface ValueRule {
  readonly pattern: RegExp;
  readonly must: string;
  readonly fix: string;
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html */
const RULES: { readonly [field in RouteField]: ValueRule } = {
  host: {
    pattern: /^(?=.{1,128}$)[A-Za-z0-9*?.-]*\.[A-Za-z0-9]+$/, must: 'have hosts with a "." and only letters or digits behind the last one',
    fix: 'Write HttpRoute.host(\'app.example.com\') or HttpRoute.host(\'*.example.com\'), without "https://" and port.',
  },
  path: {
    pattern: /^(?=.{1,128}$)[/*?][A-Za-z0-9_.$/~"'@:+&*?-]*$/, must: 'have paths that start with "/" and have at most 128 characters that ELB takes',
    fix: 'Write HttpRoute.path(\'/api/*\'); the query has a condition of its own: HttpRoute.query(\'version\', \'1\').',
  },
  header: {
    pattern: /^[\x20-\x7e]{1,128}$/, must: 'have values of headers with 1 to 128 visible ASCII characters',
    fix: 'Write HttpRoute.header(\'X-Version\', \'1\').',
  },
  query: {
    pattern: /^[\x20-\x7e]{1,128}$/, must: 'have parameters with 1 to 128 visible ASCII characters', fix: 'Write HttpRoute.query(\'version\', \'1\').',
  },
  method: {
    pattern: /^[A-Z_-]{1,40}$/, must: 'have methods in capital letters', fix: 'Write HttpRoute.method(\'GET\', \'HEAD\').',
  },
  sourceIp: {
    pattern: /^(?:(?:\d{1,3}\.){3}\d{1,3}\/(?:[12]?\d|3[0-2])|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\/(?:\d{1,2}|1[01]\d|12[0-8]))$/,
    must: 'have networks in CIDR notation', fix: 'Write HttpRoute.sourceIp(\'203.0.113.0/24\').',
  },
};

// https://datatracker.ietf.org/doc/html/rfc7230#section-3.2.6
const HEADER_NAME: ValueRule = {
  pattern: /^(?!host$)[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}$/i, must: 'have headers with a name of 1 to 40 characters, other than "Host"',
  fix: 'Write HttpRoute.header(\'X-Version\', \'1\'), and for the host HttpRoute.host(\'app.example.com\').',
};

/** What ELB would refuse of a rule. */
export function checkRoute(scope: IConstruct, route: HttpRoute): void {
  if (!hasMethods(route, '_parts', '_conditions')) {
    reject(scope, { property: PROPERTY, must: 'be an HttpRoute', got: route, fix: 'Make one, e.g. HttpRoute.path(\'/api/*\').' });
  }
  const conditions = route._parts();
  conditions.forEach(condition => checkCondition(scope, condition));
  for (const field of ['host', 'path', 'method', 'sourceIp'] as const) {
    if (conditions.filter(condition => condition.field === field).length > 1) {
      reject(scope, {
        property: PROPERTY, must: `have one condition for '${field}'`, got: route.toString(), fix: `Give its values together: HttpRoute.${field}(one, another).`,
      });
    }
  }
  checkAmount(scope, conditions);
}

function checkCondition(scope: IConstruct, { field, key, values }: RouteCondition): void {
  if (values.length === 0) {
    reject(scope, { property: PROPERTY, must: `have a value for '${field}'`, got: values, fix: RULES[field].fix });
  }
  const check = (value: unknown, rule: ValueRule) => checkPattern(scope, { property: PROPERTY, value: value as string, ...rule });
  if (field === 'header') {
    check(key, HEADER_NAME);
  }
  if (field === 'query') {
    check(key, RULES.query);
  }
  values.forEach(value => check(value, RULES[field]));
}

function checkAmount(scope: IConstruct, conditions: RouteCondition[]): void {
  const values = conditions.flatMap(condition => condition.values);
  if (values.length > MAX_VALUES) {
    reject(scope, {
      property: PROPERTY, must: `have at most ${MAX_VALUES} values`, got: values, fix: 'Use wildcards, or expose the rest by another service.',
    });
  }
  const wild = conditions.filter(({ field }) => !['method', 'sourceIp'].includes(field)).flatMap(condition => condition.values);
  const wildcards = wild.filter(value => !Token.isUnresolved(value)).join('').replace(/\\./g, '').match(/[*?]/g) ?? [];
  if (wildcards.length > MAX_WILDCARDS) {
    reject(scope, { property: PROPERTY, must: `have at most ${MAX_WILDCARDS} wildcards`, got: wild, fix: 'Use "*" once for all that follows.' });
  }
}
