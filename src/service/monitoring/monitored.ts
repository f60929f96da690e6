import { BaseService } from 'aws-cdk-lib/aws-ecs';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ServiceMetrics } from './service-metrics';

/** What there is to look at. */
export interface Monitored {
  /** Whom messages and titles name. */
  readonly owner: Construct;
  readonly service: BaseService;
  readonly logGroup: ILogGroup;
  readonly metrics: ServiceMetrics;
}
