import { IMetric, MathExpression, Metric, MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { BaseService } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationLoadBalancer, ApplicationTargetGroup, HttpCodeElb, HttpCodeTarget, ILoadBalancerV2, NetworkLoadBalancer, NetworkTargetGroup,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { containerInsightsOf } from './container-insights';
import { largestOf, metricId, sumOf } from './metric-math';
import { hasMethods } from '../../private/check-types';
import { ExposureConfig } from '../exposure/exposure-config';

/** What is measured of a service: by ECS, by its load balancer and by Container Insights. */
export class ServiceMetrics {
  /** Of an application load balancer. A blue/green deployment has two of them, and the tasks are in one. */
  public readonly applicationTargetGroups: ApplicationTargetGroup[];
  public readonly networkTargetGroups: NetworkTargetGroup[];

  /** Whether the cluster counts tasks. */
  public readonly insights: 'on' | 'off' | 'unknown';

  constructor(private readonly owner: IConstruct, private readonly service: BaseService, private readonly exposed: ExposureConfig) {
    this.applicationTargetGroups = exposed.applicationTargetGroups ?? [];
    this.networkTargetGroups = exposed.networkTargetGroups ?? [];
    this.insights = containerInsightsOf(service.cluster);
  }

  public get targetGroups(): (ApplicationTargetGroup | NetworkTargetGroup)[] {
    return [...this.applicationTargetGroups, ...this.networkTargetGroups];
  }

  /** The application load balancers that are there for this service alone: what others answer for tells nothing about it. */
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

  /** Each running task tells its use of the CPU once a minute: so they can be counted without Container Insights. */
  public runningTaskCount({ label = 'Running tasks', color, period, ...options }: MetricOptions = {}): IMetric {
    const samples = this.cpuUtilization({ ...options, period, statistic: Stats.SAMPLE_COUNT });
    const id = metricId(this.service, samples);
    return new MathExpression({
      expression: `${id} / (PERIOD(${id}) / 60)`,
      usingMetrics: { [id]: samples },
      label, color, period,
    });
  }

  /** What only Container Insights counts, e.g. `DesiredTaskCount`. */
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

  /** What the load balancers answer by themselves. */
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

  /** The zones of a load balancer count the same hosts, each for itself: hence the most of them, and not the sum. */
  private hosts(metricName: string, options?: MetricOptions): IMetric {
    return sumOf(this.targetGroups, group => group.metrics.custom(metricName, { statistic: Stats.MAXIMUM, ...options }), options);
  }

  private owned(method: string): ILoadBalancerV2[] {
    return (this.exposed.loadBalancers ?? []).filter(each =>
      each.node.scopes.includes(this.owner) && 'metrics' in each && hasMethods(each.metrics, method));
  }
}
