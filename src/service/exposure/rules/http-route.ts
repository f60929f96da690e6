import { Token } from 'aws-cdk-lib';
import { ListenerCondition } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { checkValue, TextRule } from '../../../private/shape';
import { reject } from '../../../private/validation';

const PROPERTY = 'exposure.route';

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const MAX_VALUES = 5;
// The documentation of conditions says 5, but the newer documentation of quotas says 6.
const MAX_WILDCARDS = 6;

/** The part of a request that a condition matches. */
export type RouteField = 'host' | 'path' | 'header' | 'query' | 'method' | 'sourceIp';

/** A condition of a route. */
interface RouteCondition {
  readonly field: RouteField;
  /** The name of the header or of the query parameter. */
  readonly key?: string;
  readonly values: string[];
}

/**
 * The requests that a service receives. All conditions must match. Each method returns a new route with an additional condition.
 *
 * "*" matches any characters, "?" matches one character. A route has at most 5 values and 6 wildcards in all its conditions.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */
export class HttpRoute {
  /**
   * Requests for one of these hosts.
   *
   * @param names host names, e.g. "app.example.com" or "*.example.com"
   */
  public static host(...names: string[]): HttpRoute {
    return new HttpRoute([]).andHost(...names);
  }

  /**
   * Requests for one of these paths, which are case-sensitive.
   *
   * @param patterns paths, e.g. "/health" or "/api/*"
   */
  public static path(...patterns: string[]): HttpRoute {
    return new HttpRoute([]).andPath(...patterns);
  }

  /**
   * Requests with a header that has one of these values.
   *
   * @param name the name of the header, e.g. "X-Version"
   * @param values the values
   */
  public static header(name: string, ...values: string[]): HttpRoute {
    return new HttpRoute([]).andHeader(name, ...values);
  }

  /**
   * Requests with a query parameter that has one of these values.
   *
   * @param key the name of the parameter
   * @param values the values
   */
  public static query(key: string, ...values: string[]): HttpRoute {
    return new HttpRoute([]).andQuery(key, ...values);
  }

  /**
   * Requests with one of these methods.
   *
   * @param names methods, e.g. "GET"
   */
  public static method(...names: string[]): HttpRoute {
    return new HttpRoute([]).andMethod(...names);
  }

  /**
   * Requests from one of these IP ranges. Behind a proxy, this is the IP address of the proxy.
   *
   * @param cidrs CIDR blocks, e.g. "203.0.113.0/24"
   */
  public static sourceIp(...cidrs: string[]): HttpRoute {
    return new HttpRoute([]).andSourceIp(...cidrs);
  }

  private constructor(private readonly conditions: RouteCondition[]) {}

  /**
   * Add a condition: only requests for one of these hosts.
   *
   * @param names host names
   */
  public andHost(...names: string[]): HttpRoute {
    return this.with({ field: 'host', values: names });
  }

  /**
   * Add a condition: only requests for one of these paths, which are case-sensitive.
   *
   * @param patterns paths
   */
  public andPath(...patterns: string[]): HttpRoute {
    return this.with({ field: 'path', values: patterns });
  }

  /**
   * Add a condition: only requests with a header that has one of these values.
   *
   * @param name the name of the header
   * @param values the values
   */
  public andHeader(name: string, ...values: string[]): HttpRoute {
    return this.with({ field: 'header', key: name, values });
  }

  /**
   * Add a condition: only requests with a query parameter that has one of these values.
   *
   * @param key the name of the parameter
   * @param values the values
   */
  public andQuery(key: string, ...values: string[]): HttpRoute {
    return this.with({ field: 'query', key, values });
  }

  /**
   * Add a condition: only requests with one of these methods.
   *
   * @param names methods
   */
  public andMethod(...names: string[]): HttpRoute {
    return this.with({ field: 'method', values: names });
  }

  /**
   * Add a condition: only requests from one of these IP ranges. Behind a proxy, this is the IP address of the proxy.
   *
   * @param cidrs CIDR blocks
   */
  public andSourceIp(...cidrs: string[]): HttpRoute {
    return this.with({ field: 'sourceIp', values: cidrs });
  }

  /** The conditions as a string. */
  public toString(): string {
    return this.conditions.map(({ field, key, values }) => `${field} ${key === undefined ? '' : `${key} `}${values.join(' or ')}`).join(', ');
  }

  /** @internal */
  public _parts(): RouteCondition[] {
    return this.conditions;
  }

  /** @internal */
  public _conditions(): ListenerCondition[] {
    return this.conditions.map(({ field, key = '', values }) => {
      switch (field) {
        case 'host': return ListenerCondition.hostHeaders(values);
        case 'path': return ListenerCondition.pathPatterns(values);
        case 'header': return ListenerCondition.httpHeader(key, values);
        case 'query': return ListenerCondition.queryStrings(values.map(value => ({ key, value })));
        case 'method': return ListenerCondition.httpRequestMethods(values);
        case 'sourceIp': return ListenerCondition.sourceIps(values);
      }
    });
  }

  private with(condition: RouteCondition): HttpRoute {
    return new HttpRoute([...this.conditions, condition]);
  }
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html */
const RULES: { readonly [field in RouteField]: TextRule } = {
  host: {
    kind: 'text', pattern: /^(?=.{1,128}$)[A-Za-z0-9*?.-]*\.[A-Za-z0-9]+$/, must: 'have hosts with a ".", followed by letters or digits only',
    fix: 'Write HttpRoute.host(\'app.example.com\') or HttpRoute.host(\'*.example.com\'), without "https://" and port.',
  },
  path: {
    kind: 'text', pattern: /^(?=.{1,128}$)[/*?][A-Za-z0-9_.$/~"'@:+&*?-]*$/,
    must: 'have paths that start with "/" and have at most 128 characters that ELB allows',
    fix: 'Write HttpRoute.path(\'/api/*\'); the query has a condition of its own: HttpRoute.query(\'version\', \'1\').',
  },
  header: {
    kind: 'text', pattern: /^[\x20-\x7e]{1,128}$/, must: 'have header values with 1 to 128 visible ASCII characters',
    fix: 'Write HttpRoute.header(\'X-Version\', \'1\').',
  },
  query: {
    kind: 'text', pattern: /^[\x20-\x7e]{1,128}$/, must: 'have query parameters with 1 to 128 visible ASCII characters',
    fix: 'Write HttpRoute.query(\'version\', \'1\').',
  },
  method: { kind: 'text', pattern: /^[A-Z_-]{1,40}$/, must: 'have methods in capital letters', fix: 'Write HttpRoute.method(\'GET\', \'HEAD\').' },
  sourceIp: {
    kind: 'text', pattern: /^(?:(?:\d{1,3}\.){3}\d{1,3}\/(?:[12]?\d|3[0-2])|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\/(?:\d{1,2}|1[01]\d|12[0-8]))$/,
    must: 'have IP ranges in CIDR notation', fix: 'Write HttpRoute.sourceIp(\'203.0.113.0/24\').',
  },
};

// https://datatracker.ietf.org/doc/html/rfc7230#section-3.2.6
const HEADER_NAME: TextRule = {
  kind: 'text', pattern: /^(?!host$)[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}$/i, must: 'have headers with a name of 1 to 40 characters, other than "Host"',
  fix: 'Write HttpRoute.header(\'X-Version\', \'1\'), and for the host HttpRoute.host(\'app.example.com\').',
};

/** Throws for a route that ELB rejects. */
export function checkRoute(scope: IConstruct, route: HttpRoute): void {
  checkValue(scope, PROPERTY, route, {
    kind: 'instance', methods: ['_parts', '_conditions'], must: 'be an HttpRoute', fix: 'Call a factory such as HttpRoute.path(\'/api/*\').', required: true,
  });
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
  const check = (value: unknown, rule: TextRule) => checkValue(scope, PROPERTY, value, { ...rule, required: true });
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
      property: PROPERTY, must: `have at most ${MAX_VALUES} values`, got: values, fix: 'Use wildcards, or several services.',
    });
  }
  const wild = conditions.filter(({ field }) => !['method', 'sourceIp'].includes(field)).flatMap(condition => condition.values);
  const wildcards = wild.filter(value => !Token.isUnresolved(value)).join('').replace(/\\./g, '').match(/[*?]/g) ?? [];
  if (wildcards.length > MAX_WILDCARDS) {
    reject(scope, { property: PROPERTY, must: `have at most ${MAX_WILDCARDS} wildcards`, got: wild, fix: 'Use one "*" for several parts.' });
  }
}
