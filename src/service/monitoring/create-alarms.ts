import { Annotations, Tokenization } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, IAlarmAction, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { AlarmKind, alarmKinds } from './alarm-kinds';
import { _ResolvedThreshold, AlarmThreshold } from './alarm-threshold';
import { SERVICE_ALARMS, ServiceAlarms, AddAlarmsOptions } from './service-alarms-options';
import { Monitored } from './service-metrics';
import { checkValue, Rule } from '../../private/shape';
import { reject } from '../../private/validation';

const ACTION: Rule = {
  kind: 'instance', methods: ['bind'], must: 'be an alarm action', fix: 'Use e.g. new SnsAction(topic) of aws-cdk-lib/aws-cloudwatch-actions.', required: true,
};

/** Creates the alarms of a service, all with the same action. */
export function createAlarms(scope: Construct, monitored: Monitored, action: IAlarmAction, options: AddAlarmsOptions): ServiceAlarms {
  const owner = monitored.owner;
  checkValue(owner, 'action', action, ACTION);
  SERVICE_ALARMS.check(owner, '', options, 'options');
  const { minRequests = 10 } = options;
  const made = alarmKinds(monitored.service, monitored.metrics, minRequests).flatMap(kind => {
    const threshold = thresholdOf(owner, kind, options);
    return threshold === undefined ? [] : [{ kind, alarm: createAlarm(scope, kind, threshold, owner.node.path) }];
  });
  made.forEach(({ alarm }) => alarm.addAlarmAction(action));
  if (monitored.metrics.insights === 'unknown' && options.missingTasks === undefined) reportNoMissingTasksAlarm(owner);
  return {
    all: made.map(({ alarm }) => alarm),
    ofLoadBalancer: made.filter(({ kind }) => kind.ofLoadBalancer).map(({ alarm }) => alarm),
    ...Object.fromEntries(made.map(({ kind, alarm }) => [kind.name, alarm])),
  };
}

function thresholdOf(owner: Construct, { property, usual, allowed, periods, onlyIfAsked, lacks }: AlarmKind, options: AddAlarmsOptions) {
  const asked = options[property];
  if (asked === undefined && (onlyIfAsked || lacks !== undefined)) return undefined;
  const threshold = asked === undefined ? AlarmThreshold.above(usual) : asked;
  const resolved = threshold._resolve(owner, { property, example: usual, ...allowed }, periods);
  if (resolved !== undefined && lacks !== undefined) {
    reject(owner, { property, must: `be left out, because the service has ${lacks}`, got: threshold, fix: 'Leave it out, or add the missing part to the service.' });
  }
  return resolved;
}

function createAlarm(scope: Construct, kind: AlarmKind, threshold: _ResolvedThreshold, service: string): Alarm {
  const { value, period, evaluationPeriods, datapointsToAlarm } = threshold;
  const [limit, within, of] = [value, datapointsToAlarm, evaluationPeriods].map(number => Tokenization.stringifyNumber(number));
  return new Alarm(scope, kind.name[0].toUpperCase() + kind.name.slice(1), {
    alarmDescription: `${service}: ${kind.title} above ${limit}${kind.unit}, in ${within} of ${of} periods of ${period.toHumanString()}.`,
    metric: kind.metric({ period, label: kind.title }, scope),
    threshold: value,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods,
    datapointsToAlarm,
    // There is no data without requests, tasks or errors.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}

/** Adds a note that there is no alarm for missing tasks, because that is easy to overlook. */
function reportNoMissingTasksAlarm(owner: Construct): void {
  Annotations.of(owner).addInfoV2('cdk-container-delivery:missingTasks', [
    'There is no alarm for tasks that do not start, because it is unknown whether the cluster has Container Insights.',
    'Create the cluster with containerInsightsV2: ContainerInsights.ENHANCED. If Container Insights is enabled elsewhere, set missingTasks: AlarmThreshold.above(0).',
    'For no alarm, set missingTasks: AlarmThreshold.never().',
  ].join(' '));
}
