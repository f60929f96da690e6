import { Stack, Token } from 'aws-cdk-lib';
import { CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import { IMetric, MetricConfig, MetricStatConfig } from 'aws-cdk-lib/aws-cloudwatch';
import { IConstruct } from 'constructs';
import { hasMethods } from '../../private/check-types';
import { reject } from '../../private/validation';

type Query = CfnScalingPolicy.TargetTrackingMetricDataQueryProperty;

// What may be said without a list of metrics.
const PLAIN_STATISTICS = ['Average', 'Minimum', 'Maximum', 'SampleCount', 'Sum'];

/** A metric or a math expression, as a scaling policy takes it. */
export function trackedMetric(scope: IConstruct, property: string, metric: IMetric): CfnScalingPolicy.CustomizedMetricSpecificationProperty {
  const { metricStat, mathExpression } = checkTrackable(scope, property, metric);
  if (metricStat !== undefined && PLAIN_STATISTICS.includes(metricStat.statistic)) {
    const { dimensions, metricName, namespace, statistic, unitFilter: unit } = metricStat;
    return { dimensions, metricName, namespace, statistic, unit };
  }
  const queries = new Map<string, { metric: IMetric; query: Query }>();
  const add = (id: string, each: IMetric) => {
    const known = queries.get(id);
    if (known === undefined) {
      const config = checkTrackable(scope, property, each);
      queries.set(id, { metric: each, query: queryOf(id, config) });
      Object.entries(config.mathExpression?.usingMetrics ?? {}).forEach(([name, used]) => add(name, used));
    } else if (known.metric !== each) {
      reject(scope, { property, must: 'use each id for one metric', got: id, cure: 'Rename it in one of the math expressions.' });
    }
  };
  Object.entries(mathExpression?.usingMetrics ?? {}).forEach(([name, used]) => add(name, used));
  const id = ['tracked', 'result', 'total'].find(each => !queries.has(each)) ?? 'trackedMetric';
  const last = { ...queryOf(id, { metricStat, mathExpression }), returnData: true };
  return { metrics: [...[...queries.values()].map(({ query }) => ({ ...query, returnData: false })), last] };
}

/** What a scaling policy can follow: no search, and nothing of another region or account. */
export function checkTrackable(scope: IConstruct, property: string, metric: IMetric): MetricConfig {
  const config = hasMethods(metric, 'toMetricConfig') ? metric.toMetricConfig() : undefined;
  if (config?.metricStat === undefined && config?.mathExpression === undefined) {
    return reject(scope, {
      property, must: 'be a metric of CloudWatch, or a math expression over metrics', got: metric,
      cure: 'Give one, e.g. queue.metricApproximateAgeOfOldestMessage().',
    });
  }
  const { region, account } = Stack.of(scope);
  checkHere(scope, property, 'region', region, config.metricStat?.region ?? config.mathExpression?.searchRegion);
  checkHere(scope, property, 'account', account, config.metricStat?.account ?? config.mathExpression?.searchAccount);
  return config;
}

/** @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_CustomizedMetricSpecification.html */
function checkHere(scope: IConstruct, property: string, what: string, here: string, there = here): void {
  if (here !== there && !Token.isUnresolved(here) && !Token.isUnresolved(there)) {
    reject(scope, {
      property, must: `be a metric of the ${what} of the service, ${here}`, got: there,
      cure: `Scale on a metric that is published there: a scaling policy sees no other ${what}.`,
    });
  }
}

function queryOf(id: string, { metricStat, mathExpression }: MetricConfig): Query {
  return metricStat === undefined ? { id, expression: mathExpression?.expression } : { id, metricStat: statOf(metricStat) };
}

function statOf({ dimensions, metricName, namespace, statistic, unitFilter }: MetricStatConfig): Query['metricStat'] {
  return { metric: { dimensions, metricName, namespace }, stat: statistic, unit: unitFilter };
}
