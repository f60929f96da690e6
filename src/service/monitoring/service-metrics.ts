import { CfnResource, Tokenization } from 'aws-cdk-lib';
import { IMetric, MathExpression, Metric, MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { BaseService, CfnCluster, ICluster } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationLoadBalancer, ApplicationTargetGroup, HttpCodeElb, HttpCodeTarget, ILoadBalancerV2, NetworkLoadBalancer, NetworkTargetGroup,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct, IConstruct } from 'constructs';
import { hasMethods, isObject } from '../../private/shape';
import { reject } from '../../private/validation';
import { ExposureConfig } from '../exposure/exposure-config';
import { samplesOf } from '../scaling/high-resolution';

/** A service with its metrics and logs. */
export interface Monitored {
  /** The construct that messages and titles name. */
  readonly owner: Construct;
  readonly service: BaseService;
  readonly logGroup: ILogGroup;
  readonly metrics: ServiceMetrics;
}

/** The metrics of a service from ECS, its load balancer and Container Insights. */
export class ServiceMetrics {
  /** The target groups of application load balancers. A blue/green deployment has two, and the tasks are in one of them. */
  public readonly applicationTargetGroups: ApplicationTargetGroup[];
  public readonly networkTargetGroups: NetworkTargetGroup[];

  /** Whether Container Insights is enabled on the cluster. */
  public readonly insights: 'on' | 'off' | 'unknown';

  constructor(private readonly owner: IConstruct, private readonly service: BaseService, private readonly exposed: ExposureConfig) {
    this.applicationTargetGroups = exposed.applicationTargetGroups ?? [];
    this.networkTargetGroups = exposed.networkTargetGroups ?? [];
    this.insights = containerInsightsOf(service.cluster);
  }

  public get targetGroups(): (ApplicationTargetGroup | NetworkTargetGroup)[] {
    return [...this.applicationTargetGroups, ...this.networkTargetGroups];
  }

  /** The application load balancers that only this service uses. The errors of shared ones can come from other services. */
  public get ownLoadBalancers(): ApplicationLoadBalancer[] {
    return this.owned('httpCodeElb') as ApplicationLoadBalancer[];
  }

  public get ownNetworkLoadBalancers(): NetworkLoadBalancer[] {
    return this.owned('tcpTargetResetCount') as NetworkLoadBalancer[];
  }

  public cpuUtilization(options?: MetricOptions): Metric {
    return this.service.metricCpuUtilization(options);
  }

  public memoryUtilization(options?: MetricOptions): Metric {
    return this.service.metricMemoryUtilization(options);
  }

  /** Each running task sends one sample per minute, so the number of samples is the number of tasks. */
  public runningTaskCount({ label = 'Running tasks', color, period, ...options }: MetricOptions = {}): IMetric {
    const { metric: samples, seconds } = samplesOf(this.service, { ...options, period });
    const id = metricId(this.service, samples);
    return new MathExpression({
      expression: `${id} / (PERIOD(${id}) / ${seconds})`,
      usingMetrics: { [id]: samples },
      label, color, period,
    });
  }

  /** A metric of Container Insights, e.g. `DesiredTaskCount`. */
  public insight(metricName: string, options?: MetricOptions): Metric {
    const { cluster, serviceName } = this.service;
    return new Metric({
      namespace: 'ECS/ContainerInsights', metricName, dimensionsMap: { ClusterName: cluster.clusterName, ServiceName: serviceName },
      statistic: Stats.AVERAGE, ...options,
    }).attachTo(this.service);
  }

  public missingTaskCount({ period, label }: MetricOptions): IMetric {
    const [desired, running] = ['DesiredTaskCount', 'RunningTaskCount'].map(metricName => this.insight(metricName, { period }));
    const [d, r] = [desired, running].map(metric => metricId(this.service, metric));
    return new MathExpression({ expression: `${d} - FILL(${r}, 0)`, usingMetrics: { [d]: desired, [r]: running }, label, period });
  }

  public requestCount(options?: MetricOptions): IMetric {
    return sumOf(this.applicationTargetGroups, group => group.metrics.requestCount(options), options);
  }

  public httpCodeTarget(code: HttpCodeTarget, options?: MetricOptions): IMetric {
    return sumOf(this.applicationTargetGroups, group => group.metrics.httpCodeTarget(code, options), options);
  }

  /** Responses that the load balancers generate themselves. */
  public httpCodeElb(code: HttpCodeElb, options?: MetricOptions): IMetric {
    return sumOf(this.ownLoadBalancers, each => each.metrics.httpCodeElb(code, options), options);
  }

  public targetResponseTime(options?: MetricOptions): IMetric {
    return largestOf(this.applicationTargetGroups, group => group.metrics.targetResponseTime(options), options);
  }

  public healthyHostCount(options?: MetricOptions): IMetric {
    return this.hosts('HealthyHostCount', options);
  }

  public unhealthyHostCount(options?: MetricOptions): IMetric {
    return this.hosts('UnHealthyHostCount', options);
  }

  /** A metric of healthy or unhealthy hosts. The statistic is the maximum, because each zone of a load balancer reports all hosts. */
  private hosts(metricName: string, options?: MetricOptions): IMetric {
    return sumOf(this.targetGroups, group => group.metrics.custom(metricName, { statistic: Stats.MAXIMUM, ...options }), options);
  }

  private owned(method: string): ILoadBalancerV2[] {
    return (this.exposed.loadBalancers ?? []).filter(each =>
      each.node.scopes.includes(this.owner) && 'metrics' in each && hasMethods(each.metrics, method));
  }
}

type MetricOf<T> = (part: T) => Metric;

/** The sum over all parts. A part without data counts as 0. */
export function sumOf<T extends IConstruct>(parts: T[], metricOf: MetricOf<T>, options?: MetricOptions): IMetric {
  return combined(parts, metricOf, ids => `SUM([${ids.map(id => `FILL(${id}, 0)`).join(', ')}])`, options);
}

/** The largest value of all parts, for percentiles, which cannot be added. */
export function largestOf<T extends IConstruct>(parts: T[], metricOf: MetricOf<T>, options?: MetricOptions): IMetric {
  return combined(parts, metricOf, ids => `MAX([${ids.join(', ')}])`, options);
}

/** The ID of a metric in expressions, unique in a graph, also next to metrics of other services. */
export function metricId(part: IConstruct, { metricName, statistic, period }: Metric): string {
  return `m_${metricName}_${statistic}${period.toSeconds()}_${part.node.addr.slice(-8)}`.replace(/\W/g, '_');
}

/** The percentage of failed requests; 0 for fewer than `minRequests`. Without errors there is no data, and no alarm. */
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

/** The part of a service that measures a metric. */
export type MeasuredAt = 'applicationTargetGroups' | 'targetGroups';

/** Checks the options, and that the service has the load balancer that publishes the metric. */
export function checkMetric(scope: IConstruct, metrics: ServiceMetrics, options: MetricOptions, at?: MeasuredAt): void {
  if (!isObject(options)) {
    reject(scope, { property: 'options', must: 'be an object', got: options, fix: 'Write an object such as { period: Duration.minutes(1) }, or leave it out.' });
  }
  if (at !== undefined && metrics[at].length === 0) {
    const kind = at === 'targetGroups' ? 'a load balancer' : 'an application load balancer';
    reject(scope, {
      property: 'exposure', must: `have ${kind}, which measures this`, got: 'none', fix: 'Use another exposure, e.g. exposure: Exposure.publicHttp().',
    });
  }
}

/**
 * Whether Container Insights is enabled on a cluster. Unknown if the account settings decide, and for imported clusters.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-container-insights.html
 */
export function containerInsightsOf({ node }: ICluster): 'on' | 'off' | 'unknown' {
  const { defaultChild } = node;
  const settings = CfnResource.isCfnResource(defaultChild) ? (defaultChild as CfnCluster).clusterSettings : undefined;
  const [value] = (Array.isArray(settings) ? settings : [])
    .flatMap(setting => 'value' in setting && setting.name === 'containerInsights' ? [setting.value] : []);
  switch (value) {
    case 'enabled': case 'enhanced': return 'on';
    case 'disabled': return 'off';
    default: return 'unknown';
  }
}
