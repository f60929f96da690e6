import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { AlarmThreshold } from './alarm-threshold';

/** When there is an alarm. The name of each property has its unit; `AlarmThreshold.never()` leaves an alarm out. */
export interface ServiceAlarmsOptions {
  /**
   * How much of their CPU the tasks use together, in percent.
   *
   * @default - above 90, for five minutes
   */
  readonly cpuPercent?: AlarmThreshold;

  /**
   * How much of their memory the tasks use together, in percent.
   *
   * @default - above 80, for five minutes
   */
  readonly memoryPercent?: AlarmThreshold;

  /**
   * Requests that the containers answer with a status from 500 on, in percent of all requests. Throws without an application load balancer.
   *
   * @default - above 5, in five minutes with at least `minRequests`
   */
  readonly http5xxPercent?: AlarmThreshold;

  /**
   * Requests that the load balancer itself answers with a status from 500 on, because no container does, in percent of all requests.
   * Throws when the service has no application load balancer of its own: what others have in common is not about this service.
   *
   * @default - above 5, in five minutes with at least `minRequests`
   */
  readonly loadBalancer5xxPercent?: AlarmThreshold;

  /**
   * Percent of fewer requests than these, in one period, are no alarm.
   *
   * @default 10
   */
  readonly minRequests?: number;

  /**
   * The time in which 95 of 100 requests are answered, in seconds. Throws without an application load balancer.
   *
   * @default AlarmThreshold.never()
   */
  readonly responseTimeSeconds?: AlarmThreshold;

  /**
   * Tasks that do not pass the health check of the load balancer. Throws without one.
   *
   * @default - above 0, in three of five minutes
   */
  readonly unhealthyHosts?: AlarmThreshold;

  /**
   * Tasks that should run and do not. Throws when Container Insights is disabled on the cluster, which counts them.
   *
   * @default - above 0, for ten minutes, where the cluster is created with Container Insights; elsewhere there is no such alarm
   */
  readonly missingTasks?: AlarmThreshold;

  /**
   * Deployments that fail, also those that are rolled back. Throws without a circuit breaker, because ECS then takes no
   * deployment for failed.
   *
   * @default - above 0, in five minutes
   */
  readonly failedDeployments?: AlarmThreshold;
}

/** The alarms of a service. */
export interface ServiceAlarms {
  /** Every alarm. */
  readonly all: Alarm[];

  /**
   * Those that look at the load balancer alone, and not at the ECS service. They can send a deployment back:
   * `service.rollBackOn(...alarms.ofLoadBalancer)`. The others cannot, because they are made after the service, which would have to
   * wait for them.
   */
  readonly ofLoadBalancer: Alarm[];

  /**
   * The tasks use too much CPU.
   *
   * @default - left out
   */
  readonly cpu?: Alarm;

  /**
   * The tasks use too much memory.
   *
   * @default - left out
   */
  readonly memory?: Alarm;

  /**
   * The containers answer too many requests with an error.
   *
   * @default - left out, or no application load balancer
   */
  readonly http5xx?: Alarm;

  /**
   * The load balancer gets no answer to too many requests.
   *
   * @default - left out, or no application load balancer of its own
   */
  readonly loadBalancer5xx?: Alarm;

  /**
   * The containers answer too slowly.
   *
   * @default - not asked for
   */
  readonly responseTime?: Alarm;

  /**
   * Tasks do not pass the health check of the load balancer.
   *
   * @default - left out, or no load balancer
   */
  readonly unhealthyHosts?: Alarm;

  /**
   * Tasks do not start.
   *
   * @default - left out, or nothing is known of Container Insights
   */
  readonly missingTasks?: Alarm;

  /**
   * A deployment failed.
   *
   * @default - left out
   */
  readonly failedDeployments?: Alarm;
}
