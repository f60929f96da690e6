import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { deploy, newFunction, ShiftingHttp } from './scene';
import { CircuitBreaker, Deployment, DeploymentHook, DeploymentStage } from '../../../src';
import { newStack } from '../../helpers/stack';
import { messageOf, told, wrong } from '../../helpers/wrong-input';

const exposure = new ShiftingHttp();
const said = (deployment: unknown) => messageOf(() => deploy(wrong<Deployment>(deployment), { exposure }));
const stages = [DeploymentStage.PRE_SCALE_UP];

describe('wrong types are reported with the path of the option:', () => {
  test.each([null, 'x', {}, Deployment.rolling])('a deployment that is %p', deployment => {
    expect(said(deployment)).toMatch(told('deployment'));
  });

  test.each(['rolling', 'blueGreen', 'linear', 'canary'] as const)('options of Deployment.%s', kind => {
    for (const options of [null, 'x', 5, []]) {
      expect(said(Deployment[kind](wrong(options)))).toMatch(told('deployment'));
    }
  });

  test.each<[string, object]>([
    ['circuitBreaker', { circuitBreaker: { enable: true } }], ['circuitBreaker', { circuitBreaker: CircuitBreaker.rollback }],
    ['circuitBreaker', { circuitBreaker: CircuitBreaker.afterFailures(wrong('5')) }], ['circuitBreaker', { circuitBreaker: CircuitBreaker.afterPercent(50, wrong(null)) }],
    ['circuitBreaker.counting', { circuitBreaker: CircuitBreaker.afterPercent(50, wrong({ counting: 'all' })) }],
    ['alarms', { alarms: Alarm.fromAlarmName(newStack(), 'Alarm', 'errors') }], ['alarms[0]', { alarms: ['errors'] }],
    ['hooks', { hooks: DeploymentHook.pause({ stages }) }], ['hooks[0]', { hooks: [newFunction(newStack())] }], ['hooks[0]', { hooks: [DeploymentHook.pause(wrong(undefined))] }],
    ['hooks[0]', { hooks: [DeploymentHook.lambda(wrong(undefined), { stages })] }], ['hooks[0].stages', { hooks: [DeploymentHook.pause(wrong({}))] }],
    ['hooks[0].stages[0]', { hooks: [DeploymentHook.pause(wrong({ stages: ['BAKE_TIME'] }))] }], ['redeployOn[0]', { redeployOn: [1] }],
  ])('deployment.%s', (property, options) => {
    expect(said(Deployment.rolling(options))).toMatch(told(`deployment.${property}`));
  });

  test.each<[string, string, Deployment]>([
    ['testPort', 'Only Deployment.blueGreen, Deployment.linear and Deployment.canary have a test port.', Deployment.rolling(wrong({ testPort: 8080 }))],
    ['circuitBreaker', 'Only Deployment.rolling has it', Deployment.blueGreen(wrong({ circuitBreaker: CircuitBreaker.none() }))],
    ['stepPercent', 'Only Deployment.linear has steps.', Deployment.canary(wrong({ stepPercent: 10 }))],
    ['deploymentAlarms', 'Write alarms: [alarm].', Deployment.rolling(wrong({ deploymentAlarms: {} }))],
    ['lifecycleHooks', 'Write hooks: [DeploymentHook.lambda(handler, { stages })].', Deployment.linear(wrong({ lifecycleHooks: [] }))],
  ])('deployment.%s does not exist for this strategy, and the message says which property to use', (property, fix, deployment) => {
    expect(said(deployment)).toMatch(told(`deployment.${property}`));
    expect(said(deployment)).toContain(fix);
  });

  test.each([undefined, null, 'errors', {}, []])('an alarm that is %j', alarm => {
    const { service } = deploy(undefined);
    expect(messageOf(() => service.addRollbackAlarms(wrong(alarm)))).toMatch(told('alarms[0]'));
  });

  test('an empty list of alarms', () => {
    const { service } = deploy(undefined);
    expect(messageOf(() => service.addRollbackAlarms())).toMatch(told('alarms'));
  });
});
