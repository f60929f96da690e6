import { Size, Stack } from 'aws-cdk-lib';
import { LogDrivers } from 'aws-cdk-lib/aws-ecs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { ContainerLogging, LogDelivery } from '../../../src';
import { Named, Rendered, serviceWith, taskOf } from '../../helpers/containers';
import { flatten } from '../../helpers/stack';

function logsOf(containers: Named, props: object = {}) {
  const { stack } = serviceWith(containers, props);
  const { containers: rendered, template } = taskOf(stack);
  return { stack, template, logs: Object.fromEntries(Object.entries(rendered).map(([name, { LogConfiguration }]) => [name, LogConfiguration])) };
}

const { toCloudWatch, to } = ContainerLogging;

describe('the log of a container', () => {
  test('goes to the log group of the service, with the container name as the stream prefix', () => {
    const { logs: { web, side } } = logsOf({ web: {}, side: { logging: toCloudWatch() } });
    expect(web).toMatchObject({ LogDriver: 'awslogs', Options: { 'awslogs-stream-prefix': 'web' } });
    expect(flatten(web.Options['awslogs-group'])).toMatch(/^\$\{ServiceLogs\w+\}$/);
    expect(side.Options).toEqual({ ...web.Options, 'awslogs-stream-prefix': 'side' });
  });

  test('goes to the log group and format that you choose', () => {
    const stack = new Stack();
    const { logs } = logsOf({
      web: { logging: toCloudWatch({ logGroup: LogGroup.fromLogGroupName(stack, 'Logs', '/team/web'), streamPrefix: 'x', multilinePattern: '^\\d' }) },
    });
    expect(logs.web.Options).toMatchObject({ 'awslogs-group': '/team/web', 'awslogs-stream-prefix': 'x', 'awslogs-multiline-pattern': '^\\d' });
  });

  test('is non-blocking or loses no line, as you choose', () => {
    const { logs } = logsOf({
      going: { logging: toCloudWatch({ delivery: LogDelivery.nonBlocking({ maxBufferSize: Size.mebibytes(25) }) }) },
      usual: { logging: toCloudWatch({ delivery: LogDelivery.nonBlocking() }) },
      waiting: { logging: toCloudWatch({ delivery: LogDelivery.blocking() }) },
      neither: {},
    });
    const said = ({ Options: { mode, 'max-buffer-size': size } }: Rendered) => [mode, size];
    expect(said(logs.going)).toEqual(['non-blocking', '26214400b']);
    expect(said(logs.usual)).toEqual(['non-blocking', undefined]);
    expect(said(logs.waiting)).toEqual(['blocking', undefined]);
    expect(said(logs.neither)).toEqual([undefined, undefined]);
  });

  test('goes through one log router, whose own log has the retention of the service or less', () => {
    const firelens = () => to(LogDrivers.firelens({ options: { Name: 'stdout' } }));
    const { logs, template } = logsOf({ a: { logging: firelens() }, b: { logging: firelens() }, c: {} });
    expect(Object.keys(logs).sort()).toEqual(['a', 'b', 'c', 'log-router']);
    expect(logs.a).toEqual({ LogDriver: 'awsfirelens', Options: { Name: 'stdout' } });
    expect(logs['log-router']).toEqual({ LogDriver: 'awslogs', Options: { ...logs.c.Options, 'awslogs-stream-prefix': 'log-router' } });
    template.resourceCountIs('AWS::Logs::LogGroup', 1);
  });

  test('goes to any log driver of the instances', () => {
    const { stack } = serviceWith({ web: { logging: to(LogDrivers.syslog()) } }, {}, { launch: 'EC2' });
    expect(taskOf(stack).containers.web.LogConfiguration.LogDriver).toBe('syslog');
  });
});
