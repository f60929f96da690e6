import { Duration, Stack } from 'aws-cdk-lib';
import { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { BlueGreenExposure, scene, TcpExposure } from './services';
import { AlarmThreshold, Exposure, NetworkPort } from '../../../src';
import { flatten, Template } from '../../helpers/stack';
import { messageOf, told, wrong } from '../../helpers/wrong-input';

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: { readonly title: string; readonly metrics?: unknown[][]; readonly alarms?: string[]; readonly query?: string };
}

/** The only dashboard, as CloudWatch gets it. */
function bodyOf(stack: Stack): { start: string; widgets: Widget[] } {
  const [dashboard] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
  return JSON.parse(flatten(dashboard.Properties.DashboardBody));
}

const titlesOf = (stack: Stack) => bodyOf(stack).widgets.map(({ properties: { title } }) => title.replace(/^Stack\/Service: /, ''));

/** The labels of the lines of a graph. */
function linesOf(stack: Stack, title: string): string[] {
  const widget = bodyOf(stack).widgets.find(each => each.properties.title === `Stack/Service: ${title}`) as Widget;
  return (widget.properties.metrics ?? []).map(line => line[line.length - 1] as { label?: string; visible?: false })
    .flatMap(({ label, visible }) => visible === false ? [] : [label ?? '?']);
}

describe('the dashboard of a service shows', () => {
  test('all metrics of an application load balancer', () => {
    const { service, stack, action } = scene({ exposure: Exposure.publicHttp() }, { cluster: { containerInsightsV2: ContainerInsights.ENHANCED } });
    service.addAlarms(action);
    service.addDashboard();

    expect(titlesOf(stack)).toEqual([
      'alarms', 'tasks', 'CPU and memory, percent', 'requests', 'response time, seconds', 'errors', 'health', 'deployments', 'last log lines',
    ]);
    expect(linesOf(stack, 'tasks')).toEqual(['Running', 'Desired', 'Pending']);
    expect(linesOf(stack, 'CPU and memory, percent')).toEqual(['CPU', 'Memory']);
    expect(linesOf(stack, 'response time, seconds')).toEqual(['p50', 'p95', 'p99']);
    expect(linesOf(stack, 'errors')).toEqual(['4xx of the containers', '5xx of the containers', '5xx of the load balancer']);
    expect(linesOf(stack, 'health')).toEqual(['Healthy', 'Unhealthy']);
    expect(linesOf(stack, 'deployments')).toEqual(['Under way or in place', 'failed deployments']);
  });

  test('the available metrics of a worker', () => {
    const { service, stack } = scene();
    service.addDashboard();

    expect(titlesOf(stack)).toEqual(['tasks', 'CPU and memory, percent', 'last log lines']);
    expect(linesOf(stack, 'tasks')).toEqual(['Running']);
  });

  test('all load balancers of the service, in any order', () => {
    const network = (port: number) => Exposure.internalNetwork({ ports: [NetworkPort.tcp(port)] });
    const { service, stack } = scene({ exposure: network(1).also('Web', Exposure.publicHttp()).also('Raw', network(2)) });
    service.addDashboard();

    expect(titlesOf(stack)).toEqual(expect.arrayContaining(['requests', 'errors', 'connections']));
    expect(linesOf(stack, 'errors')).toContain('5xx of the load balancer');
    expect(linesOf(stack, 'connections')).toEqual(['New', 'Open', 'Reset by the containers']);
  });

  test('connections for a network load balancer, which counts no requests', () => {
    const { service, stack } = scene({ exposure: new TcpExposure() });
    service.addDashboard();

    expect(titlesOf(stack)).toEqual(['tasks', 'CPU and memory, percent', 'health', 'connections', 'last log lines']);
    expect(linesOf(stack, 'connections')).toEqual(['New', 'Open', 'Reset by the containers']);
  });

  test('one line for both target groups of a blue/green deployment', () => {
    const { service, stack } = scene({ exposure: new BlueGreenExposure() });
    service.addDashboard();

    expect(linesOf(stack, 'requests')).toEqual(['Requests']);
    expect(linesOf(stack, 'response time, seconds')).toEqual(['p50', 'p95', 'p99']);
    expect(linesOf(stack, 'health')).toEqual(['Healthy', 'Unhealthy']);
  });

  test('the last log lines of all its containers, newest first', () => {
    const { service, stack } = scene();
    service.addDashboard();
    const logs = bodyOf(stack).widgets.find(({ type }) => type === 'log');

    expect(logs?.properties.query).toBe([
      `SOURCE '${flatten(stack.resolve(service.logGroup.logGroupName))}' | fields @timestamp, @logStream, @message`, '| sort @timestamp desc', '| limit 50',
    ].join('\n'));
  });

  test('the alarms, whether they are created before or after it', () => {
    for (const order of ['before', 'after']) {
      const { service, stack, action } = scene();
      if (order === 'after') service.addDashboard();
      const alarms = service.addAlarms(action, { failedDeployments: AlarmThreshold.never() });
      if (order === 'before') service.addDashboard();
      const shown = bodyOf(stack).widgets.find(({ type }) => type === 'alarm')?.properties.alarms;

      expect(shown).toEqual(alarms.all.map(({ alarmArn }) => flatten(stack.resolve(alarmArn))));
    }
  });
});

test('a dashboard without alarms has no alarm widget, because CloudWatch would reject it', () => {
  for (const order of ['before', 'after']) {
    const { service, stack, action } = scene();
    const never = AlarmThreshold.never();
    if (order === 'after') service.addDashboard();
    service.addAlarms(action, { cpuPercent: never, memoryPercent: never, failedDeployments: never });
    if (order === 'before') service.addDashboard();

    expect(titlesOf(stack)).not.toContain('alarms');
  }
});

describe('a dashboard', () => {
  test('shows the last three hours, or the time that you choose, and has the name that you choose', () => {
    const [usual, own] = [scene(), scene()];
    usual.service.addDashboard();
    own.service.addDashboard({ dashboardName: 'web_1-a', defaultInterval: Duration.days(2) });

    expect(bodyOf(usual.stack).start).toBe('-PT3H');
    expect(bodyOf(own.stack).start).toBe('-P2D');
    Template.fromStack(own.stack).hasResourceProperties('AWS::CloudWatch::Dashboard', { DashboardName: 'web_1-a' });
  });

  test('has its widgets side by side in 24 columns, without overlaps', () => {
    const { service, stack, action } = scene({ exposure: Exposure.publicHttp() });
    service.addAlarms(action);
    service.addDashboard();
    const { widgets } = bodyOf(stack);

    for (const [index, a] of widgets.entries()) {
      expect(a.x + a.width).toBeLessThanOrEqual(24);
      for (const b of widgets.slice(index + 1)) {
        expect(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y).toBe(true);
      }
    }
  });

  test('of your own can contain the widgets of several services', () => {
    const { stack, service } = scene({ exposure: new BlueGreenExposure() });
    const dashboard = new Dashboard(stack, 'Own');

    dashboard.addWidgets(...service.dashboardWidgets());
    dashboard.addWidgets(...service.dashboardWidgets());

    expect(titlesOf(stack)).toHaveLength(2 * service.dashboardWidgets().length);
  });

  test('can be created once per service', () => {
    const { service } = scene();
    service.addDashboard();

    expect(messageOf(() => service.addDashboard())).toMatch(told('addDashboard'));
  });

  test('cannot have the name of another dashboard of the stack', () => {
    const { service, stack } = scene();
    new Dashboard(stack, 'Theirs', { dashboardName: 'shop' });
    const message = messageOf(() => service.addDashboard({ dashboardName: 'shop' }));
    expect(message).toMatch(told('dashboardName'));
    expect(message).toContain('must differ from the name of Stack/Theirs, got "shop"');
  });

  test.each(['', 'my dashboard', 'a/b', 'd'.repeat(256), null, 5])('cannot have the name %j', dashboardName => {
    expect(messageOf(() => scene().service.addDashboard(wrong({ dashboardName })))).toMatch(told('dashboardName'));
  });

  test.each([null, 3, '3h', {}])('cannot have the time range %j', defaultInterval => {
    expect(messageOf(() => scene().service.addDashboard(wrong({ defaultInterval })))).toMatch(told('defaultInterval'));
  });

  test.each([null, 'x', 3])('cannot have the options %j', options => {
    expect(messageOf(() => scene().service.addDashboard(wrong(options)))).toMatch(told('options'));
  });

  test('can have a name that is a token', () => {
    const { service, stack } = scene();
    service.addDashboard({ dashboardName: stack.stackName });

    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Dashboard', { DashboardName: 'Stack' });
  });
});
