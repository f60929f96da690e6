import { App, Duration, Stack } from 'aws-cdk-lib';
import { GraphWidget, IMetric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BlueGreenExposure, scene, TcpExposure } from './services';
import { Exposure, FargateService } from '../../../src';
import { messageOf, told, wrong } from '../../helpers/wrong-input';

/** The lines of a graph. */
function shown(...metrics: IMetric[]): string {
  return JSON.stringify(new GraphWidget({ left: metrics }).toJson()[0].properties.metrics);
}

type Read = (service: FargateService) => IMetric;

const OF_HTTP: [string, Read, string][] = [
  ['metricRequestCount', service => service.metricRequestCount(), '"AWS/ApplicationELB","RequestCount"'],
  ['metricTargetResponseTime', service => service.metricTargetResponseTime(), '"AWS/ApplicationELB","TargetResponseTime"'],
  ['metricHttpCodeTarget', service => service.metricHttpCodeTarget(HttpCodeTarget.TARGET_4XX_COUNT), '"AWS/ApplicationELB","HTTPCode_Target_4XX_Count"'],
];
const OF_HOSTS: [string, Read, string][] = [
  ['metricHealthyHostCount', service => service.metricHealthyHostCount(), 'ELB","HealthyHostCount"'],
  ['metricUnhealthyHostCount', service => service.metricUnhealthyHostCount(), 'ELB","UnHealthyHostCount"'],
];
const OF_ECS: [string, Read, string][] = [
  ['metricCpuUtilization', service => service.metricCpuUtilization(), '"AWS/ECS","CPUUtilization"'],
  ['metricMemoryUtilization', service => service.metricMemoryUtilization(), '"AWS/ECS","MemoryUtilization"'],
  ['metricRunningTaskCount', service => service.metricRunningTaskCount(), '"AWS/ECS","CPUUtilization"'],
];

describe('a service has metrics with the same names as in CDK:', () => {
  test.each([...OF_ECS, ...OF_HOSTS, ...OF_HTTP])('%s', (_, read, name) => {
    const { service } = scene({ exposure: Exposure.publicHttp() });

    expect(shown(read(service))).toContain(name);
  });

  test.each([...OF_HOSTS, ...OF_HTTP])('%s, of both target groups of a blue/green deployment', (_, read, name) => {
    const { service } = scene({ exposure: new BlueGreenExposure() });

    expect(shown(read(service)).split(name)).toHaveLength(3);
  });

  test.each(OF_HOSTS)('%s, behind a network load balancer', (_, read) => {
    const { service } = scene({ exposure: new TcpExposure() });

    expect(shown(read(service))).toContain('AWS/NetworkELB');
  });

  test('the options are the same as in CDK', () => {
    const { service } = scene({ exposure: new BlueGreenExposure() });
    const options = { period: Duration.minutes(2), label: 'Mine', color: '#ff0000' };

    expect(service.metricCpuUtilization({ ...options, statistic: Stats.MAXIMUM })).toMatchObject({ ...options, statistic: 'Maximum' });
    expect(service.metricRequestCount(options)).toMatchObject(options);
    expect(shown(service.metricRequestCount(options))).toContain('"period":120');
    expect(shown(service.metricTargetResponseTime({ statistic: Stats.p(90) }))).toContain('"stat":"p90"');
  });

  test('running tasks are counted without Container Insights, for any period', () => {
    const { service } = scene();

    expect(shown(service.metricRunningTaskCount({ period: Duration.minutes(15) }))).toMatch(
      /"expression":"(\w+) \/ \(PERIOD\(\1\) \/ 60\)","period":900.*"id":"\1","visible":false,"period":900,"stat":"SampleCount"/,
    );
  });

  test('metrics of several services, with several statistics and periods, can be in one graph', () => {
    const { stack, service: one } = scene({ exposure: new BlueGreenExposure() });
    const { service: other } = scene({ exposure: new BlueGreenExposure() }, { stack: new Stack(stack.node.root as App, 'Other') });
    const all = [one, other].flatMap(service => [
      service.metricRequestCount(), service.metricRequestCount({ period: Duration.minutes(1) }), service.metricRunningTaskCount(),
      service.metricTargetResponseTime({ statistic: Stats.p(50) }), service.metricTargetResponseTime({ statistic: Stats.p(99.9) }),
      service.metricUnhealthyHostCount(), service.metricHealthyHostCount(),
    ]);

    expect(() => shown(...all)).not.toThrow();
  });
});

describe('a metric that does not exist is rejected with a message:', () => {
  test.each([...OF_HTTP, ...OF_HOSTS])('%s of a worker', (_, read) => {
    expect(messageOf(() => read(scene().service))).toMatch(told('exposure'));
  });

  test.each(OF_HTTP)('%s behind a network load balancer', (_, read) => {
    expect(messageOf(() => read(scene({ exposure: new TcpExposure() }).service))).toBe(
      "Stack/Service: 'exposure' must have an application load balancer, which measures this, got \"none\". Use another exposure, e.g. exposure: Exposure.publicHttp().",
    );
  });

  test.each([null, 'x', 5, []])('a metric with the options %j', options => {
    const { service } = scene({ exposure: Exposure.publicHttp() });

    expect(messageOf(() => service.metricCpuUtilization(wrong(options)))).toMatch(told('options'));
    expect(messageOf(() => service.metricRequestCount(wrong(options)))).toMatch(told('options'));
  });

  test.each([undefined, null, '5xx', 500])('the responses with the status %j', code => {
    const { service } = scene({ exposure: Exposure.publicHttp() });

    expect(messageOf(() => service.metricHttpCodeTarget(wrong(code)))).toMatch(told('code'));
  });
});
