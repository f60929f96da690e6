import { Token } from 'aws-cdk-lib';
import { Metric, MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { BaseService, CfnService } from 'aws-cdk-lib/aws-ecs';

/** The metrics that ECS can publish every 20 seconds. */
export type HighResolutionMetric = 'CPUUtilization' | 'MemoryUtilization';

const SECONDS = 20;

/**
 * Lets ECS publish a metric of the service every 20 seconds. The policy on that metric depends on the service, so the metric exists first.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/target-tracking-faster-auto-scaling.html
 */
export function publishHighResolution(service: BaseService, metricName: HighResolutionMetric): void {
  const resource = service.node.defaultChild as CfnService;
  const metricNames = [...metricsOf(resource), metricName].sort();
  resource.monitoring = { metricConfigurations: [{ metricNames, resolutionSeconds: SECONDS }] };
}

function metricsOf({ monitoring }: CfnService): string[] {
  const configurations = monitoring === undefined || Token.isUnresolved(monitoring)
    ? [] : (monitoring as CfnService.MonitoringConfigurationProperty).metricConfigurations;
  return (configurations as readonly CfnService.MetricConfigurationProperty[]).flatMap(({ metricNames }) => metricNames);
}

/** A metric for which each running task sends a known number of samples. */
export interface Samples {
  readonly metric: Metric;
  /** The seconds between two samples of a task. */
  readonly seconds: number;
}

/**
 * The samples of the running tasks, which count the tasks without Container Insights. Each task sends one sample per minute, or three at high
 * resolution. A metric with the usual resolution is preferred.
 */
export function samplesOf(service: BaseService, options: MetricOptions): Samples {
  const [fine, props] = [metricsOf(service.node.defaultChild as CfnService), { ...options, statistic: Stats.SAMPLE_COUNT }];
  const seconds = fine.length > 1 ? SECONDS : 60;
  return { metric: fine.includes('CPUUtilization') && seconds === 60 ? service.metricMemoryUtilization(props) : service.metricCpuUtilization(props), seconds };
}
