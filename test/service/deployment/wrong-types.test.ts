import { Duration } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { deploy, newFunction, ShiftingHttp } from './scene';
import { CircuitBreaker, Deployment, DeploymentHook, DeploymentStage } from '../../../src';
import { newStack } from '../../helpers/stack';
import { messageOf, told, wrong } from '../../helpers/wrong-input';

const exposure = new ShiftingHttp();
const said = (deployment: unknown) => messageOf(() => deploy(wrong<Deployment>(deployment), { exposure }));
const stages = [DeploymentStage.PRE_SCALE_UP];

describe('whatever JavaScript lets through is told with path, property, rule, value and cure, never with a TypeError:', () => {
  test.each([null, 'x', {}, Deployment.rolling])('a deployment that is %p', deployment => {
    expect(said(deployment)).toMatch(told('deployment'));
  });

  test.each(['rolling', 'blueGreen', 'linear', 'canary'] as const)('options of Deployment.%s', kind => {
    for (const options of [null, 'x', 5, []]) {
      expect(said(Deployment[kind](wrong(options)))).toMatch(told('deployment'));
    }
  });

  test.each<[string, object]>([
    ['minHealthyPercent', { minHealthyPercent: '50' }], ['minHealthyPercent', { minHealthyPercent: null }],
    ['maxHealthyPercent', { maxHealthyPercent: '200' }], ['maxHealthyPercent', { maxHealthyPercent: {} }],
    ['circuitBreaker', { circuitBreaker: true }], ['circuitBreaker', { circuitBreaker: { enable: true } }],
    ['circuitBreaker', { circuitBreaker: CircuitBreaker.rollback }], ['circuitBreaker', { circuitBreaker: null }],
    ['circuitBreaker', { circuitBreaker: CircuitBreaker.afterFailures(wrong('5')) }],
    ['circuitBreaker', { circuitBreaker: CircuitBreaker.afterPercent(50, wrong(null)) }],
    ['circuitBreaker.counting', { circuitBreaker: CircuitBreaker.afterPercent(50, wrong({ counting: 'all' })) }],
    ['healthCheckGracePeriod', { healthCheckGracePeriod: 60 }], ['healthCheckGracePeriod', { healthCheckGracePeriod: null }],
    ['bakeTime', { bakeTime: 5 }], ['bakeTime', { bakeTime: null }], ['alarms', { alarms: 'errors' }], ['alarms', { alarms: null }], ['alarms', { alarms: ['errors'] }], ['alarms', { alarms: [null] }],
    ['alarms', { alarms: [{}] }], ['alarms', { alarms: Alarm.fromAlarmName(newStack(), 'Alarm', 'errors') }],
    ['hooks', { hooks: DeploymentHook.pause({ stages }) }], ['hooks', { hooks: null }],
    ['hooks[0]', { hooks: ['x'] }], ['hooks[0]', { hooks: [undefined] }], ['hooks[0]', { hooks: [DeploymentHook.pause] }],
    ['hooks[0]', { hooks: [newFunction(newStack())] }], ['hooks[0]', { hooks: [DeploymentHook.pause(wrong(undefined))] }],
    ['hooks[0]', { hooks: [DeploymentHook.lambda(wrong('arn:aws:lambda:::function'), { stages })] }],
    ['hooks[0]', { hooks: [DeploymentHook.lambda(wrong(undefined), { stages })] }],
    ['hooks[0]', { hooks: [DeploymentHook.lambda(newFunction(newStack()), wrong(null))] }],
    ['hooks[0].stages', { hooks: [DeploymentHook.pause(wrong({}))] }], ['hooks[0].stages', { hooks: [DeploymentHook.pause(wrong({ stages: 'PRE_SCALE_UP' }))] }],
    ['hooks[0].stages', { hooks: [DeploymentHook.pause(wrong({ stages: ['BAKE_TIME'] }))] }],
    ['hooks[0].stages', { hooks: [DeploymentHook.pause(wrong({ stages: [null] }))] }],
    ['hooks[0].timeout', { hooks: [DeploymentHook.pause(wrong({ stages, timeout: 60 }))] }],
    ['hooks[0].onTimeout', { hooks: [DeploymentHook.pause(wrong({ stages, onTimeout: 'WAIT' }))] }],
    ['redeployOn', { redeployOn: 'v1' }], ['redeployOn', { redeployOn: null }], ['redeployOn', { redeployOn: [1] }], ['redeployOn', { redeployOn: [undefined] }],
  ])('a rolling deployment with wrong %s: %j', (property, options) => {
    expect(said(Deployment.rolling(options))).toMatch(told(`deployment.${property}`));
  });

  test.each<[string, Deployment]>([
    ['bakeTime', Deployment.blueGreen(wrong({ bakeTime: 5 }))], ['bakeTime', Deployment.blueGreen(wrong({ bakeTime: null }))],
    ['bakeTime', Deployment.canary(wrong({ bakeTime: 'PT5M' }))], ['testPort', Deployment.blueGreen(wrong({ testPort: '8080' }))],
    ['testPort', Deployment.linear(wrong({ testPort: null }))], ['stepPercent', Deployment.linear(wrong({ stepPercent: '10' }))],
    ['stepPercent', Deployment.linear(wrong({ stepPercent: null }))], ['stepBakeTime', Deployment.linear(wrong({ stepBakeTime: 6 }))],
    ['canaryPercent', Deployment.canary(wrong({ canaryPercent: {} }))], ['canaryBakeTime', Deployment.canary(wrong({ canaryBakeTime: 10 }))],
    ['stepBakeTime', Deployment.linear(wrong({ stepBakeTime: Duration.minutes }))],
  ])('a shift with wrong %s', (property, deployment) => {
    expect(said(deployment)).toMatch(told(`deployment.${property}`));
  });

  test.each([undefined, null, 'errors', {}, []])('an alarm that is %j', alarm => {
    const { service } = deploy(undefined);
    expect(messageOf(() => service.rollBackOn(wrong(alarm)))).toMatch(told('alarms'));
  });

  test('and no alarm at all', () => {
    const { service } = deploy(undefined);
    expect(messageOf(() => service.rollBackOn())).toMatch(told('alarms'));
  });
});
