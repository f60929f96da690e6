import { Stack } from 'aws-cdk-lib';
import { Template } from '../../helpers/stack';

/** An alarm as CloudWatch gets it, with its expression in readable form. */
export interface AlarmSeen {
  readonly description: string;
  readonly threshold: unknown;
  readonly periods: string;
  /** E.g. `AWS/ECS CPUUtilization Average 60`, or an expression with metrics in this form. */
  readonly looksAt: string;
  readonly missing: string;
  readonly comparison: string;
  readonly actions: unknown[];
}

interface Query {
  readonly Id: string;
  /** An object if a part of it is a token. */
  readonly Expression?: unknown;
  readonly ReturnData: boolean;
  readonly MetricStat?: {
    readonly Metric: { readonly Namespace: string; readonly MetricName: string };
    readonly Stat: string;
    readonly Period: unknown;
  };
}

/** The alarms of a service, by name. */
export function alarmsOf(stack: Stack, service = 'Service'): Record<string, AlarmSeen> {
  return Object.fromEntries(Object.entries(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm')).map(([id, { Properties }]) => {
    const { AlarmDescription, Threshold, TreatMissingData, ComparisonOperator, AlarmActions, EvaluationPeriods, DatapointsToAlarm } = Properties;
    return [id.replace(new RegExp(`^${service}Alarms(.*)[0-9A-F]{8}$`), '$1'), {
      description: AlarmDescription,
      threshold: Threshold,
      periods: `${DatapointsToAlarm} of ${EvaluationPeriods}`,
      looksAt: looksAt(Properties),
      missing: TreatMissingData,
      comparison: ComparisonOperator,
      actions: AlarmActions,
    }];
  }));
}

function looksAt(properties: Record<string, unknown>): string {
  if (properties.Metrics === undefined) {
    const { Namespace, MetricName, Statistic, ExtendedStatistic, Period } = properties;
    return `${Namespace} ${MetricName} ${Statistic ?? ExtendedStatistic} ${Period}`;
  }
  const queries = properties.Metrics as Query[];
  const spelled = ({ Expression, MetricStat }: Query): string => Expression !== undefined
    ? (typeof Expression === 'string' ? Expression : JSON.stringify(Expression)).replace(/\b[a-zA-Z]\w*_[0-9a-f]{8}\b/g, id => spelled(queries.find(query => query.Id === id) as Query))
    : `{${MetricStat?.Metric.Namespace} ${MetricStat?.Metric.MetricName} ${MetricStat?.Stat} ${MetricStat?.Period}}`;
  return spelled(queries.find(query => query.ReturnData) as Query);
}
