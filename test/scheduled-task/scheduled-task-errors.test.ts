import { Duration, Lazy, Token } from 'aws-cdk-lib';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { ScheduleExpression, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { ScheduledFargateTask } from '../../src';
import { newCluster, newStack, Template } from '../helpers/stack';
import { messageOf, told, wrong } from '../helpers/wrong-input';

const containers = { report: { image: ContainerImage.fromRegistry('report') } };
const schedule = ScheduleExpression.rate(Duration.hours(1));

/** The error message, or `accepted`. */
function saidOf(props: object, stack = newStack()): string {
  return messageOf(() => {
    new ScheduledFargateTask(stack, 'Report', wrong({ cluster: newCluster(stack), containers, schedule, ...props }));
    Template.fromStack(stack);
  });
}

const BAD: [string, object, string, string][] = [
  ['no cluster', { cluster: undefined }, 'cluster', 'got undefined'],
  ['no containers', { containers: {} }, 'containers', 'got []'],
  ['no schedule', { schedule: undefined }, 'schedule', 'ScheduleExpression.cron('],
  ['a schedule that is a text', { schedule: 'rate(1 hour)' }, 'schedule', 'got "rate(1 hour)"'],
  ['a cron of five fields', { schedule: ScheduleExpression.expression('cron(0 3 * * *)') }, 'schedule', 'cron(…) with six fields'],
  ['a cron with an hour that does not exist', { schedule: ScheduleExpression.expression('cron(0 24 * * ? *)') }, 'schedule', 'got "cron(0 24 * * ? *)"'],
  ['a rate in seconds', { schedule: ScheduleExpression.expression('rate(30 seconds)') }, 'schedule', 'got "rate(30 seconds)"'],
  ['an unknown time zone', { schedule: { expressionString: 'rate(1 hour)', timeZone: { timezoneName: 'Europe/Bonn' } } }, 'schedule.timeZone', 'TimeZone.EUROPE_BERLIN'],
  ['a window that is a number', { timeWindow: 15 }, 'timeWindow', 'TimeWindow.flexible('],
  ['an end before the start', { start: new Date('2031-01-01T00:00:00Z'), end: new Date('2030-01-01T00:00:00Z') }, 'end', 'after start'],
  ['a start that is not a date', { start: '2030-01-01' }, 'start', 'got "2030-01-01"'],
  ['a state that is a text', { enabled: 'yes' }, 'enabled', 'got "yes"'],
  ['186 retries', { retryAttempts: 186 }, 'retryAttempts', 'got 186'],
  ['half a retry', { retryAttempts: 0.5 }, 'retryAttempts', 'got 0.5'],
  ['tries for half a minute', { maxEventAge: Duration.seconds(30) }, 'maxEventAge', 'got 30'],
  ['tries for two days', { maxEventAge: Duration.days(2) }, 'maxEventAge', 'got 172800'],
  ['a queue that is a text', { deadLetterQueue: 'queue' }, 'deadLetterQueue', 'got "queue"'],
  ['six security groups', { securityGroups: [1, 2, 3, 4, 5, 6] }, 'securityGroups', 'have at most 5 items'],
  ['a retention that CloudWatch Logs does not offer', { logRetention: 8 }, 'logRetention', 'got 8'],
];

test.each(BAD)('%s is reported at synthesis, with path, property, rule, value and fix', (_, props, property, part) => {
  expect(saidOf(props)).toMatch(told(property));
  expect(saidOf(props)).toContain(part);
});

test('a FIFO queue is rejected, because the scheduler cannot send to it', () => {
  const stack = newStack();
  expect(saidOf({ deadLetterQueue: new Queue(stack, 'Missed', { fifo: true }) }, stack)).toContain("'deadLetterQueue' must be a standard queue");
});

test.each<[string, object]>([
  ['no retries', { retryAttempts: 0 }], ['the most retries', { retryAttempts: 185 }], ['a minute of tries', { maxEventAge: Duration.minutes(1) }],
  ['a day of tries', { maxEventAge: Duration.days(1) }], ['one time', { schedule: ScheduleExpression.at(new Date('2030-01-01T00:00:00Z')) }],
  ['the last friday of each month', { schedule: ScheduleExpression.expression('cron(0 3 ? * 6L *)') }], ['no window', { timeWindow: TimeWindow.off() }],
  ['tokens', {
    schedule: ScheduleExpression.expression(Token.asString({ Ref: 'Schedule' })), retryAttempts: Lazy.number({ produce: () => 3 }),
    maxEventAge: Duration.seconds(Lazy.number({ produce: () => 600 })), logRetention: Lazy.number({ produce: () => 7 }),
  }],
])('%s is accepted', (_, props) => {
  expect(saidOf(props)).toBe('accepted');
});
