import { Dashboard, IAlarmAction, IMetric, IWidget, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { createAlarms } from './create-alarms';
import { alarmWidgets, createDashboard, dashboardWidgets, AddDashboardOptions } from './dashboard';
import { ServiceAlarms, AddAlarmsOptions } from './service-alarms-options';
import { checkMetric, MeasuredAt, Monitored, ServiceMetrics } from './service-metrics';
import { checkValue } from '../../private/shape';
import { reject } from '../../private/validation';

/**
 * Metrics, alarms and the dashboard of a service.
 *
 * @internal
 */
export abstract class MonitoredService extends Construct {
  private alarms?: ServiceAlarms;
  private dashboard?: Dashboard;

  /**
   * The average CPU utilization of all tasks, in percent.
   *
   * @param options overrides of the default, the average over five minutes
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
   */
  public metricCpuUtilization(options: MetricOptions = {}): Metric {
    return this.measured(options).cpuUtilization(options);
  }

  /**
   * The average memory utilization of all tasks, in percent.
   *
   * @param options overrides of the default, the average over five minutes
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
   */
  public metricMemoryUtilization(options: MetricOptions = {}): Metric {
    return this.measured(options).memoryUtilization(options);
  }

  /**
   * The number of running tasks. Works without Container Insights. Has no data while no task runs.
   *
   * @param options overrides of the default, the average over five minutes. The statistic is fixed.
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html#cw_running_task_count
   */
  public metricRunningTaskCount(options: MetricOptions = {}): IMetric {
    return this.measured(options).runningTaskCount(options);
  }

  /**
   * The number of requests to the containers. Throws if the service has no application load balancer.
   *
   * @param options overrides of the default, the sum over five minutes
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
   */
  public metricRequestCount(options: MetricOptions = {}): IMetric {
    return this.measured(options, 'applicationTargetGroups').requestCount(options);
  }

  /**
   * The number of responses of the containers with a class of status codes. Throws if the service has no application load balancer.
   *
   * @param code the class of status codes
   * @param options overrides of the default, the sum over five minutes
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
   */
  public metricHttpCodeTarget(code: HttpCodeTarget, options: MetricOptions = {}): IMetric {
    const fix = 'Use e.g. HttpCodeTarget.TARGET_5XX_COUNT.';
    checkValue(this, 'code', code, { kind: 'enum', values: Object.values(HttpCodeTarget), must: 'be an HttpCodeTarget', fix, required: true });
    return this.measured(options, 'applicationTargetGroups').httpCodeTarget(code, options);
  }

  /**
   * The response time of the containers, in seconds. Throws if the service has no application load balancer.
   *
   * @param options overrides of the default, the average over five minutes
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
   */
  public metricTargetResponseTime(options: MetricOptions = {}): IMetric {
    return this.measured(options, 'applicationTargetGroups').targetResponseTime(options);
  }

  /**
   * The number of tasks that pass the health check of the load balancer. Throws if the service has no load balancer.
   *
   * @param options overrides of the default, the maximum over five minutes
   */
  public metricHealthyHostCount(options: MetricOptions = {}): IMetric {
    return this.measured(options, 'targetGroups').healthyHostCount(options);
  }

  /**
   * The number of tasks that fail the health check of the load balancer. Throws if the service has no load balancer.
   *
   * @param options overrides of the default, the maximum over five minutes
   */
  public metricUnhealthyHostCount(options: MetricOptions = {}): IMetric {
    return this.measured(options, 'targetGroups').unhealthyHostCount(options);
  }

  /**
   * Create alarms for high CPU or memory utilization, errors, unhealthy or missing tasks, and failed deployments.
   *
   * Throws if it is called a second time, and if the options contain an alarm that this service cannot have.
   *
   * @param action the action of all alarms, e.g. `new SnsAction(topic)`
   * @param options the thresholds
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best-Practice-Alarms.html
   */
  public addAlarms(action: IAlarmAction, options: AddAlarmsOptions = {}): ServiceAlarms {
    if (this.alarms !== undefined) {
      reject(this, {
        property: 'addAlarms', must: 'be called once', got: 'a second call',
        fix: 'Add the other action to the returned alarms: alarms.all.forEach(alarm => alarm.addAlarmAction(action)).',
      });
    }
    this.alarms = createAlarms(new Construct(this, 'Alarms'), this._monitored(), action, options);
    this.dashboard?.addWidgets(...alarmWidgets(this, this.alarms));
    return this.alarms;
  }

  /**
   * The widgets for this service, to add to your own dashboard: `dashboard.addWidgets(...service.dashboardWidgets())`.
   *
   * They include the alarms if `addAlarms` was called before.
   */
  public dashboardWidgets(): IWidget[] {
    return dashboardWidgets(this._monitored(), this.alarms);
  }

  /**
   * Create a dashboard with tasks, CPU, memory, requests, errors, health, deployments, alarms and the last log lines.
   *
   * Throws if it is called a second time.
   *
   * @param options name and time range
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html
   */
  public addDashboard(options: AddDashboardOptions = {}): Dashboard {
    if (this.dashboard !== undefined) {
      reject(this, { property: 'addDashboard', must: 'be called once', got: 'a second call', fix: 'Add dashboardWidgets() to another dashboard.' });
    }
    this.dashboard = createDashboard(this, options, this.dashboardWidgets());
    return this.dashboard;
  }

  /**
   * The service and its metrics.
   *
   * @internal
   */
  protected abstract _monitored(): Monitored;

  private measured(options: MetricOptions, at?: MeasuredAt): ServiceMetrics {
    const { metrics } = this._monitored();
    checkMetric(this, metrics, options, at);
    return metrics;
  }
}
