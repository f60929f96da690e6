import { App, Duration, Stack, Stage } from 'aws-cdk-lib';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, Secret as EcsSecret } from 'aws-cdk-lib/aws-ecs';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { ContainerOptions, ContainerService, Exposure, FargateService, FargateServiceProps, FargateSize, OneOffTask, OneOffFargateTask, ScheduledFargateTask, ScheduledTask } from '../../src';
import { newCluster, newStack } from '../helpers/stack';
import { messageOf, told, wrong } from '../helpers/wrong-input';

const image = ContainerImage.fromRegistry('nginx');

function defined(props: object, stack = newStack()): string {
  const usual = { cluster: newCluster(stack), containers: { web: { image, port: 80 } } };
  return messageOf(() => new FargateService(stack, 'Service', wrong<FargateServiceProps>({ ...usual, ...props })));
}

const web = (options: object) => ({ containers: { web: { image, ...options } as ContainerOptions } });

describe('wrong types from JavaScript are reported with path, property, rule, value and fix, never with a TypeError:', () => {
  test.each([undefined, null, 'x'])('a service with the properties %j', props => {
    expect(messageOf(() => new FargateService(newStack(), 'Service', wrong(props)))).toMatch(told('props'));
  });

  describe.each([['an app', (app: App) => app], ['a stage', (app: App) => new Stage(app, 'Stage')]])('%s instead of the stack', (_, scopeIn) => {
    test.each([['a service', FargateService], ['a one-off task', OneOffFargateTask], ['a scheduled task', ScheduledFargateTask]])('of %s', (_kind, Kind) => {
      const app = new App();
      const cluster = newCluster(new Stack(app, 'Network'));
      const message = messageOf(() => new Kind(wrong(scopeIn(app)), 'Service', wrong({ cluster, containers: { web: { image } } })));
      expect(message).toMatch(/^(Stage\/)?Service: 'scope' must be a stack, or a construct in one, got an object of class (App|Stage)\d?\. Make it in a stack/);
    });
  });

  test('a service or a task of an unknown kind', () => {
    class OwnService extends ContainerService {}
    class OwnTask extends OneOffTask {}
    class OwnScheduledTask extends ScheduledTask {}
    for (const Own of [OwnService, OwnTask, OwnScheduledTask]) {
      const stack = newStack();
      const message = messageOf(() => new Own(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image } }, ...Own === OwnScheduledTask && { schedule: ScheduleExpression.rate(Duration.hours(1)) } } as never));
      expect(message).toMatch(told('class'));
      expect(message).toContain('Extend one of these.');
    }
  });

  test.each<[string, unknown]>([
    ['cluster', undefined], ['cluster', null], ['cluster', 'x'], ['cluster', {}], ['cluster', { vpc: {} }],
    ['containers', undefined], ['containers', null], ['containers', 'web'], ['containers', [{ image }]], ['size', 'x'], ['size', null], ['size', { cpu: 256, memoryLimitMiB: 512 }], ['size', FargateSize],
    ['vpcSubnets', null], ['vpcSubnets', 'x'], ['vpcSubnets', []], ['exposure', null], ['exposure', 'x'], ['desiredCount', null], ['desiredCount', '1'],
    ['securityGroups', null], ['securityGroups', 'sg-1'], ['securityGroups', []],
  ])('a service with wrong %s: %p', (property, value) => {
    expect(defined({ [property]: value })).toMatch(told(property));
  });

  test.each<[string, object]>([
    ['securityGroups', { securityGroups: Array(6).fill({ securityGroupId: 'sg-1' }) }],
    ['vpcSubnets', { vpcSubnets: { subnetGroupName: 'x' } }], ['vpcSubnets', { vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED } }],
    ['vpcSubnets.subnetType', { vpcSubnets: { subnetType: 'x' } }], ['vpcSubnets.subnets[0]', { vpcSubnets: { subnets: ['subnet-1'] } }],
    ['vpcSubnets.subnets', { vpcSubnets: { subnets: 'subnet-1' } }], ['enableExecuteCommand', { enableExecuteCommand: 'false' }],
    ['enableExecuteCommand', { enableExecuteCommand: null }],
  ])('a service with wrong %s: %p', (property, props) => {
    expect(defined(props)).toMatch(told(property));
  });

  test('a cluster that is imported without its VPC', () => {
    const stack = newStack();
    const cluster = Cluster.fromClusterArn(stack, 'Imported', 'arn:aws:ecs:eu-west-1:111111111111:cluster/main');
    const message = defined({ cluster }, stack);
    expect(message).toMatch(told('cluster'));
    expect(message).toContain('fromClusterAttributes');
  });

  test.each<[string, object]>([
    ['environment', { environment: null }], ['environment', { environment: 'x' }], ['environment', { environment: ['x'] }],
    ['environment.A', { environment: { A: 1 } }], ['secrets', { secrets: null }], ['secrets', { secrets: 'x' }],
    ['healthCheck', { healthCheck: 'curl' }], ['healthCheck', { healthCheck: null }], ['healthCheck.command', { healthCheck: {} }],
    ['healthCheck.command', { healthCheck: { command: 'curl' } }], ['healthCheck.interval', { healthCheck: { command: ['CMD', 'true'], interval: 30 } }],
  ])('a container with wrong %s: %j', (property, options) => {
    expect(defined(web(options))).toMatch(told(`containers.web.${property}`));
  });

  test.each([null, 'x', 80])('an exposure made of %j', options => {
    expect(defined({ exposure: Exposure.publicHttp(wrong(options)) })).toMatch(told('exposure'));
  });

  test('and a password instead of a secret is not shown', () => {
    const unwrapped = Secret.fromSecretNameV2(newStack(), 'Secret', 'password');
    for (const value of ['hunter2', { password: 'hunter2' }, ['hunter2'], undefined, null, unwrapped]) {
      const message = defined(web({ secrets: { A: value } }));
      expect(message).toMatch(told('containers.web.secrets.A'));
      expect(message).toContain('Use ecs.Secret.fromSecretsManager(…)');
      expect(message).not.toContain('hunter2');
    }
  });
});

test('valid secrets and health checks are accepted', () => {
  const stack = newStack();
  expect(defined(web({
    port: 80,
    secrets: {
      A: EcsSecret.fromSecretsManager(Secret.fromSecretCompleteArn(stack, 'Secret', 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:password-AbCd12'), 'field'),
      B: EcsSecret.fromSsmParameter(StringParameter.fromSecureStringParameterAttributes(stack, 'Parameter', { parameterName: '/password' })),
    },
    healthCheck: { command: ['CMD', 'true'], interval: Duration.seconds(30) },
  }), stack)).toBe('accepted');
});
