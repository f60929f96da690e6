import { CfnParameter, Duration } from 'aws-cdk-lib';
import { ByServiceConnect, configurationOf, deploy, serviceOf, ShiftingHttp } from './scene';
import { Deployment, Exposure } from '../../../src';
import { newStack, Template } from '../../helpers/stack';

const exposure = new ShiftingHttp();

describe('a deployment shifts traffic to the new tasks', () => {
  test('all at once, after all new tasks run and before the old ones stop', () => {
    expect(configurationOf(deploy(Deployment.blueGreen(), { exposure }).stack)).toMatchObject({
      Strategy: 'BLUE_GREEN', BakeTimeInMinutes: 15, MinimumHealthyPercent: 100, MaximumPercent: 200,
    });
  });

  test('in equal steps', () => {
    expect(configurationOf(deploy(Deployment.linear(), { exposure }).stack)).toMatchObject({
      Strategy: 'LINEAR', BakeTimeInMinutes: 15, LinearConfiguration: { StepPercent: 10, StepBakeTimeInMinutes: 6 },
    });
    const deployment = Deployment.linear({ stepPercent: 33.3, stepBakeTime: Duration.hours(1), bakeTime: Duration.minutes(0) });
    expect(configurationOf(deploy(deployment, { exposure }).stack)).toMatchObject({
      BakeTimeInMinutes: 0, LinearConfiguration: { StepPercent: 33.3, StepBakeTimeInMinutes: 60 },
    });
  });

  test('a small part first', () => {
    expect(configurationOf(deploy(Deployment.canary(), { exposure }).stack)).toMatchObject({
      Strategy: 'CANARY', BakeTimeInMinutes: 15, CanaryConfiguration: { CanaryPercent: 5, CanaryBakeTimeInMinutes: 10 },
    });
    // The L2 rejects 1.1 as a multiple of 0.1, because 1.1 * 10 is 11.000000000000002.
    const deployment = Deployment.canary({ canaryPercent: 1.1, canaryBakeTime: Duration.hours(24), bakeTime: Duration.minutes(30) });
    expect(configurationOf(deploy(deployment, { exposure }).stack)).toMatchObject({
      BakeTimeInMinutes: 30, CanaryConfiguration: { CanaryPercent: 1.1, CanaryBakeTimeInMinutes: 1440 },
    });
  });

  test.each([
    ['blue/green', Deployment.blueGreen()], ['linear', Deployment.linear()], ['canary', Deployment.canary()],
  ])('and back when the new tasks fail: %s', (_, deployment) => {
    const { stack, service } = deploy(deployment, { exposure });
    expect(configurationOf(stack).DeploymentCircuitBreaker).toEqual({ Enable: true, Rollback: true });
    expect(service.node.findAll().flatMap(each => each.node.metadata).filter(({ type }) => type === 'aws:cdk:warning')).toEqual([]);
  });

  test('between two target groups, with a role that is allowed nothing else. Tests reach the new tasks before clients do', () => {
    const { stack } = deploy(Deployment.blueGreen({ testPort: 8080 }), { exposure });
    const [{ AdvancedConfiguration, TargetGroupArn }] = serviceOf(stack).LoadBalancers;
    const idOf = (value: { 'Ref'?: string; 'Fn::GetAtt'?: string[] }) => value.Ref ?? value['Fn::GetAtt']?.[0];
    expect(idOf(TargetGroupArn)).toMatch(/^ServiceExposureBlue/);
    expect(idOf(AdvancedConfiguration.AlternateTargetGroupArn)).toMatch(/^ServiceExposureGreen/);
    expect(idOf(AdvancedConfiguration.ProductionListenerRule)).toMatch(/^ServiceExposureProductionRule/);
    expect(idOf(AdvancedConfiguration.TestListenerRule)).toMatch(/^ServiceExposureTestRule/);
    Template.fromStack(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 8080 });
  });

  test('with the proxies of Service Connect', () => {
    expect(configurationOf(deploy(Deployment.canary(), { exposure: new ByServiceConnect() }).stack).Strategy).toBe('CANARY');
    expect(configurationOf(deploy(Deployment.linear(), { exposure: new ByServiceConnect() }).stack).Strategy).toBe('LINEAR');
  });

  test('but a worker has no traffic: blue/green stops its old tasks when the new ones are healthy', () => {
    expect(configurationOf(deploy(Deployment.blueGreen(), { exposure: Exposure.none() }).stack).Strategy).toBe('BLUE_GREEN');
  });

  test('with percentages and times that are tokens', () => {
    const stack = newStack();
    const number = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
    const deployment = Deployment.linear({
      stepPercent: number('Percent'), stepBakeTime: Duration.minutes(number('Step')), bakeTime: Duration.minutes(number('Bake')),
    });
    deploy(deployment, { exposure }, stack);
    expect(configurationOf(stack)).toMatchObject({
      BakeTimeInMinutes: { Ref: 'Bake' }, LinearConfiguration: { StepPercent: { Ref: 'Percent' }, StepBakeTimeInMinutes: { Ref: 'Step' } },
    });

    const other = newStack();
    deploy(Deployment.canary({
      canaryPercent: new CfnParameter(other, 'Percent', { type: 'Number' }).valueAsNumber,
      canaryBakeTime: Duration.minutes(new CfnParameter(other, 'Step', { type: 'Number' }).valueAsNumber),
      testPort: new CfnParameter(other, 'Port', { type: 'Number' }).valueAsNumber,
    }), { exposure }, other);
    expect(configurationOf(other).CanaryConfiguration).toEqual({ CanaryPercent: { Ref: 'Percent' }, CanaryBakeTimeInMinutes: { Ref: 'Step' } });
  });
});
