import { ListenerCondition } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { RouteCondition } from './http-route-condition';

/**
 * Which requests are meant, by conditions that all have to hold. Each method answers with another route, which has one condition more.
 *
 * "*" stands for any characters, "?" for one. A rule has at most 5 values and 6 wildcards in all its conditions.
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
   * Requests for one of these paths, upper and lower case being different.
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
   * @param values what its value may be
   */
  public static header(name: string, ...values: string[]): HttpRoute {
    return new HttpRoute([]).andHeader(name, ...values);
  }

  /**
   * Requests with a parameter in the query that has one of these values.
   *
   * @param key the name of the parameter
   * @param values what its value may be
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
   * Requests that come from one of these networks. Behind a proxy that is the address of the proxy.
   *
   * @param cidrs networks, e.g. "203.0.113.0/24"
   */
  public static sourceIp(...cidrs: string[]): HttpRoute {
    return new HttpRoute([]).andSourceIp(...cidrs);
  }

  private constructor(private readonly conditions: RouteCondition[]) {}

  /**
   * Only those for one of these hosts.
   *
   * @param names host names
   */
  public andHost(...names: string[]): HttpRoute {
    return this.with({ field: 'host', values: names });
  }

  /**
   * Only those for one of these paths.
   *
   * @param patterns paths
   */
  public andPath(...patterns: string[]): HttpRoute {
    return this.with({ field: 'path', values: patterns });
  }

  /**
   * Only those with a header that has one of these values.
   *
   * @param name the name of the header
   * @param values what its value may be
   */
  public andHeader(name: string, ...values: string[]): HttpRoute {
    return this.with({ field: 'header', key: name, values });
  }

  /**
   * Only those with a parameter in the query that has one of these values.
   *
   * @param key the name of the parameter
   * @param values what its value may be
   */
  public andQuery(key: string, ...values: string[]): HttpRoute {
    return this.with({ field: 'query', key, values });
  }

  /**
   * Only those with one of these methods.
   *
   * @param names methods
   */
  public andMethod(...names: string[]): HttpRoute {
    return this.with({ field: 'method', values: names });
  }

  /**
   * Only those that come from one of these networks.
   *
   * @param cidrs networks
   */
  public andSourceIp(...cidrs: string[]): HttpRoute {
    return this.with({ field: 'sourceIp', values: cidrs });
  }

  /** The conditions in words. */
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
