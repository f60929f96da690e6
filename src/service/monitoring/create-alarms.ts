import { Annotations, Tokenization } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, IAlarmAction, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { AlarmKind, alarmKinds } from './alarm-kinds';
import { _ResolvedThreshold, AlarmThreshold } from './alarm-threshold';
import { Monitored } from './monitored';
import { ServiceAlarms, ServiceAlarmsOptions } from './service-alarms-options';
import { checkBindable, checkObject, hasMethods } from '../../private/check-types';
import { checkInteger, reject } from '../../private/validation';

/** The alarms of a service, all with the same action. */
export function createAlarms(scope: Construct, monitored: Monitored, action: IAlarmAction, options: ServiceAlarmsOptions): ServiceAlarms {
  const owner = monitored.owner;
  checkBindable(owner, action, {
    property: 'action', must: 'be an alarm action', fix: 'Make one, e.g. new SnsAction(topic) of aws-cdk-lib/aws-cloudwatch-actions.',
  });
  checkObject(owner, 'options', options);
  const { minRequests = 10 } = options;
  checkInteger(owner, { property: 'minRequests', value: minRequests, min: 1, fix: 'Give the number of requests from which on percent mean something.' });
  const made = alarmKinds(monitored.service, monitored.metrics, minRequests).flatMap(kind => {
    const threshold = thresholdOf(owner, kind, options);
    return threshold === undefined ? [] : [{ kind, alarm: createAlarm(scope, kind, threshold, owner.node.path) }];
  });
  made.forEach(({ alarm }) => alarm.addAlarmAction(action));
  if (monitored.metrics.insights === 'unknown' && options.missingTasks === undefined) tellOfMissingTasks(owner);
  return {
    all: made.map(({ alarm }) => alarm),
    ofLoadBalancer: made.filter(({ kind }) => kind.ofLoadBalancer).map(({ alarm }) => alarm),
    ...Object.fromEntries(made.map(({ kind, alarm }) => [kind.name, alarm])),
  };
}

function thresholdOf(owner: Construct, { property, usual, allowed, periods, onlyIfAsked, lacks }: AlarmKind, options: ServiceAlarmsOptions) {
  const asked = options[property];
  if (asked === undefined && (onlyIfAsked || lacks !== undefined)) return undefined;
  const threshold = asked === undefined ? AlarmThreshold.above(usual) : asked;
  if (!hasMethods(threshold, '_resolve')) {
    reject(owner, {
      property, must: 'be an AlarmThreshold', got: threshold, fix: `Make one, e.g. AlarmThreshold.above(${usual}), or AlarmThreshold.never() for no such alarm.`,
    });
  }
  const resolved = threshold._resolve(owner, { property, example: usual, ...allowed }, periods);
  if (resolved !== undefined && lacks !== undefined) {
    reject(owner, { property, must: `be left out, because the service has ${lacks}`, got: threshold, fix: 'Leave it out, or give the service what it lacks.' });
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
    // Whatever is measured here is not there when there is none of it: no request, no task, no error.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}

/** Nobody would miss an alarm that is not there. */
function tellOfMissingTasks(owner: Construct): void {
  Annotations.of(owner).addInfoV2('cdk-container-delivery:missingTasks', [
    'There is no alarm for tasks that do not start: nothing here says that the cluster has Container Insights, which counts them.',
    'Create the cluster with containerInsightsV2: ContainerInsights.ENHANCED; where it is switched on elsewhere, give missingTasks: AlarmThreshold.above(0);',
    'and for no such alarm missingTasks: AlarmThreshold.never().',
  ].join(' '));
}
