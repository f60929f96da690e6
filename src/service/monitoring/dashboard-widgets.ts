import { Duration, Stack } from 'aws-cdk-lib';
import { AlarmStatusWidget, GraphWidget, IMetric, IWidget, LogQueryWidget, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { HttpCodeElb, HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { sumOf } from './metric-math';
import { Monitored } from './monitored';
import { ServiceAlarms } from './service-alarms-options';
import { ServiceMetrics } from './service-metrics';

const WIDTH = 24;
const period = Duration.minutes(1);

type Graph = readonly [title: string, lines: IMetric[]];

/** What people look at when a service is in trouble. */
export function dashboardWidgets({ owner, logGroup, metrics }: Monitored, alarms?: ServiceAlarms): IWidget[] {
  const named = (title: string) => `${owner.node.path}: ${title}`;
  return [
    ...alarms === undefined ? [] : alarmWidgets(owner, alarms),
    ...graphs(metrics, alarms).map(([title, left]) => new GraphWidget({
      title: named(title), left, leftYAxis: { min: 0, showUnits: false }, width: WIDTH / 2,
    })),
    new LogQueryWidget({
      title: named('last log lines'),
      logGroupNames: [logGroup.logGroupName],
      queryLines: ['fields @timestamp, @logStream, @message', 'sort @timestamp desc', 'limit 50'],
      region: Stack.of(owner).region,
      width: WIDTH, height: 8,
    }),
  ];
}

/** The alarms of a service in one widget; none where there is no alarm, which CloudWatch would refuse. */
export function alarmWidgets(owner: Construct, { all }: ServiceAlarms): IWidget[] {
  return all.length === 0 ? [] : [new AlarmStatusWidget({ title: `${owner.node.path}: alarms`, alarms: all, width: WIDTH, height: 3 })];
}

function graphs(metrics: ServiceMetrics, alarms?: ServiceAlarms): Graph[] {
  return [
    ['tasks', tasks(metrics)],
    ['CPU and memory, percent', [metrics.cpuUtilization({ period, label: 'CPU' }), metrics.memoryUtilization({ period, label: 'Memory' })]],
    ...requests(metrics),
    ...hosts(metrics),
    ...flows(metrics),
    ...deployments(metrics, alarms),
  ];
}

function tasks(metrics: ServiceMetrics): IMetric[] {
  return [
    metrics.runningTaskCount({ period, label: 'Running' }),
    ...metrics.insights === 'on' ? [
      metrics.insight('DesiredTaskCount', { period, label: 'Desired' }), metrics.insight('PendingTaskCount', { period, label: 'Pending' }),
    ] : [],
  ];
}

function requests(metrics: ServiceMetrics): Graph[] {
  if (metrics.applicationTargetGroups.length === 0) return [];
  return [
    ['requests', [metrics.requestCount({ period, label: 'Requests' })]],
    ['response time, seconds', [50, 95, 99].map(percent => metrics.targetResponseTime({ period, statistic: Stats.p(percent), label: `p${percent}` }))],
    ['errors', [
      metrics.httpCodeTarget(HttpCodeTarget.TARGET_4XX_COUNT, { period, label: '4xx of the containers' }),
      metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { period, label: '5xx of the containers' }),
      ...metrics.ownLoadBalancers.length === 0 ? [] : [metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, { period, label: '5xx of the load balancer' })],
    ]],
  ];
}

function hosts(metrics: ServiceMetrics): Graph[] {
  return metrics.targetGroups.length === 0 ? [] : [
    ['health', [metrics.healthyHostCount({ period, label: 'Healthy' }), metrics.unhealthyHostCount({ period, label: 'Unhealthy' })]],
  ];
}

function flows({ ownNetworkLoadBalancers: all }: ServiceMetrics): Graph[] {
  if (all.length === 0) return [];
  const [opened, open, reset] = [{ period, label: 'New' }, { period, label: 'Open' }, { period, label: 'Reset by the containers' }];
  return [
    ['connections', [
      sumOf(all, ({ metrics }) => metrics.newFlowCount(opened), opened),
      sumOf(all, ({ metrics }) => metrics.activeFlowCount(open), open),
      sumOf(all, ({ metrics }) => metrics.tcpTargetResetCount(reset), reset),
    ]],
  ];
}

function deployments(metrics: ServiceMetrics, alarms?: ServiceAlarms): Graph[] {
  const lines = [
    ...metrics.insights === 'on' ? [metrics.insight('DeploymentCount', { period, label: 'Under way or in place' })] : [],
    ...alarms?.failedDeployments === undefined ? [] : [alarms.failedDeployments.metric],
  ];
  return lines.length === 0 ? [] : [['deployments', lines]];
}
