import { CfnParameter, Duration, Lazy, Stack, TimeZone } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import { IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import * as fc from 'fast-check';
import { Exposure, FargateService, FargateServiceProps, OnQueueDepthOptions, Scaling, OnScheduleOptions } from '../../../src';
import { Match, newCluster, newStack, Template } from '../../helpers/stack';
import { messageOf, told, wrong } from '../../helpers/wrong-input';

const image = ContainerImage.fromRegistry('nginx');
const morning = Schedule.cron({ hour: '8', minute: '0' });
const metric = new Metric({ namespace: 'App', metricName: 'Latency' });
const some = Scaling.between(1, 10);

function define(stack: Stack, props: Partial<FargateServiceProps>): void {
  new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image, port: 80 } }, ...props });
}

/** The error message for a service with this scaling. */
function messageFor(scaling: Scaling | ((stack: Stack) => Scaling), props: Partial<FargateServiceProps> = {}): string {
  const stack = newStack();
  return messageOf(() => define(stack, { ...props, scaling: typeof scaling === 'function' ? scaling(stack) : scaling }));
}

const onSchedule = (options: Partial<OnScheduleOptions>) => some.onSchedule({ schedule: morning, minTasks: 2, ...options });
const onQueue = (options: object, limits = some) => (stack: Stack) => limits.onQueueDepth(new Queue(stack, 'Queue'), wrong<OnQueueDepthOptions>(options));

const BAD: [string, Scaling | ((stack: Stack) => Scaling), string, string, string][] = [
  ['a negative minimum', Scaling.between(-1, 2).onCpu(50), 'scaling.minTasks', 'be a whole number of at least 0, got -1', 'Scaling.between(2, 10)'],
  ['half a task', Scaling.between(1, 2.5).onCpu(50), 'scaling.maxTasks', 'be a whole number of at least 0, got 2.5', 'Scaling.between(2, 10)'],
  ['no number', Scaling.between(NaN, 2).onCpu(50), 'scaling.minTasks', 'got NaN', 'Scaling.between(2, 10)'],
  ['the limits the wrong way round', Scaling.between(5, 2).onCpu(50), 'scaling.minTasks', 'be at most maxTasks, 2, got 5', 'Scaling.between(2, 10)'],
  ['no metric to track', some, 'scaling', 'have a scaling policy, got "only limits"', 'Scaling.between(2, 10).onCpu(60)'],
  ['0 % of the CPU', some.onCpu(0), 'scaling.onCpu', 'be a number above 0 and up to 100, got 0', 'such as 60'],
  ['101 % of the CPU', some.onCpu(101), 'scaling.onCpu', 'got 101', 'such as 60'],
  ['a negative percentage of memory', some.onMemory(-5), 'scaling.onMemory', 'got -5', 'such as 60'],
  ['CPU twice', some.onCpu(50).onCpu(60), 'scaling.onCpu', 'be used once, or with different names, got "Cpu twice"', 'Remove one'],
  ['memory twice', some.onMemory(50).onMemory(50), 'scaling.onMemory', 'got "Memory twice"', 'Remove one'],
  ['CPU alone down to zero tasks', Scaling.between(0, 2).onCpu(50), 'scaling.minTasks', 'be at least 1 unless a policy can start the first task', '.onQueueDepth('],
  ['a night without tasks and no morning', some.onCpu(50).onSchedule({ schedule: morning, minTasks: 0, maxTasks: 0 }),
    'scaling.onSchedule.minTasks', 'be at least 1 unless a policy can start the first task', '.onSchedule(…) with minTasks'],
  ['requests without a load balancer', some.onRequestsPerTarget(100), 'scaling.onRequestsPerTarget', 'have an application load balancer', 'Exposure.publicHttp()'],
  ['no requests', some.onRequestsPerTarget(0), 'scaling.onRequestsPerTarget', 'be a number above 0, got 0', 'e.g. 1000'],
  ['endless requests', some.onRequestsPerTarget(Infinity), 'scaling.onRequestsPerTarget', 'got Infinity', 'e.g. 1000'],
  ['a cooldown of half a second', some.onCpu(50, { scaleInCooldown: Duration.millis(500) }),
    'scaling.onCpu.scaleInCooldown', 'be a whole number of at least 0, got 0.5', 'Duration.seconds(60)'],
  ['no messages for each task', onQueue({ messagesPerTask: 0 }), 'scaling.onQueueDepth.messagesPerTask', 'be a number above 0, got 0', 'processes in the time'],
  ['two queues of one name', stack => onQueue({ messagesPerTask: 1 })(stack).onQueueDepth(new Queue(stack, 'Other'), { messagesPerTask: 2 }),
    'scaling.onQueueDepth', 'got "Queue-QueueDepth twice"', '{ name: … }'],
  ['a queue with an invalid id', onQueue({ messagesPerTask: 1, name: 'my queue' }), 'scaling.onQueueDepth.name', 'have 1 to 64 letters, digits or "-"', 'orders'],
  ['a queue with a name that is known too late', onQueue({ messagesPerTask: 1, name: Lazy.string({ produce: () => 'x' }) }),
    'scaling.onQueueDepth.name', 'be known at synthesis, got "a token"', 'orders'],
  ['a metric to be kept at zero', some.onMetric(metric, 0), 'scaling.onMetric', 'be a number above 0, got 0', 'Use the value to keep to.'],
  ['one metric twice', some.onMetric(metric, 1).onMetric(metric.with({ statistic: 'max' }), 2), 'scaling.onMetric', 'got "Metric-Latency twice"', '{ name: … }'],
  ['a metric with an invalid id', some.onMetric(metric, 1, { name: 'my/metric' }), 'scaling.onMetric.name', 'have 1 to 64 letters, digits or "-"', 'orders'],
  ['a schedule without limits', some.onSchedule({ schedule: morning }), 'scaling.onSchedule', 'have minTasks, maxTasks or both', 'number of tasks'],
  ['a schedule with a negative limit', onSchedule({ minTasks: -1 }), 'scaling.onSchedule.minTasks', 'got -1', 'minimum number of tasks from that time on'],
  ['a schedule with half a task', onSchedule({ maxTasks: 0.5 }), 'scaling.onSchedule.maxTasks', 'got 0.5', 'maximum number of tasks from that time on'],
  ['a schedule with its limits the wrong way round', onSchedule({ minTasks: 5, maxTasks: 4 }), 'scaling.onSchedule', 'got "minTasks 5, maxTasks 4"', 'Set both'],
  ['a schedule with more than the most tasks', onSchedule({ minTasks: 11 }), 'scaling.onSchedule', 'got "minTasks 11, maxTasks 10"', 'Set both'],
  ['a schedule that never is', onSchedule({ schedule: Schedule.expression('cron(0 25 * * ? *)') }), 'scaling.onSchedule.schedule', 'cron(0 25', 'Schedule.cron('],
  ['a schedule of another system', onSchedule({ schedule: Schedule.expression('0 8 * * *') }), 'scaling.onSchedule.schedule', 'be cron(…) with six fields', 'Schedule.cron('],
  ['a rate in seconds', onSchedule({ schedule: Schedule.expression('rate(30 seconds)') }), 'scaling.onSchedule.schedule', 'rate(30 seconds)', 'Schedule.rate('],
  ['a day that is not in the calendar', onSchedule({ schedule: Schedule.expression('at(2030-13-01T00:00:00)') }), 'scaling.onSchedule.schedule', 'at(2030-13', 'Schedule.at('],
  ['a time zone that is nowhere', onSchedule({ timeZone: TimeZone.of('Europe/Bielefeld') }), 'scaling.onSchedule.timeZone', 'got "Europe/Bielefeld"', 'TimeZone.EUROPE_BERLIN'],
  ['an end before the start', onSchedule({ startTime: new Date(1e12), endTime: new Date(1e11) }), 'scaling.onSchedule.endTime', 'be after startTime', '2001-09-09'],
  ['one schedule twice', onSchedule({}).onSchedule({ schedule: morning, maxTasks: 3 }), 'scaling.onSchedule', 'be used once', '{ name: … }'],
];

const GOOD: [string, Scaling | ((stack: Stack) => Scaling), Partial<FargateServiceProps>?][] = [
  ['equal limits', Scaling.between(2, 2).onCpu(50)],
  ['no tasks at all', Scaling.between(0, 0).onCpu(50)],
  ['1 % and 100 %', some.onCpu(1).onMemory(100)],
  ['half a percent', some.onCpu(0.5)],
  ['CPU and memory', some.onCpu(50).onMemory(50)],
  ['CPU down to zero tasks next to a queue', onQueue({ messagesPerTask: 10 }, Scaling.between(0, 2).onCpu(50))],
  ['CPU down to zero tasks next to a metric', Scaling.between(0, 2).onCpu(50).onMetric(metric, 1)],
  ['CPU down to zero tasks next to a schedule', Scaling.between(0, 2).onCpu(50).onSchedule({ schedule: morning, minTasks: 1 })],
  ['requests with a load balancer', some.onRequestsPerTarget(0.5), { exposure: Exposure.internalHttp() }],
  ['no cooldown', some.onCpu(50, { scaleInCooldown: Duration.seconds(0), scaleOutCooldown: Duration.minutes(1) })],
  ['part of a message for each task', onQueue({ messagesPerTask: 0.1 })],
  ['a queue with a name', onQueue({ messagesPerTask: 1, name: 'orders-1' })],
  ['one metric in two statistics under two names', some.onMetric(metric, 1).onMetric(metric.with({ statistic: 'max' }), 2, { name: 'worst' })],
  ['one metric twice in an expression', some.onMetric(new MathExpression({ expression: 'a / b', usingMetrics: { a: metric, b: metric } }), 1)],
  ['two expressions under two names', some.onMetric(new MathExpression({ expression: 'a', usingMetrics: { a: metric } }), 1)
    .onMetric(new MathExpression({ expression: 'a', usingMetrics: { a: metric } }), 1, { name: 'other' })],
  ['a schedule above the usual limits', onSchedule({ minTasks: 11, maxTasks: 20 })],
  ['a schedule with equal limits', onSchedule({ minTasks: 3, maxTasks: 3 })],
  ['a rate, and a moment', onSchedule({ schedule: Schedule.rate(Duration.hours(1)) }).onSchedule({ schedule: Schedule.at(new Date(1e12)), maxTasks: 3 })],
  ['one schedule in two time zones', onSchedule({ timeZone: TimeZone.ASIA_TOKYO }).onSchedule({ schedule: morning, timeZone: TimeZone.EUROPE_PARIS, maxTasks: 3 })],
  ['one schedule under two names', onSchedule({ name: 'a' }).onSchedule({ schedule: morning, name: 'b', maxTasks: 3 })],
  ['a schedule called as a measure', some.onCpu(50).onSchedule({ schedule: morning, name: 'Cpu', maxTasks: 3 })],
  ['a start and an end', onSchedule({ startTime: new Date(1e11), endTime: new Date(1e12) })],
];

describe('scaling that cannot work is reported at synthesis with path, property, rule, value and fix:', () => {
  test.each(BAD)('%s', (_, scaling, property, rule, cure) => {
    const message = messageFor(scaling);
    expect(message).toMatch(told(property));
    expect(message).toContain(rule);
    expect(message).toContain(cure);
  });

  test('35 bad configurations are tried', () => expect(BAD).toHaveLength(35));
});

describe('similar valid scaling is accepted:', () => {
  test.each(GOOD)('%s', (...[, scaling, props]) => {
    expect(messageFor(scaling, props)).toBe('accepted');
  });

  test('22 good configurations are tried', () => expect(GOOD).toHaveLength(22));
});

test('a metric or a queue of another region is rejected', () => {
  const stack = newStack({ env: { region: 'eu-central-1', account: '111111111111' } });
  const elsewhere = (scaling: Scaling) => messageOf(() => define(newStack({ env: { region: 'eu-central-1', account: '111111111111' } }), { scaling }));
  const queue = Queue.fromQueueArn(stack, 'Queue', 'arn:aws:sqs:us-east-1:111111111111:orders');

  expect(elsewhere(some.onMetric(metric.with({ region: 'us-east-1' }), 1)))
    .toContain("'scaling.onMetric' must be in eu-central-1, the region of the stack, got \"us-east-1\"");
  expect(elsewhere(some.onMetric(metric.with({ account: '222222222222' }), 1))).toContain('the account of the stack');
  expect(elsewhere(some.onQueueDepth(queue, { messagesPerTask: 1 }))).toContain("'scaling.onQueueDepth' must be in eu-central-1, the region of the stack");
  expect(elsewhere(some.onMetric(metric.with({ region: 'eu-central-1', account: '111111111111' }), 1))).toBe('accepted');
});

test('tokens are accepted', () => {
  const stack = newStack();
  const number = () => Lazy.number({ produce: () => 7 });
  const text = (id: string) => new CfnParameter(stack, id).valueAsString;
  define(stack, {
    exposure: Exposure.publicHttp(),
    desiredCount: number(),
    scaling: Scaling.between(number(), number())
      .onCpu(number(), { scaleInCooldown: Duration.seconds(number()) }).onMemory(number()).onRequestsPerTarget(number())
      .onQueueDepth(Queue.fromQueueArn(stack, 'Queue', text('Arn')), { messagesPerTask: number() })
      .onMetric(new Metric({ namespace: text('Namespace'), metricName: text('Metric') }), number())
      .onSchedule({ schedule: Schedule.expression(text('When')), timeZone: TimeZone.of(text('Where')), minTasks: number(), maxTasks: number() }),
  });

  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
    MinCapacity: 7, ScheduledActions: [Match.objectLike({ ScheduledActionName: 'Schedule', Schedule: { Ref: 'When' }, Timezone: { Ref: 'Where' } })],
  });
  const expressions = JSON.stringify(template.findResources('AWS::ApplicationAutoScaling::ScalingPolicy')).match(/"Expression":"[^"]+"/g);
  expect(expressions).toEqual([expect.stringContaining('IF(waiting > 0, 7 + 1, 0)')]);
});

describe('the desired count', () => {
  test('must be within the limits of scaling', () => {
    fc.assert(fc.property(fc.nat(9), fc.nat(9), fc.nat(20), (min, more, desiredCount) => {
      const message = messageFor(Scaling.between(min + 1, min + 1 + more).onCpu(50), { desiredCount });
      if (desiredCount < min + 1 || desiredCount > min + 1 + more) {
        expect(message).toBe(`Stack/Service: 'desiredCount' must be within the limits of 'scaling', ${min + 1} to ${min + 1 + more}, `
          + `got ${desiredCount}. Leave it out: the service then starts with the minimum.`);
      } else {
        expect(message).toBe('accepted');
      }
    }), { numRuns: 20 });
  });

  test('causes a warning, because each deployment resets the number of tasks to it', () => {
    const stack = newStack();
    define(stack, { desiredCount: 2, scaling: some.onCpu(50) });
    Annotations.fromStack(stack).hasWarning('/Stack/Service', Match.stringLikeRegexp('each deployment that changes the service resets the number of tasks'));
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::Service', { DesiredCount: 2 });
  });

  test('causes no warning if it is left out', () => {
    const stack = newStack();
    define(stack, { scaling: some.onCpu(50) });
    Annotations.fromStack(stack).hasNoWarning('/Stack/Service', Match.anyValue());
  });
});

describe('a wrong type is reported, not thrown as a TypeError:', () => {
  test.each<[string, unknown, string]>([
    ['scaling', Scaling, 'scaling'], ['scaling', Scaling.between, 'scaling'], ['scaling', null, 'scaling'], ['scaling', 'x', 'scaling'], ['scaling', {}, 'scaling'],
    ['limits', Scaling.between(wrong('1'), 2).onCpu(50), 'scaling.minTasks'], ['limits', Scaling.between(1, wrong(undefined)).onCpu(50), 'scaling.maxTasks'],
    ['CPU', some.onCpu(wrong(undefined)), 'scaling.onCpu'], ['options', some.onCpu(50, wrong(null)), 'scaling.onCpu'],
    ['options', some.onMemory(50, wrong({ scaleInCooldown: 60 })), 'scaling.onMemory.scaleInCooldown'],
    ['options', some.onCpu(50, wrong({ targetUtilizationPercent: 60 })), 'scaling.onCpu.targetUtilizationPercent'],
    ['requests', some.onRequestsPerTarget(wrong({})), 'scaling.onRequestsPerTarget'],
    ['queue', some.onQueueDepth(wrong<IQueue>('queue'), { messagesPerTask: 1 }), 'scaling.onQueueDepth'],
    ['metric', some.onMetric(wrong<IMetric>({}), 1), 'scaling.onMetric'], ['name', some.onMetric(metric, 1, wrong({ name: 7 })), 'scaling.onMetric.name'],
    ['schedule', some.onSchedule(wrong('cron(0 8 * * ? *)')), 'scaling.onSchedule'],
    ['schedule', onSchedule(wrong({ schedule: 'cron(0 8 * * ? *)' })), 'scaling.onSchedule.schedule'],
    ['limits', onSchedule(wrong({ minCapacity: 2 })), 'scaling.onSchedule.minCapacity'],
    ['time zone', onSchedule(wrong({ timeZone: 'Europe/Berlin' })), 'scaling.onSchedule.timeZone'],
    ['start', onSchedule(wrong({ startTime: '2030-01-01' })), 'scaling.onSchedule.startTime'], ['end', onSchedule({ endTime: new Date('x') }), 'scaling.onSchedule.endTime'],
  ])('%s: %p', (_, scaling, property) => {
    expect(messageFor(wrong<Scaling>(typeof scaling === 'function' ? { ...scaling } : scaling))).toMatch(told(property));
  });
});
