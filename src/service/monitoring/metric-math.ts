import { Tokenization } from 'aws-cdk-lib';
import { IMetric, MathExpression, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { IConstruct } from 'constructs';

type MetricOf<T> = (part: T) => Metric;

/** One metric for all parts: their sum, in which a part without data counts as nothing. */
export function sumOf<T extends IConstruct>(parts: T[], metricOf: MetricOf<T>, options?: MetricOptions): IMetric {
  return combined(parts, metricOf, ids => `SUM([${ids.map(id => `FILL(${id}, 0)`).join(', ')}])`, options);
}

/** One metric for all parts: the largest. Percentiles have no sum. */
export function largestOf<T extends IConstruct>(parts: T[], metricOf: MetricOf<T>, options?: MetricOptions): IMetric {
  return combined(parts, metricOf, ids => `MAX([${ids.join(', ')}])`, options);
}

/** An id in expressions: a graph must not have it for another metric too, be it that of another service. */
export function metricId(part: IConstruct, { metricName, statistic, period }: Metric): string {
  return `m_${metricName}_${statistic}${period.toSeconds()}_${part.node.addr.slice(-8)}`.replace(/\W/g, '_');
}

/** Percent of all requests. A few requests are nothing to go by; and without an error there is no data, which is no alarm. */
export function errorRate(part: IConstruct, errors: IMetric, total: IMetric, minRequests: number, { label, period }: MetricOptions): IMetric {
  const [e, t] = ['errors', 'total'].map(name => `${name}_${part.node.addr.slice(-8)}`);
  return new MathExpression({
    expression: `IF(${t} >= ${Tokenization.stringifyNumber(minRequests)}, 100 * ${e} / ${t}, 0)`,
    usingMetrics: { [e]: errors, [t]: total }, label, period,
  });
}

function combined<T extends IConstruct>(
  parts: T[], metricOf: MetricOf<T>, expression: (ids: string[]) => string, { label, color, period }: MetricOptions = {},
): IMetric {
  const metrics = parts.map(part => ({ part, metric: metricOf(part) }));
  if (metrics.length === 1) return metrics[0].metric;
  const named = metrics.map(({ part, metric }) => [metricId(part, metric), metric] as const);
  return new MathExpression({
    expression: expression(named.map(([id]) => id)), usingMetrics: Object.fromEntries(named),
    label: label ?? metrics[0].metric.metricName, color, period,
  });
}
