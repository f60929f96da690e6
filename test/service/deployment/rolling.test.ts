import { CfnParameter, Duration } from 'aws-cdk-lib';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { configurationOf, deploy, serviceOf } from './scene';
import { CircuitBreaker, Deployment, Ec2Service, Exposure, FailureCounting } from '../../../src';
import { newCluster, newStack } from '../../helpers/stack';

describe('a rolling deployment', () => {
  test('is the default, rolls back when tasks fail, and never goes below the desired number of tasks', () => {
    const usual = configurationOf(deploy(undefined).stack);
    expect(usual).toMatchObject({
      Strategy: 'ROLLING', MinimumHealthyPercent: 100, MaximumPercent: 200, DeploymentCircuitBreaker: { Enable: true, Rollback: true },
    });
    expect(usual.DeploymentCircuitBreaker).toEqual({ Enable: true, Rollback: true });
    expect(configurationOf(deploy(Deployment.rolling()).stack)).toEqual(usual);
    expect(usual).not.toHaveProperty('LifecycleHooks');
    expect(usual).not.toHaveProperty('BakeTimeInMinutes');
  });

  test('can replace tasks in place if there is no room for more', () => {
    const { stack } = deploy(Deployment.rolling({ minHealthyPercent: 50, maxHealthyPercent: 100 }), { desiredCount: 2 });
    expect(configurationOf(stack)).toMatchObject({ MinimumHealthyPercent: 50, MaximumPercent: 100 });
  });

  test.each([
    ['a number', CircuitBreaker.afterFailures(5), { ThresholdConfiguration: { Type: 'COUNT', Value: 5 } }],
    ['a part, within bounds', CircuitBreaker.afterPercent(25), { ThresholdConfiguration: { Type: 'BOUNDED_PERCENT', Value: 25 } }],
    ['a part, without bounds', CircuitBreaker.afterUnboundedPercent(10), { ThresholdConfiguration: { Type: 'UNBOUNDED_PERCENT', Value: 10 } }],
    ['a number of all failures', CircuitBreaker.afterFailures(9, { counting: FailureCounting.CUMULATIVE }), {
      ThresholdConfiguration: { Type: 'COUNT', Value: 9 }, ResetOnHealthyTask: false,
    }],
    ['a number of failures in a row', CircuitBreaker.afterFailures(9, { counting: FailureCounting.CONSECUTIVE }), {
      ThresholdConfiguration: { Type: 'COUNT', Value: 9 }, ResetOnHealthyTask: true,
    }],
  ])('fails after %s', (_, circuitBreaker, expected) => {
    expect(configurationOf(deploy(Deployment.rolling({ circuitBreaker })).stack).DeploymentCircuitBreaker)
      .toEqual({ Enable: true, Rollback: true, ...expected });
  });

  test('retries forever only if you turn the circuit breaker off', () => {
    expect(configurationOf(deploy(Deployment.rolling({ circuitBreaker: CircuitBreaker.none() })).stack).DeploymentCircuitBreaker)
      .toEqual({ Enable: false, Rollback: false });
  });

  test('accepts tokens for numbers', () => {
    const stack = newStack();
    const number = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
    deploy(Deployment.rolling({
      minHealthyPercent: number('Min'), maxHealthyPercent: number('Max'), circuitBreaker: CircuitBreaker.afterFailures(number('Failures')),
      healthCheckGracePeriod: Duration.seconds(number('Grace')),
    }), { exposure: Exposure.publicHttp(), desiredCount: number('Desired') }, stack);

    const service = serviceOf(stack);
    expect(service.DeploymentConfiguration).toMatchObject({
      MinimumHealthyPercent: { Ref: 'Min' }, MaximumPercent: { Ref: 'Max' },
      DeploymentCircuitBreaker: { ThresholdConfiguration: { Type: 'COUNT', Value: { Ref: 'Failures' } } },
    });
    expect(service.HealthCheckGracePeriodSeconds).toEqual({ Ref: 'Grace' });
    expect(service).not.toHaveProperty('AvailabilityZoneRebalancing');
  });

  test('watches alarms for a while after the last task has been replaced', () => {
    expect(configurationOf(deploy(Deployment.rolling({ bakeTime: Duration.minutes(10) })).stack).BakeTimeInMinutes).toBe(10);
  });

  test('waits for slow tasks as long as you configure', () => {
    const deployment = Deployment.rolling({ healthCheckGracePeriod: Duration.minutes(3) });
    expect(serviceOf(deploy(deployment, { exposure: Exposure.publicHttp() }).stack).HealthCheckGracePeriodSeconds).toBe(180);

    const image = ContainerImage.fromRegistry('nginx');
    const checked = deploy(deployment, { containers: { web: { image, healthCheck: { command: ['CMD', 'true'] } } } });
    expect(serviceOf(checked.stack).HealthCheckGracePeriodSeconds).toBe(180);
  });

  test('can be used by two services', () => {
    const deployment = Deployment.rolling({ circuitBreaker: CircuitBreaker.afterFailures(4) });
    const [one, other] = [deploy(deployment), deploy(deployment)];
    expect(configurationOf(other.stack)).toEqual(configurationOf(one.stack));
  });
});

describe('zone rebalancing is on', () => {
  function onInstances(deployment?: Deployment) {
    const stack = newStack();
    const cluster = newCluster(stack) as Cluster;
    cluster.addCapacity('Capacity', { instanceType: new InstanceType('t3.small') });
    new Ec2Service(stack, 'Service', { cluster, containers: { web: { image: ContainerImage.fromRegistry('nginx') } }, desiredCount: 2, deployment });
    return stack;
  }
  const inPlace = Deployment.rolling({ minHealthyPercent: 50, maxHealthyPercent: 100 });

  test('on Fargate, unless the deployment allows no additional tasks, because ECS rejects that', () => {
    expect(serviceOf(deploy(undefined).stack).AvailabilityZoneRebalancing).toBe('ENABLED');
    expect(serviceOf(deploy(inPlace, { desiredCount: 2 }).stack).AvailabilityZoneRebalancing).toBe('DISABLED');
  });

  test('on instances, if the placement strategies allow it', () => {
    expect(serviceOf(onInstances())).not.toHaveProperty('AvailabilityZoneRebalancing');
    expect(serviceOf(onInstances(inPlace)).AvailabilityZoneRebalancing).toBe('DISABLED');
  });
});
