import { MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { IConstruct } from 'constructs';
import { ServiceMetrics } from './service-metrics';
import { checkObject } from '../../private/check-types';
import { reject } from '../../private/validation';

/** What a metric is measured at. */
export type MeasuredAt = 'applicationTargetGroups' | 'targetGroups';

/** Options that are some, and a load balancer where it is that which measures. */
export function checkMetric(scope: IConstruct, metrics: ServiceMetrics, options: MetricOptions, at?: MeasuredAt): void {
  checkObject(scope, 'options', options);
  if (at !== undefined && metrics[at].length === 0) {
    const kind = at === 'targetGroups' ? 'a load balancer' : 'an application load balancer';
    reject(scope, {
      property: 'exposure', must: `have ${kind}, which measures this`, got: 'none', fix: 'Choose another, e.g. exposure: Exposure.publicHttp().',
    });
  }
}
