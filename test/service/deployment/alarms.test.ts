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

describe('an alarm sends a deployment back', () => {
  test.each([
    ['rolling', Deployment.rolling], ['blue/green', Deployment.blueGreen], ['linear', Deployment.linear], ['canary', Deployment.canary],
  ])('%s', (_, kind) => {
    const stack = newStack();
    deploy(kind({ alarms: [newAlarm(stack)] }), { exposure: new ShiftingHttp() }, stack);
    expect(configurationOf(stack).Alarms).toEqual({ AlarmNames: [{ Ref: expect.stringMatching(/^Errors/) }], Enable: true, Rollback: true });
  });

  test('that exists elsewhere, by its name', () => {
    const stack = newStack();
    const alarms = [Alarm.fromAlarmName(stack, 'Theirs', 'their-errors'), Alarm.fromAlarmName(stack, 'Later', new CfnParameter(stack, 'Name').valueAsString)];
    deploy(Deployment.rolling({ alarms }), {}, stack);
    expect(configurationOf(stack).Alarms.AlarmNames).toEqual(['their-errors', { Ref: 'Name' }]);
  });

  test('on the service itself, if it has a name: otherwise each would wait for the other', () => {
    const { stack, service } = deploy(undefined);
    service.addRollbackAlarms(busy(service, 'shop-busy'));
    expect(configurationOf(stack).Alarms).toEqual({ AlarmNames: ['shop-busy'], Enable: true, Rollback: true });
  });

  test('on the service itself, with a name that is only known at deployment', () => {
    const { stack, service } = deploy(undefined);
    service.addRollbackAlarms(busy(service, new CfnParameter(stack, 'Name').valueAsString));
    expect(configurationOf(stack).Alarms.AlarmNames).toEqual([{ Ref: 'Name' }]);
  });

  test('and one without a name is found at synthesis, with what to do about it', () => {
    const { stack, service } = deploy(undefined);
    service.addRollbackAlarms(busy(service));
    expect(() => Template.fromStack(stack)).toThrow(
      "Stack/Service/Deployment: 'deployment.alarms' must have an alarmName if the alarm depends on the service, because each would otherwise wait for the other, "
      + "got \"Stack/Busy\". Set one: new Alarm(this, 'Busy', { alarmName: 'my-service-busy', … }).",
    );
  });

  test('on another service, which goes back on the alarms of this one: by their names', () => {
    const { stack, alarms: [own, other], one, two } = pair('one', 'two');
    one.addRollbackAlarms(own, other);
    two.addRollbackAlarms(own, other);
    expect(alarmNamesOf(stack)).toEqual([['one', 'two'], ['one', 'two']]);
  });

  test('on another service, in a ring, by their names', () => {
    const { stack, alarms: [own, other], one, two } = pair('one', 'two');
    one.addRollbackAlarms(other);
    two.addRollbackAlarms(own);
    expect(alarmNamesOf(stack)).toEqual([['two'], ['one']]);
  });

  test('on another service, which does not wait for this one: the alarm is there first', () => {
    const { stack, alarms: [own], one, two } = pair('one');
    one.addRollbackAlarms(own);
    two.addRollbackAlarms(own);
    expect(alarmNamesOf(stack)).toEqual([['one'], [{ Ref: expect.stringMatching(/^One/) }]]);
  });

  test('and a ring of alarms without names is found at synthesis', () => {
    const { stack, alarms: [own, other], one, two } = pair();
    one.addRollbackAlarms(other);
    two.addRollbackAlarms(own);
    expect(() => Template.fromStack(stack)).toThrow(/'deployment.alarms' must have an alarmName if .* got "Stack\/(One|Two)Busy"/);
  });

  test('that watches it through others, of which CDK makes up the name', () => {
    const { stack, service } = deploy(undefined);
    const alarmRule = AlarmRule.fromAlarm(busy(service), AlarmState.ALARM);
    service.addRollbackAlarms(new CompositeAlarm(stack, 'Any', { alarmRule }), new CompositeAlarm(stack, 'Named', { alarmRule, compositeAlarmName: 'shop' }));
    expect(configurationOf(stack).Alarms.AlarmNames).toEqual([expect.stringMatching(/^StackAny/), 'shop']);
  });

  test('and so is one that only happens to be created after the service', () => {
    const { stack, service } = deploy(undefined);
    const alarm = newAlarm(stack);
    alarm.node.addDependency(service.ecsService);
    service.addRollbackAlarms(alarm);
    expect(() => Template.fromStack(stack)).toThrow('got "Stack/Errors"');
  });

  test('on the load balancer, which is there before the service', () => {
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

  test('together with all that others tell the service, each once', () => {
    const stack = newStack();
    const alarm = newAlarm(stack);
    const { service } = deploy(Deployment.rolling({ alarms: [alarm] }), {}, stack);
    service.addRollbackAlarms(alarm);
    service.ecsService.enableDeploymentAlarms(['theirs']);
    new CfnOutput(stack, 'Name', { value: alarm.alarmName });
    expect(configurationOf(stack).Alarms.AlarmNames).toEqual([{ Ref: expect.stringMatching(/^Errors/) }, 'theirs']);
  });
});
