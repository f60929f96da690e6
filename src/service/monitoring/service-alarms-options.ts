import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { AlarmThreshold } from './alarm-threshold';
import { Rule, Shape } from '../../private/shape';

/** Thresholds of the alarms. The name of each property contains its unit. `AlarmThreshold.never()` disables an alarm. */
export interface AddAlarmsOptions {
  /**
   * The average CPU utilization of all tasks, in percent.
   *
   * @default - above 90, for five minutes
   */
  readonly cpuPercent?: AlarmThreshold;

  /**
   * The average memory utilization of all tasks, in percent.
   *
   * @default - above 80, for five minutes
   */
  readonly memoryPercent?: AlarmThreshold;

  /**
   * Requests to which the containers respond with status 5xx, in percent of all requests. Throws if there is no application load balancer.
   *
   * @default - above 5, in five minutes with at least `minRequests`
   */
  readonly http5xxPercent?: AlarmThreshold;

  /**
   * Requests to which the load balancer itself responds with status 5xx, in percent of all requests. Throws if the service has no application load
   * balancer of its own, because the errors of a shared one can come from other services.
   *
   * @default - above 5, in five minutes with at least `minRequests`
   */
  readonly loadBalancer5xxPercent?: AlarmThreshold;

  /**
   * The minimum number of requests in a period. With fewer requests, the percentages cause no alarm.
   *
   * @default 10
   */
  readonly minRequests?: number;

  /**
   * The 95th percentile of the response time, in seconds. Throws if there is no application load balancer.
   *
   * @default AlarmThreshold.never()
   */
  readonly responseTimeSeconds?: AlarmThreshold;

  /**
   * The number of tasks that fail the health check of the load balancer. Throws if there is no load balancer.
   *
   * @default - above 0, in three of five minutes
   */
  readonly unhealthyHosts?: AlarmThreshold;

  /**
   * The number of desired tasks that are not running. Throws if Container Insights is disabled on the cluster.
   *
   * @default - above 0, for ten minutes, if the cluster is created with Container Insights; otherwise no alarm
   */
  readonly missingTasks?: AlarmThreshold;

  /**
   * The number of failed deployments, including those that are rolled back. Throws if there is no circuit breaker, because no deployment fails
   * without one.
   *
   * @default - above 0, in five minutes
   */
  readonly failedDeployments?: AlarmThreshold;
}

const THRESHOLD: Rule = {
  kind: 'instance', methods: ['_resolve'], must: 'be an AlarmThreshold', fix: 'Use e.g. AlarmThreshold.above(90), or AlarmThreshold.never() for no alarm.',
};

/** The rules of `AddAlarmsOptions`. */
export const SERVICE_ALARMS = new Shape<AddAlarmsOptions>('Write an object such as { cpuPercent: AlarmThreshold.above(80) }, or leave it out.', {
  cpuPercent: THRESHOLD,
  memoryPercent: THRESHOLD,
  http5xxPercent: THRESHOLD,
  loadBalancer5xxPercent: THRESHOLD,
  minRequests: { kind: 'integer', min: 1, fix: 'Use the number of requests that makes a percentage meaningful.' },
  responseTimeSeconds: THRESHOLD,
  unhealthyHosts: THRESHOLD,
  missingTasks: THRESHOLD,
  failedDeployments: THRESHOLD,
});

/** The alarms of a service. */
export interface ServiceAlarms {
  /** All alarms. */
  readonly all: Alarm[];

  /**
   * The alarms that only use metrics of the load balancer. They can roll back a deployment:
   * `service.addRollbackAlarms(...alarms.ofLoadBalancer)`. The other alarms depend on the ECS service, which therefore cannot depend on them.
   */
  readonly ofLoadBalancer: Alarm[];

  /**
   * The CPU utilization is too high.
   *
   * @default - disabled
   */
  readonly cpu?: Alarm;

  /**
   * The memory utilization is too high.
   *
   * @default - disabled
   */
  readonly memory?: Alarm;

  /**
   * The containers respond with too many errors.
   *
   * @default - disabled, or no application load balancer
   */
  readonly http5xx?: Alarm;

  /**
   * The load balancer responds with too many errors.
   *
   * @default - disabled, or the service has no application load balancer of its own
   */
  readonly loadBalancer5xx?: Alarm;

  /**
   * The containers respond too slowly.
   *
   * @default - disabled
   */
  readonly responseTime?: Alarm;

  /**
   * Tasks fail the health check of the load balancer.
   *
   * @default - disabled, or no load balancer
   */
  readonly unhealthyHosts?: Alarm;

  /**
   * Tasks do not start.
   *
   * @default - disabled, or it is unknown whether Container Insights is enabled
   */
  readonly missingTasks?: Alarm;

  /**
   * A deployment failed.
   *
   * @default - disabled
   */
  readonly failedDeployments?: Alarm;
}
