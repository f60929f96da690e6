import { Duration } from 'aws-cdk-lib';
import { IMetric, MathExpression, Metric, MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { BaseService, CfnService } from 'aws-cdk-lib/aws-ecs';
import { HttpCodeElb, HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { _AlarmPeriods, ThresholdRule } from './alarm-threshold';
import { ServiceAlarms, AddAlarmsOptions } from './service-alarms-options';
import { errorRate, metricId, ServiceMetrics } from './service-metrics';

/** One kind of alarm. */
export interface AlarmKind {
  readonly name: Exclude<keyof ServiceAlarms, 'all' | 'ofLoadBalancer'>;
  readonly property: Exclude<keyof AddAlarmsOptions, 'minRequests'>;
  /** The metric, as a title. */
  readonly title: string;
  readonly unit: string;
  readonly allowed: Pick<ThresholdRule, 'must' | 'allows'>;
  /** The default threshold. The alarm is created by default unless `onlyIfAsked` is set. */
  readonly usual: number;
  readonly periods: _AlarmPeriods;
  readonly onlyIfAsked?: boolean;
  /** The part that the service lacks for this alarm, if any. */
  readonly lacks?: string;
  /** Whether it only uses metrics of the load balancer. */
  readonly ofLoadBalancer?: boolean;
  readonly metric: (options: MetricOptions, scope: Construct) => IMetric;
}

const PERCENT = { must: 'be from 0 to 100 percent', allows: (value: number) => value >= 0 && value <= 100 };
const PERCENT_OF_ALL = { must: 'be from 0 to less than 100 percent, because more than 100 percent cannot fail', allows: (value: number) => value >= 0 && value < 100 };
const COUNT = { must: 'be a whole number of at least 0', allows: (value: number) => Number.isInteger(value) && value >= 0 };
// No load balancer waits longer than 4000 seconds for a response.
const SECONDS = { must: 'be more than 0 and at most 4000 seconds', allows: (value: number) => value > 0 && value <= 4000 };

/** All alarms. The thresholds are recommendations of AWS where there are any: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best-Practice-Alarms.html */
export function alarmKinds(service: BaseService, metrics: ServiceMetrics, minRequests: number): AlarmKind[] {
  const { ownLoadBalancers, applicationTargetGroups, targetGroups } = metrics;
  const lacksRequests = applicationTargetGroups.length === 0 ? 'no application load balancer' : undefined;
  return [
    {
      name: 'cpu', property: 'cpuPercent', title: 'CPU use', unit: ' %', allowed: PERCENT, usual: 90, periods: minutes(5),
      metric: ({ period }) => metrics.cpuUtilization({ period }),
    },
    {
      name: 'memory', property: 'memoryPercent', title: 'memory use', unit: ' %', allowed: PERCENT, usual: 80, periods: minutes(5),
      metric: ({ period }) => metrics.memoryUtilization({ period }),
    },
    {
      name: 'http5xx', property: 'http5xxPercent', title: 'requests that the containers answer with 5xx', unit: ' %',
      allowed: PERCENT_OF_ALL, usual: 5, periods: FIVE_MINUTES_AT_ONCE, lacks: lacksRequests, ofLoadBalancer: true,
      metric: options => failedRate(service, metrics, minRequests, options),
    },
    {
      name: 'loadBalancer5xx', property: 'loadBalancer5xxPercent', title: 'requests that the load balancer answers with 5xx', unit: ' %',
      allowed: PERCENT_OF_ALL, usual: 5, periods: FIVE_MINUTES_AT_ONCE, ofLoadBalancer: true,
      lacks: ownLoadBalancers.length === 0 ? 'no application load balancer of its own' : undefined,
      metric: options => unansweredRate(metrics, minRequests, options),
    },
    {
      name: 'responseTime', property: 'responseTimeSeconds', title: 'response time of 95 of 100 requests', unit: ' s',
      allowed: SECONDS, usual: 1, periods: minutes(5), onlyIfAsked: true, lacks: lacksRequests, ofLoadBalancer: true,
      metric: ({ period }) => metrics.targetResponseTime({ statistic: Stats.p(95), period }),
    },
    {
      name: 'unhealthyHosts', property: 'unhealthyHosts', title: 'unhealthy tasks', unit: '', allowed: COUNT, usual: 0, periods: minutes(3, 5),
      lacks: targetGroups.length === 0 ? 'no load balancer' : undefined, ofLoadBalancer: true,
      metric: ({ period }) => metrics.unhealthyHostCount({ period }),
    },
    {
      name: 'missingTasks', property: 'missingTasks', title: 'missing tasks', unit: '', allowed: COUNT, usual: 0, periods: minutes(10),
      onlyIfAsked: metrics.insights !== 'on', lacks: metrics.insights === 'off' ? 'no Container Insights on its cluster' : undefined,
      metric: options => metrics.missingTaskCount(options),
    },
    {
      name: 'failedDeployments', property: 'failedDeployments', title: 'failed deployments', unit: '', allowed: COUNT, usual: 0,
      periods: FIVE_MINUTES_AT_ONCE, lacks: canDeploymentsFail(service) ? undefined : 'no circuit breaker, without which no deployment fails',
      metric: (options, scope) => failedDeployments(scope, service, options),
    },
  ];
}

const FIVE_MINUTES_AT_ONCE: _AlarmPeriods = { period: Duration.minutes(5), evaluationPeriods: 1, datapointsToAlarm: 1 };

function minutes(datapointsToAlarm: number, evaluationPeriods = datapointsToAlarm): _AlarmPeriods {
  return { period: Duration.minutes(1), evaluationPeriods, datapointsToAlarm };
}

function failedRate(service: BaseService, metrics: ServiceMetrics, minRequests: number, options: MetricOptions): IMetric {
  const { period } = options;
  const errors = metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { period });
  return errorRate(service, errors, metrics.requestCount({ period }), minRequests, options);
}

/** The percentage of errors of the load balancer. It does not count requests without a healthy task, so there can be more errors than requests. */
function unansweredRate(metrics: ServiceMetrics, minRequests: number, options: MetricOptions): IMetric {
  const { period } = options;
  const [loadBalancer] = metrics.ownLoadBalancers;
  const errors = metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, { period });
  const parts = metrics.ownLoadBalancers.flatMap(each =>
    [each.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, { period }), each.metrics.requestCount({ period })].map(metric => ({ each, metric })));
  const ids = parts.map(({ each, metric }) => metricId(each, metric));
  const total = new MathExpression({
    expression: `SUM([${ids.map(id => `FILL(${id}, 0)`).join(', ')}])`, usingMetrics: Object.fromEntries(ids.map((id, index) => [id, parts[index].metric])),
    period,
  });
  return errorRate(loadBalancer, errors, total, minRequests, options);
}

/**
 * The number of failed deployments.
 *
 * ECS has no metric for it, but sends events to EventBridge. EventBridge counts the events that match a rule, even without a target.
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
    // One event increases both metrics. Both are best effort, so the maximum is used.
    expression: `MAX([${ids.join(', ')}])`,
    usingMetrics: Object.fromEntries(ids.map((id, index) => [id, counts[index]])),
    label, period,
  });
}

/** Whether deployments of the service can fail: without a circuit breaker, ECS keeps trying. */
export function canDeploymentsFail({ node: { defaultChild } }: BaseService): boolean {
  const configuration = (defaultChild as CfnService).deploymentConfiguration;
  const breaker = configuration !== undefined && 'deploymentCircuitBreaker' in configuration ? configuration.deploymentCircuitBreaker : undefined;
  return breaker === undefined || !('enable' in breaker) || breaker.enable !== false;
}
