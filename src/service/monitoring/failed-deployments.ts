import { IMetric, MathExpression, Metric, MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { BaseService, CfnService } from 'aws-cdk-lib/aws-ecs';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { metricId } from './metric-math';

/**
 * How many deployments of a service fail.
 *
 * ECS has no metric for it. It tells EventBridge, which counts what matches a rule, also without a target, and an alarm can look at that count.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
 */
export function failedDeployments(scope: Construct, service: BaseService, { period, label }: MetricOptions): IMetric {
  const { ruleName } = new Rule(scope, 'FailedDeploymentEvents', {
    description: `Counts the deployments of ${service.node.path} that fail`,
    eventPattern: {
      source: ['aws.ecs'],
      detailType: ['ECS Deployment State Change'],
      resources: [service.serviceArn],
      detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED'] },
    },
  });
  const counts = ['MatchedEvents', 'TriggeredRules'].map(metricName => new Metric({
    namespace: 'AWS/Events', metricName, dimensionsMap: { RuleName: ruleName }, statistic: Stats.SUM, period,
  }).attachTo(scope));
  const ids = counts.map(metric => metricId(service, metric));
  return new MathExpression({
    // One event counts in both. AWS sends them by best effort: it is enough when one of them arrives.
    expression: `MAX([${ids.join(', ')}])`,
    usingMetrics: Object.fromEntries(ids.map((id, index) => [id, counts[index]])),
    label, period,
  });
}

/** Whether ECS says so when a deployment of it fails: without a circuit breaker it goes on trying for ever. */
export function tellsOfFailure({ node: { defaultChild } }: BaseService): boolean {
  const configuration = (defaultChild as CfnService).deploymentConfiguration;
  const breaker = configuration !== undefined && 'deploymentCircuitBreaker' in configuration ? configuration.deploymentCircuitBreaker : undefined;
  return breaker === undefined || !('enable' in breaker) || breaker.enable !== false;
}
