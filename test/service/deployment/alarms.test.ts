import { App, CfnOutput, CfnParameter, Stack } from 'aws-cdk-lib';
import { Alarm, AlarmRule, AlarmState, CompositeAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { ApplicationTargetGroup, HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { configurationOf, deploy, newAlarm, ShiftingHttp } from './scene';
import { Deployment, FargateService } from '../../../src';
import { newStack, Template } from '../../helpers/stack';

const busy = (service: FargateService, alarmName?: string) =>
  service.ecsService.metric('CPUUtilization').createAlarm(Stack.of(service), 'Busy', { alarmName, threshold: 90, evaluationPeriods: 2 });

/** Two services, each with an alarm. */
function pair(...names: string[]) {
  const { stack, service: one } = deploy(undefined);
  const two = new FargateService(stack, 'Two', { cluster: one.ecsService.cluster, containers: { web: { image: ContainerImage.fromRegistry('nginx') } } });
  const alarms = Object.entries({ One: one, Two: two }).map(([id, service], index) => service.metricCpuUtilization().createAlarm(stack, `${id}Busy`, {
    alarmName: names[index], threshold: 90, evaluationPeriods: 2,
  }));
  return { stack, one, two, alarms };
}

function alarmNamesOf(stack: Stack): unknown[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::ECS::Service')).map(({ Properties }) => Properties.DeploymentConfiguration.Alarms.AlarmNames);
}

describe('an alarm rolls a deployment back', () => {
  test.each([
    ['rolling', Deployment.rolling], ['blue/green', Deployment.blueGreen], ['linear', Deployment.linear], ['canary', Deployment.canary],
  ])('%s', (_, kind) => {
    const stack = newStack();
    deploy(kind({ alarms: [newAlarm(stack)] }), { exposure: new ShiftingHttp() }, stack);
    expect(configurationOf(stack).Alarms).toEqual({ AlarmNames: [{ Ref: expect.stringMatching(/^Errors/) }], Enable: true, Rollback: true });
  });

  test('that is imported by its name', () => {
    const stack = newStack();
    const alarms = [Alarm.fromAlarmName(stack, 'Theirs', 'their-errors'), Alarm.fromAlarmName(stack, 'Later', new CfnParameter(stack, 'Name').valueAsString)];
    deploy(Deployment.rolling({ alarms }), {}, stack);
    expect(configurationOf(stack).Alarms.AlarmNames).toEqual(['their-errors', { Ref: 'Name' }]);
  });

  test('on the service itself, if the alarm has a name. Without a name, service and alarm would depend on each other', () => {
    const { stack, service } = deploy(undefined);
    service.addRollbackAlarms(busy(service, 'shop-busy'));
    expect(configurationOf(stack).Alarms).toEqual({ AlarmNames: ['shop-busy'], Enable: true, Rollback: true });
  });

  test('on the service itself, with a name that is a token', () => {
    const { stack, service } = deploy(undefined);
    service.addRollbackAlarms(busy(service, new CfnParameter(stack, 'Name').valueAsString));
    expect(configurationOf(stack).Alarms.AlarmNames).toEqual([{ Ref: 'Name' }]);
  });

  test('and an alarm on the service without a name is reported at synthesis, with the fix', () => {
    const { stack, service } = deploy(undefined);
    service.addRollbackAlarms(busy(service));
    expect(() => Template.fromStack(stack)).toThrow(
      "Stack/Service/Deployment: 'deployment.alarms' must have an alarmName if the alarm depends on the service, because each would otherwise wait for the other, "
      + "got \"Stack/Busy\". Set one: new Alarm(this, 'Busy', { alarmName: 'my-service-busy', … }).",
    );
  });

  test('on another service that rolls back on the alarms of this one, by their names', () => {
    const { stack, alarms: [own, other], one, two } = pair('one', 'two');
    one.addRollbackAlarms(own, other);
    two.addRollbackAlarms(own, other);
    expect(alarmNamesOf(stack)).toEqual([['one', 'two'], ['one', 'two']]);
  });

  test('on another service in a cycle of services, by their names', () => {
    const { stack, alarms: [own, other], one, two } = pair('one', 'two');
    one.addRollbackAlarms(other);
    two.addRollbackAlarms(own);
    expect(alarmNamesOf(stack)).toEqual([['two'], ['one']]);
  });

  test('on another service that does not depend on this one, and the alarm is created first', () => {
    const { stack, alarms: [own], one, two } = pair('one');
    one.addRollbackAlarms(own);
    two.addRollbackAlarms(own);
    expect(alarmNamesOf(stack)).toEqual([['one'], [{ Ref: expect.stringMatching(/^One/) }]]);
  });

  test('and a cycle of alarms without names is reported at synthesis', () => {
    const { stack, alarms: [own, other], one, two } = pair();
    one.addRollbackAlarms(other);
    two.addRollbackAlarms(own);
    expect(() => Template.fromStack(stack)).toThrow(/'deployment.alarms' must have an alarmName if .* got "Stack\/(One|Two)Busy"/);
  });

  test('that is a composite alarm, by a name that CDK generates', () => {
    const { stack, service } = deploy(undefined);
    const alarmRule = AlarmRule.fromAlarm(busy(service), AlarmState.ALARM);
    service.addRollbackAlarms(new CompositeAlarm(stack, 'Any', { alarmRule }), new CompositeAlarm(stack, 'Named', { alarmRule, compositeAlarmName: 'shop' }));
    expect(configurationOf(stack).Alarms.AlarmNames).toEqual([expect.stringMatching(/^StackAny/), 'shop']);
  });

  test('and an alarm that is only created after the service is reported', () => {
    const { stack, service } = deploy(undefined);
    const alarm = newAlarm(stack);
    alarm.node.addDependency(service.ecsService);
    service.addRollbackAlarms(alarm);
    expect(() => Template.fromStack(stack)).toThrow('got "Stack/Errors"');
  });

  test('on the load balancer, which is created before the service', () => {
    const { stack, service } = deploy(undefined, { exposure: new ShiftingHttp() });
    const [targets] = service.node.findAll().filter(each => each instanceof ApplicationTargetGroup);
    service.addRollbackAlarms(targets.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT).createAlarm(stack, 'Errors', {
      alarmName: 'shop-errors', threshold: 5, evaluationPeriods: 1,
    }));
    expect(configurationOf(stack).Alarms.AlarmNames).toEqual([{ Ref: expect.stringMatching(/^Errors/) }]);
  });

  test('of another stack', () => {
    const app = new App();
    const monitoring = new Stack(app, 'Monitoring');
    const stack = new Stack(app, 'Stack');
    deploy(Deployment.rolling({ alarms: [newAlarm(monitoring), newAlarm(monitoring, 'Slow', 'slow')] }), {}, stack);
    expect(configurationOf(stack).Alarms.AlarmNames).toEqual([{ 'Fn::ImportValue': expect.stringMatching(/^Monitoring:/) }, 'slow']);
  });

  test('of a stack that is deployed later, by its name', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const { service } = deploy(undefined, {}, stack);
    const monitoring = new Stack(app, 'Monitoring');
    service.addRollbackAlarms(service.ecsService.metric('CPUUtilization').createAlarm(monitoring, 'Busy', {
      alarmName: 'shop-busy', threshold: 90, evaluationPeriods: 2,
    }));
    expect(configurationOf(stack).Alarms.AlarmNames).toEqual(['shop-busy']);
  });

  test('together with the alarms that other constructs add to the service, without duplicates', () => {
    const stack = newStack();
    const alarm = newAlarm(stack);
    const { service } = deploy(Deployment.rolling({ alarms: [alarm] }), {}, stack);
    service.addRollbackAlarms(alarm);
    service.ecsService.enableDeploymentAlarms(['theirs']);
    new CfnOutput(stack, 'Name', { value: alarm.alarmName });
    expect(configurationOf(stack).Alarms.AlarmNames).toEqual([{ Ref: expect.stringMatching(/^Errors/) }, 'theirs']);
  });
});
