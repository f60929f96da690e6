import { Duration, Lazy, Token } from 'aws-cdk-lib';
import { ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { alarmsOf } from './read-alarms';
import { BlueGreenExposure, scene, TcpExposure } from './services';
import { AlarmThreshold, AlarmThresholdAboveOptions, Exposure, AddAlarmsOptions } from '../../../src';
import { messageOf, told, wrong } from '../../helpers/wrong-input';

const insights = { cluster: { containerInsightsV2: ContainerInsights.ENHANCED } };

/** The error message for alarms with these options. */
function asked(options: unknown, exposure = Exposure.publicHttp(), more = insights): string {
  const { service, action } = scene({ exposure }, more);
  return messageOf(() => service.addAlarms(action, wrong<AddAlarmsOptions>(options)));
}

const { above, never } = AlarmThreshold;

describe('an impossible threshold is rejected with property, rule, value and fix:', () => {
  test('a percentage', () => {
    expect(asked({ cpuPercent: above(101) })).toBe(
      "Stack/Service: 'cpuPercent' must be from 0 to 100 percent, got 101. Use e.g. AlarmThreshold.above(90), or AlarmThreshold.never() for no alarm.",
    );
  });

  test.each<[keyof AddAlarmsOptions, number]>([
    ['cpuPercent', -1], ['cpuPercent', 100.5], ['cpuPercent', NaN], ['cpuPercent', Infinity], ['memoryPercent', -0.1], ['memoryPercent', 101],
    ['http5xxPercent', 100], ['http5xxPercent', -1], ['loadBalancer5xxPercent', 100], ['loadBalancer5xxPercent', 250],
    ['responseTimeSeconds', 0], ['responseTimeSeconds', -1], ['responseTimeSeconds', 4001], ['unhealthyHosts', -1], ['unhealthyHosts', 0.5],
    ['missingTasks', 1.5], ['missingTasks', -1], ['failedDeployments', -1], ['failedDeployments', 0.5],
  ])('%s above %p', (property, value) => {
    const message = asked({ [property]: above(value) });

    expect(message).toMatch(told(property));
    expect(message).toContain(`got ${value}.`);
  });

  test.each([0, -1, 1.5, NaN])('percent of %p requests', minRequests => {
    expect(asked({ minRequests })).toMatch(told('minRequests'));
  });

  test.each<[string, AlarmThresholdAboveOptions, string]>([
    ['period', { period: Duration.seconds(30) }, 'got "30 seconds"'], ['period', { period: Duration.seconds(90) }, 'got "1 minute 30 seconds"'],
    ['period', { period: Duration.seconds(0) }, 'be whole minutes'], ['period', { period: Duration.millis(60_500) }, 'be whole minutes'],
    ['period', { period: Duration.seconds(Lazy.number({ produce: () => 60 })) }, 'be known at synthesis'],
    ['evaluationPeriods', { evaluationPeriods: 0 }, 'got 0'], ['evaluationPeriods', { evaluationPeriods: 1.5 }, 'got 1.5'],
    ['evaluationPeriods', { evaluationPeriods: 1441 }, 'Use at most 1440 periods'],
    ['evaluationPeriods', { period: Duration.minutes(59), evaluationPeriods: 25 }, 'last at most one day'],
    ['evaluationPeriods', { period: Duration.hours(1), evaluationPeriods: 169 }, 'last at most seven days'],
    ['datapointsToAlarm', { datapointsToAlarm: 0 }, 'from 1 to 5, got 0'], ['datapointsToAlarm', { datapointsToAlarm: 6 }, 'from 1 to 5, got 6'],
    ['datapointsToAlarm', { evaluationPeriods: 3, datapointsToAlarm: 4 }, 'from 1 to 3, got 4'],
  ])('wrong %s: %j', (property, options, part) => {
    const message = asked({ cpuPercent: above(90, options) });

    expect(message).toMatch(told(`cpuPercent.${property}`));
    expect(message).toContain(part);
  });
});

describe('a valid threshold is accepted:', () => {
  test.each<[keyof AddAlarmsOptions, number]>([
    ['cpuPercent', 0], ['cpuPercent', 100], ['memoryPercent', 66.6], ['http5xxPercent', 0], ['http5xxPercent', 99.9], ['loadBalancer5xxPercent', 0.1],
    ['responseTimeSeconds', 0.05], ['responseTimeSeconds', 4000], ['unhealthyHosts', 3], ['missingTasks', 0], ['failedDeployments', 2],
  ])('%s above %p', (property, value) => {
    expect(asked({ [property]: above(value) })).toBe('accepted');
  });

  test.each<AlarmThresholdAboveOptions>([
    {}, { period: Duration.minutes(1) }, { period: Duration.hours(24), evaluationPeriods: 7 }, { evaluationPeriods: 1440 }, { datapointsToAlarm: 1 },
    { evaluationPeriods: 3, datapointsToAlarm: 3 }, { period: undefined, evaluationPeriods: undefined, datapointsToAlarm: undefined },
  ])('with a time of %j', options => {
    expect(asked({ cpuPercent: above(90, options) })).toBe('accepted');
  });

  test('with the periods of the alarm, all of which must be above it by default', () => {
    const { service, action, stack } = scene();
    service.addAlarms(action, {
      cpuPercent: above(50, { period: Duration.minutes(2), evaluationPeriods: 10 }),
      memoryPercent: above(60, { evaluationPeriods: 10, datapointsToAlarm: 4 }),
      failedDeployments: above(1, { period: Duration.hours(1), evaluationPeriods: undefined }),
    });

    expect(alarmsOf(stack)).toMatchObject({
      Cpu: {
        threshold: 50, periods: '10 of 10', looksAt: 'AWS/ECS CPUUtilization Average 120',
        description: expect.stringContaining('10 of 10 periods of 2 minutes'),
      },
      Memory: { threshold: 60, periods: '4 of 10', looksAt: 'AWS/ECS MemoryUtilization Average 60' },
      FailedDeployments: { threshold: 1, periods: '1 of 1', looksAt: expect.stringContaining('MatchedEvents Sum 3600') },
    });
  });

  test('with tokens', () => {
    const { service, action, stack } = scene({ exposure: new BlueGreenExposure() });
    const token = (value: number) => Token.asNumber(Lazy.any({ produce: () => ({ 'Fn::ImportValue': `of ${value}` }) }));

    service.addAlarms(action, {
      cpuPercent: above(token(1), { evaluationPeriods: token(2), datapointsToAlarm: token(3) }),
      minRequests: token(4), http5xxPercent: above(token(5)),
    });

    expect(alarmsOf(stack).Cpu.threshold).toEqual({ 'Fn::ImportValue': 'of 1' });
    expect(alarmsOf(stack).Http5xx.threshold).toEqual({ 'Fn::ImportValue': 'of 5' });
    expect(JSON.stringify(alarmsOf(stack))).not.toContain('e+');
  });
});

describe('an alarm', () => {
  const PROPERTIES: (keyof AddAlarmsOptions)[] = [
    'cpuPercent', 'memoryPercent', 'http5xxPercent', 'loadBalancer5xxPercent', 'responseTimeSeconds', 'unhealthyHosts', 'missingTasks', 'failedDeployments',
  ];

  test.each(PROPERTIES)('that is left out with never() is not created: %s', property => {
    const { service, action, stack } = scene({ exposure: Exposure.publicHttp() }, insights);
    const made = Object.keys(PROPERTIES).length - 1 - (property === 'responseTimeSeconds' ? 0 : 1);

    service.addAlarms(action, { [property]: never() });

    expect(Object.keys(alarmsOf(stack))).toHaveLength(made);
  });

  test.each<[keyof AddAlarmsOptions, Exposure, string]>([
    ['http5xxPercent', Exposure.none(), 'no application load balancer'], ['http5xxPercent', new TcpExposure(), 'no application load balancer'],
    ['responseTimeSeconds', Exposure.none(), 'no application load balancer'],
    ['loadBalancer5xxPercent', new TcpExposure(), 'no application load balancer of its own'], ['unhealthyHosts', Exposure.none(), 'no load balancer'],
  ])('that the service cannot have is rejected if you ask for it, and can be left out: %s', (property, exposure, what) => {
    expect(asked({ [property]: above(1) }, exposure)).toMatch(told(property));
    expect(asked({ [property]: above(1) }, exposure)).toContain(`must be left out, because the service has ${what}, got`);
    expect(asked({ [property]: never() }, exposure)).toBe('accepted');
    expect(asked({}, exposure)).toBe('accepted');
  });

  test('for missing tasks is rejected if Container Insights is disabled, because it would never trigger', () => {
    const off = { cluster: { containerInsightsV2: ContainerInsights.DISABLED } };

    expect(asked({ missingTasks: above(0) }, undefined, off)).toContain('the service has no Container Insights on its cluster');
    expect(asked({ missingTasks: never() }, undefined, off)).toBe('accepted');
    expect(asked({}, undefined, off)).toBe('accepted');
  });
});

describe('wrong types from JavaScript are reported, never a TypeError:', () => {
  test.each([undefined, null, 'topic', {}, { bind: true }, () => undefined])('the action %p', action => {
    expect(messageOf(() => scene().service.addAlarms(wrong(action)))).toMatch(told('action'));
  });

  test.each([null, 'x', 80, []])('the options %j', options => {
    expect(asked(options)).toMatch(told('options'));
  });

  test.each([null, 90, '90', true, false, {}, { value: 90 }, AlarmThreshold, above, never])('the threshold %p', threshold => {
    expect(asked({ cpuPercent: threshold })).toMatch(told('cpuPercent'));
  });

  test.each([undefined, null, '90', {}])('a threshold above %j', value => {
    expect(asked({ cpuPercent: above(wrong(value)) })).toMatch(told('cpuPercent'));
  });

  test.each([null, 'x', 5])('a threshold with the options %j', options => {
    expect(asked({ cpuPercent: above(90, wrong(options)) })).toMatch(told('cpuPercent.options'));
  });

  test.each<[string, object]>([
    ['period', { period: 60 }], ['period', { period: null }], ['period', { period: '1 minute' }], ['evaluationPeriods', { evaluationPeriods: '5' }],
    ['evaluationPeriods', { evaluationPeriods: null }], ['datapointsToAlarm', { datapointsToAlarm: null }], ['datapointsToAlarm', { datapointsToAlarm: '1' }],
  ])('a threshold with wrong %s: %j', (property, options) => {
    expect(asked({ cpuPercent: above(90, wrong(options)) })).toMatch(told(`cpuPercent.${property}`));
  });

  test.each([null, '10', {}])('the minimum number of requests %j', minRequests => {
    expect(asked({ minRequests })).toMatch(told('minRequests'));
  });
});

test('a second call for alarms throws, and says how to add another action', () => {
  const { service, action } = scene();
  service.addAlarms(action);

  expect(messageOf(() => service.addAlarms(action))).toBe(
    "Stack/Service: 'addAlarms' must be called once, got \"a second call\". "
    + 'Add the other action to the returned alarms: alarms.all.forEach(alarm => alarm.addAlarmAction(action)).',
  );
});
