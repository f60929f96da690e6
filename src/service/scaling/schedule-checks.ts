import { IConstruct } from 'constructs';
import { ScheduledScalingOptions } from './scaling-options';
import { checkPeriod, checkScheduleExpression, checkTimeZone } from '../../private/schedule-checks';

/**
 * When something is to happen.
 *
 * @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
 */
export function checkSchedule(scope: IConstruct, property: string, options: ScheduledScalingOptions): void {
  const { schedule, timeZone, startTime, endTime } = options;
  checkScheduleExpression(scope, {
    property: `${property}.schedule`, value: schedule, must: 'be a Schedule of Application Auto Scaling',
    fix: 'Make one, e.g. Schedule.cron({ hour: \'8\', minute: \'0\' }), Schedule.rate(Duration.hours(1)) or Schedule.at(date).',
  });
  checkTimeZone(scope, `${property}.timeZone`, timeZone);
  checkPeriod(scope, { startProperty: `${property}.startTime`, start: startTime, endProperty: `${property}.endTime`, end: endTime });
}
