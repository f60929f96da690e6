import { Dashboard, IAlarmAction, IMetric, IWidget, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { createAlarms } from './create-alarms';
import { createDashboard } from './create-dashboard';
import { alarmWidgets, dashboardWidgets } from './dashboard-widgets';
import { checkMetric, MeasuredAt } from './metric-checks';
import { Monitored } from './monitored';
import { ServiceAlarms, ServiceAlarmsOptions } from './service-alarms-options';
import { ServiceDashboardOptions } from './service-dashboard-options';
import { ServiceMetrics } from './service-metrics';
import { checkOneOf } from '../../private/check-types';
import { reject } from '../../private/validation';

/**
 * What people look at: the metrics, alarms and dashboard of a service.
 *
 * @internal
 */
export abstract class MonitoredService extends Construct {
  private alarms?: ServiceAlarms;
  private dashboard?: Dashboard;

  /**
   * How much of their CPU the tasks use together, in percent.
   *
   * @param options what differs from the usual: the average of five minutes
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
   */
  public metricCpuUtilization(options: MetricOptions = {}): Metric {
    return this.measured(options).cpuUtilization(options);
  }

  /**
   * How much of their memory the tasks use together, in percent.
   *
   * @param options what differs from the usual: the average of five minutes
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
   */
  public metricMemoryUtilization(options: MetricOptions = {}): Metric {
    return this.measured(options).memoryUtilization(options);
  }

  /**
   * How many tasks run. It needs no Container Insights, and has no data when none runs.
   *
   * @param options what differs from the usual: the average of five minutes. The statistic is fixed.
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html#cw_running_task_count
   */
  public metricRunningTaskCount(options: MetricOptions = {}): IMetric {
    return this.measured(options).runningTaskCount(options);
  }

  /**
   * How many requests reach the containers. Throws without an application load balancer.
   *
   * @param options what differs from the usual: the sum of five minutes
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
   */
  public metricRequestCount(options: MetricOptions = {}): IMetric {
    return this.measured(options, 'applicationTargetGroups').requestCount(options);
  }

  /**
   * How many answers of the containers have such a status. Throws without an application load balancer.
   *
   * @param code which status
   * @param options what differs from the usual: the sum of five minutes
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
   */
  public metricHttpCodeTarget(code: HttpCodeTarget, options: MetricOptions = {}): IMetric {
    checkOneOf(this, code, Object.values(HttpCodeTarget), { property: 'code', must: 'be an HttpCodeTarget', fix: 'Use e.g. HttpCodeTarget.TARGET_5XX_COUNT.' });
    return this.measured(options, 'applicationTargetGroups').httpCodeTarget(code, options);
  }

  /**
   * How long the containers take to answer, in seconds. Throws without an application load balancer.
   *
   * @param options what differs from the usual: the average of five minutes
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
   */
  public metricTargetResponseTime(options: MetricOptions = {}): IMetric {
    return this.measured(options, 'applicationTargetGroups').targetResponseTime(options);
  }

  /**
   * How many tasks pass the health check of the load balancer. Throws without a load balancer.
   *
   * @param options what differs from the usual: the most in five minutes
   */
  public metricHealthyHostCount(options: MetricOptions = {}): IMetric {
    return this.measured(options, 'targetGroups').healthyHostCount(options);
  }

  /**
   * How many tasks do not pass the health check of the load balancer. Throws without a load balancer.
   *
   * @param options what differs from the usual: the most in five minutes
   */
  public metricUnhealthyHostCount(options: MetricOptions = {}): IMetric {
    return this.measured(options, 'targetGroups').unhealthyHostCount(options);
  }

  /**
   * Alarms for what may go wrong: too much CPU or memory, errors, unhealthy or missing tasks, failed deployments.
   *
   * Throws when it is called a second time, and when an alarm is asked for that the service cannot have.
   *
   * @param action what an alarm does, e.g. `new SnsAction(topic)`
   * @param options when there is an alarm
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best-Practice-Alarms.html
   */
  public addAlarms(action: IAlarmAction, options: ServiceAlarmsOptions = {}): ServiceAlarms {
    if (this.alarms !== undefined) {
      reject(this, {
        property: 'addAlarms', must: 'be called once', got: 'a second call',
        fix: 'Add another action to the alarms that it returns: alarms.all.forEach(alarm => alarm.addAlarmAction(action)).',
      });
    }
    this.alarms = createAlarms(new Construct(this, 'Alarms'), this._monitored(), action, options);
    this.dashboard?.addWidgets(...alarmWidgets(this, this.alarms));
    return this.alarms;
  }

  /**
   * The widgets of a dashboard about this service, for a dashboard of your own: `dashboard.addWidgets(...service.dashboardWidgets())`.
   *
   * The alarms are among them if `addAlarms` was called before.
   */
  public dashboardWidgets(): IWidget[] {
    return dashboardWidgets(this._monitored(), this.alarms);
  }

  /**
   * A dashboard about this service: tasks, CPU, memory, requests, errors, health, deployments, alarms and the last log lines.
   *
   * Throws when it is called a second time.
   *
   * @param options what differs from the usual
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html
   */
  public addDashboard(options: ServiceDashboardOptions = {}): Dashboard {
    if (this.dashboard !== undefined) {
      reject(this, { property: 'addDashboard', must: 'be called once', got: 'a second call', fix: 'For another dashboard use dashboardWidgets().' });
    }
    this.dashboard = createDashboard(this, options, this.dashboardWidgets());
    return this.dashboard;
  }

  /**
   * What there is to look at.
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
