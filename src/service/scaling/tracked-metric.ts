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
  const used = new Map<string, Query>();
  addUsed(scope, property, mathExpression, used);
  const id = ['tracked', 'result', 'total'].find(each => !used.has(each)) ?? 'trackedMetric';
  return { metrics: [...used.values(), { ...queryOf(id, { metricStat, mathExpression }), returnData: true }] };
}

/** The metrics that an expression uses, and those that these use. CDK has seen to it that each id stands for one metric. */
function addUsed(scope: IConstruct, property: string, expression: MetricConfig['mathExpression'], used: Map<string, Query>): void {
  for (const [id, metric] of Object.entries(expression?.usingMetrics ?? {})) {
    const config = checkTrackable(scope, property, metric);
    used.set(id, { ...queryOf(id, config), returnData: false });
    addUsed(scope, property, config.mathExpression, used);
  }
}

/** What a scaling policy can follow: no search, and nothing of another region or account. */
function checkTrackable(scope: IConstruct, property: string, metric: IMetric): MetricConfig {
  const config = hasMethods(metric, 'toMetricConfig') ? metric.toMetricConfig() : undefined;
  if (config?.metricStat === undefined && config?.mathExpression === undefined) {
    return reject(scope, {
      property, must: 'be a metric of CloudWatch, or a math expression over metrics', got: metric,
      fix: 'Give one, e.g. queue.metricApproximateAgeOfOldestMessage().',
    });
  }
  const { metricStat, mathExpression } = config;
  checkHere(scope, property, {
    region: metricStat?.region ?? mathExpression?.searchRegion, account: metricStat?.account ?? mathExpression?.searchAccount,
  });
  return config;
}

/**
 * A scaling policy sees the metrics of its own region and account.
 *
 * @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_CustomizedMetricSpecification.html
 */
export function checkHere(scope: IConstruct, property: string, from: { readonly region?: string; readonly account?: string } = {}): void {
  const { region, account } = Stack.of(scope);
  checkSame(scope, property, 'region', region, from.region);
  checkSame(scope, property, 'account', account, from.account);
}

function checkSame(scope: IConstruct, property: string, what: string, here: string, there = here): void {
  if (here !== there && !Token.isUnresolved(here) && !Token.isUnresolved(there)) {
    reject(scope, {
      property, must: `be a metric of the ${what} of the service, ${here}`, got: there,
      fix: `Scale on a metric that is published there: a scaling policy sees no other ${what}.`,
    });
  }
}

function queryOf(id: string, { metricStat, mathExpression }: MetricConfig): Query {
  return metricStat === undefined ? { id, expression: mathExpression?.expression } : { id, metricStat: statOf(metricStat) };
}

function statOf({ dimensions, metricName, namespace, statistic, unitFilter }: MetricStatConfig): Query['metricStat'] {
  return { metric: { dimensions, metricName, namespace }, stat: statistic, unit: unitFilter };
}
