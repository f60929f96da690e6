import { App, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { configurationOf, deploy, newFunction, ShiftingHttp } from './scene';
import { Deployment, DeploymentHook, DeploymentStage, HookTimeoutAction } from '../../../src';
import { newStack, Template } from '../../helpers/stack';

const exposure = new ShiftingHttp();
const { PRE_SCALE_UP, TEST_TRAFFIC_SHIFT, POST_TEST_TRAFFIC_SHIFT, PRE_PRODUCTION_TRAFFIC_SHIFT } = DeploymentStage;

describe('a deployment hook', () => {
  test('calls a function that decides, and ECS is only allowed to call this function', () => {
    const stack = newStack();
    const hook = DeploymentHook.lambda(newFunction(stack), { stages: [TEST_TRAFFIC_SHIFT, POST_TEST_TRAFFIC_SHIFT] });
    deploy(Deployment.blueGreen({ hooks: [hook], testPort: 8080 }), { exposure }, stack);

    const { LifecycleHooks } = configurationOf(stack);
    expect(LifecycleHooks).toEqual([{
      HookTargetArn: { 'Fn::GetAtt': [expect.stringMatching(/^Check/), 'Arn'] },
      RoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^ServiceDeploymentHookRole/), 'Arn'] },
      LifecycleStages: ['TEST_TRAFFIC_SHIFT', 'POST_TEST_TRAFFIC_SHIFT'],
    }]);
    const [[roleId, role]] = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Role')).filter(([id]) => id.includes('HookRole'));
    expect(role.Properties.AssumeRolePolicyDocument.Statement).toEqual([
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'ecs.amazonaws.com' } },
    ]);
    expect(role.Properties.Policies.map((policy: { PolicyDocument: object }) => policy.PolicyDocument)).toEqual([expect.objectContaining({
      Statement: [{ Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Check/), 'Arn'] } }],
    })]);
    // All permissions are in the role itself. A separate policy could be created after the service, whose first deployment also calls hooks.
    Template.fromStack(stack).resourcePropertiesCountIs('AWS::IAM::Policy', { Roles: [{ Ref: roleId }] }, 0);
  });

  test('can wait for a manual approval', () => {
    const hooks = [DeploymentHook.pause({ stages: [POST_TEST_TRAFFIC_SHIFT] })];
    expect(configurationOf(deploy(Deployment.canary({ hooks }), { exposure }).stack).LifecycleHooks)
      .toEqual([{ TargetType: 'PAUSE', LifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'] }]);
  });

  test.each([
    [{ timeout: Duration.hours(2) }, { TimeoutInMinutes: 120, Action: 'ROLLBACK' }],
    [{ timeout: Duration.hours(36), onTimeout: HookTimeoutAction.CONTINUE }, { TimeoutInMinutes: 2160, Action: 'CONTINUE' }],
    [{ onTimeout: HookTimeoutAction.CONTINUE }, { TimeoutInMinutes: 1440, Action: 'CONTINUE' }],
  ])('has a timeout: %j', (options, TimeoutConfiguration) => {
    const stack = newStack();
    const hooks = [
      DeploymentHook.pause({ stages: [PRE_PRODUCTION_TRAFFIC_SHIFT], ...options }),
      DeploymentHook.lambda(newFunction(stack), { stages: [PRE_SCALE_UP], ...options }),
    ];
    deploy(Deployment.linear({ hooks }), { exposure }, stack);
    expect(configurationOf(stack).LifecycleHooks).toEqual([
      { TargetType: 'PAUSE', LifecycleStages: ['PRE_PRODUCTION_TRAFFIC_SHIFT'], TimeoutConfiguration },
      expect.objectContaining({ HookTargetArn: expect.anything(), LifecycleStages: ['PRE_SCALE_UP'], TimeoutConfiguration }),
    ]);
  });

  test('can have a timeout that is a token', () => {
    const stack = newStack();
    const timeout = Duration.minutes(new CfnParameter(stack, 'Minutes', { type: 'Number' }).valueAsNumber);
    deploy(Deployment.blueGreen({ hooks: [DeploymentHook.pause({ stages: [PRE_SCALE_UP], timeout })] }), {}, stack);
    expect(configurationOf(stack).LifecycleHooks[0].TimeoutConfiguration).toEqual({ TimeoutInMinutes: { Ref: 'Minutes' }, Action: 'ROLLBACK' });
  });

  test('can pause a rolling deployment at its stages, for longer than the three hours that CloudFormation otherwise waits', () => {
    const hooks = [DeploymentHook.pause({ stages: [PRE_SCALE_UP] })];
    expect(configurationOf(deploy(Deployment.rolling({ hooks })).stack))
      .toMatchObject({ LifecycleHooks: [{ TargetType: 'PAUSE', LifecycleStages: ['PRE_SCALE_UP'] }], BakeTimeInMinutes: 1 });
    expect(configurationOf(deploy(Deployment.rolling({ hooks, bakeTime: Duration.minutes(5) })).stack).BakeTimeInMinutes).toBe(5);
  });

  test('can be one of several, which share one role', () => {
    const stack = newStack();
    const hooks = ['One', 'Two'].map(id => DeploymentHook.lambda(newFunction(stack, id), { stages: [PRE_SCALE_UP] }));
    deploy(Deployment.blueGreen({ hooks }), {}, stack);
    const [one, two] = configurationOf(stack).LifecycleHooks;
    expect(one.RoleArn).toEqual(two.RoleArn);
    expect(one.HookTargetArn).not.toEqual(two.HookTargetArn);
  });

  test('leaves hooks in place that users add to the service', () => {
    const stack = newStack();
    const { service } = deploy(Deployment.blueGreen({ hooks: [DeploymentHook.pause({ stages: [PRE_SCALE_UP] })] }), {}, stack);
    service.ecsService.addLifecycleHook(new ecs.DeploymentLifecycleLambdaTarget(newFunction(stack), 'Mine', {
      lifecycleStages: [ecs.DeploymentLifecycleStage.POST_SCALE_UP],
    }));
    expect(configurationOf(stack).LifecycleHooks).toEqual([
      { TargetType: 'PAUSE', LifecycleStages: ['PRE_SCALE_UP'] }, expect.objectContaining({ LifecycleStages: ['POST_SCALE_UP'] }),
    ]);
  });

  test('can call a function of another stack', () => {
    const app = new App();
    const check = newFunction(new Stack(app, 'Tests'));
    const stack = new Stack(app, 'Stack');
    deploy(Deployment.blueGreen({ hooks: [DeploymentHook.lambda(check, { stages: [PRE_SCALE_UP] })] }), {}, stack);
    expect(configurationOf(stack).LifecycleHooks[0].HookTargetArn).toEqual({ 'Fn::ImportValue': expect.stringMatching(/^Tests:/) });
  });

  test('has no role if it calls no function', () => {
    const { stack } = deploy(Deployment.blueGreen({ hooks: [DeploymentHook.pause({ stages: [PRE_SCALE_UP] })] }));
    expect(Object.keys(Template.fromStack(stack).findResources('AWS::IAM::Role')).filter(id => id.includes('Hook'))).toEqual([]);
  });
});
