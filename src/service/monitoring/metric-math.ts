import { Tokenization } from 'aws-cdk-lib';
import { IMetric, MathExpression, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { IConstruct } from 'constructs';

type MetricOf<T> = (part: T) => IMetric;

/** One metric for all parts: their sum, in which a part without data counts as nothing. */
export function sumOf<T extends IConstruct>(name: string, parts: T[], metricOf: MetricOf<T>, options?: MetricOptions): IMetric {
  return combined(name, parts, metricOf, ids => `SUM([${ids.map(id => `FILL(${id}, 0)`).join(', ')}])`, options);
}

/** One metric for all parts: the largest. Percentiles have no sum. */
export function largestOf<T extends IConstruct>(name: string, parts: T[], metricOf: MetricOf<T>, options?: MetricOptions): IMetric {
  return combined(name, parts, metricOf, ids => `MAX([${ids.join(', ')}])`, options);
}

/** An id that no other metric of a graph has, not even that of another service. */
export function metricId(name: string, part: IConstruct): string {
  return `${name.toLowerCase()}_${part.node.addr.slice(-8)}`;
}

function combined<T extends IConstruct>(
  name: string, parts: T[], metricOf: MetricOf<T>, expression: (ids: string[]) => string, { label, color, period }: MetricOptions = {},
): IMetric {
  if (parts.length === 1) return metricOf(parts[0]);
  return new MathExpression({
    expression: expression(parts.map(part => metricId(name, part))),
    usingMetrics: Object.fromEntries(parts.map(part => [metricId(name, part), metricOf(part)])),
    label: label ?? name, color, period,
  });
}

/** Percent of all requests. A few requests are nothing to go by, and without an error there is no data, which is no alarm. */
export function errorRate(errors: IMetric, total: IMetric, minRequests: number, options: MetricOptions): IMetric {
  return new MathExpression({
    expression: `IF(total >= ${Tokenization.stringifyNumber(minRequests)}, 100 * errors / total, 0)`,
    usingMetrics: { errors, total }, label: options.label, period: options.period,
  });
}
