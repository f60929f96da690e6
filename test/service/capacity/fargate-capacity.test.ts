import { Lazy, NestedStack, Stack } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, ICluster } from 'aws-cdk-lib/aws-ecs';
import { Ec2Capacity, FargateCapacity, FargateService, FargateCapacityMixedOptions } from '../../../src';
import { Match, newCluster, newStack, Template } from '../../helpers/stack';
import { messageOf, told, wrong } from '../../helpers/wrong-input';

const SERVICE = 'AWS::ECS::Service';
const ASSOCIATIONS = 'AWS::ECS::ClusterCapacityProviderAssociations';
const containers = { web: { image: ContainerImage.fromRegistry('nginx') } };

function synthesize(capacity?: FargateCapacity, stack = newStack(), cluster = newCluster(stack)): Template {
  new FargateService(stack, 'Service', { cluster, containers, capacity });
  return Template.fromStack(stack);
}

describe('a FargateService', () => {
  test.each([['said', FargateCapacity.onDemand()], ['not said', undefined]])('runs on-demand if that is %s', (_, capacity) => {
    const template = synthesize(capacity);
    template.hasResourceProperties(SERVICE, { LaunchType: 'FARGATE', CapacityProviderStrategy: Match.absent() });
    template.resourceCountIs(ASSOCIATIONS, 0);
  });

  test('runs on Spot, and adds the Fargate capacity providers to its cluster', () => {
    const template = synthesize(FargateCapacity.spot());
    template.hasResourceProperties(SERVICE, {
      LaunchType: Match.absent(), CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE_SPOT', Weight: 1 }],
    });
    template.hasResourceProperties(ASSOCIATIONS, { CapacityProviders: ['FARGATE', 'FARGATE_SPOT'] });
  });

  test.each<[string, FargateCapacityMixedOptions, object[]]>([
    ['half and half', {}, [{ CapacityProvider: 'FARGATE', Weight: 1, Base: Match.absent() }, { CapacityProvider: 'FARGATE_SPOT', Weight: 1 }]],
    ['two on-demand, the others on Spot', { onDemandBase: 2, onDemandWeight: 0 },
      [{ CapacityProvider: 'FARGATE', Weight: 0, Base: 2 }, { CapacityProvider: 'FARGATE_SPOT', Weight: 1 }]],
    ['one of four on Spot', { onDemandWeight: 3 }, [{ CapacityProvider: 'FARGATE', Weight: 3 }, { CapacityProvider: 'FARGATE_SPOT', Weight: 1 }]],
  ])('mixes on-demand and Spot: %s', (_, options, strategy) => {
    synthesize(FargateCapacity.mixed(options))
      .hasResourceProperties(SERVICE, { CapacityProviderStrategy: strategy.map(each => Match.objectLike(each)) });
  });

  test('is created after the capacity providers of its cluster, and deleted before them', () => {
    const template = synthesize(FargateCapacity.spot());
    const [associations] = Object.keys(template.findResources(ASSOCIATIONS));
    template.hasResource(SERVICE, { DependsOn: Match.arrayWith([associations]) });
  });

  test('shares its cluster with other services, and can be defined inside the cluster', () => {
    const stack = newStack();
    const cluster = newCluster(stack);
    new FargateService(cluster as Cluster, 'Inside', { cluster, containers, capacity: FargateCapacity.spot() });
    const template = synthesize(FargateCapacity.mixed(), stack, cluster);
    template.resourceCountIs(SERVICE, 2);
    template.resourceCountIs(ASSOCIATIONS, 1);
  });

  test('uses the capacity providers of a cluster that enables them itself', () => {
    const stack = newStack();
    const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc'), enableFargateCapacityProviders: true });
    synthesize(FargateCapacity.spot(), stack, cluster).hasResourceProperties(ASSOCIATIONS, { CapacityProviders: ['FARGATE', 'FARGATE_SPOT'] });
  });

  test('does not change an imported cluster', () => {
    const stack = newStack();
    const vpc = new Vpc(stack, 'Vpc');
    const cluster = Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'shared', vpc, securityGroups: [new SecurityGroup(stack, 'Group', { vpc })] });
    const template = synthesize(FargateCapacity.spot(), stack, cluster);
    template.resourceCountIs(ASSOCIATIONS, 0);
    template.hasResourceProperties(SERVICE, { Cluster: 'shared', CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE_SPOT', Weight: 1 }] });
  });

  test('can run in another stack than its cluster', () => {
    const stack = newStack();
    const cluster = newCluster(stack);
    const other = new Stack(stack.node.root, 'Other');
    new FargateService(other, 'Service', { cluster, containers, capacity: FargateCapacity.spot() });
    new FargateService(new NestedStack(stack, 'Nested'), 'Service', { cluster, containers, capacity: FargateCapacity.spot() });
    Template.fromStack(other).hasResourceProperties(SERVICE, { CapacityProviderStrategy: Match.anyValue() });
    Template.fromStack(stack).resourceCountIs(ASSOCIATIONS, 1);
    expect(other.dependencies.map(each => each.node.path)).toEqual(['Stack']);
  });
});

/** The error message for a service with this capacity. */
function errorOf(capacity: unknown): string {
  const stack = newStack();
  const cluster: ICluster = newCluster(stack);
  return messageOf(() => new FargateService(stack, 'Service', { cluster, containers, capacity: wrong(capacity) }));
}

describe('input that ECS would reject is reported at synthesis:', () => {
  test.each<[string, unknown, string, string, string]>([
    ['a negative weight', FargateCapacity.mixed({ spotWeight: -1 }), 'capacity.spotWeight', 'be a whole number from 0 to 1000, got -1', 'relative to the other weights'],
    ['a negative base', FargateCapacity.mixed({ onDemandBase: -1 }), 'capacity.onDemandBase', 'be a whole number from 0 to 100000, got -1', 'to place there first'],
    ['two weights of zero', FargateCapacity.mixed({ onDemandBase: 1, onDemandWeight: 0, spotWeight: 0 }), 'capacity', 'have a weight above 0', 'main provider to 1'],
    ['a base from aws-cdk', FargateCapacity.mixed(wrong({ base: 1 })), 'capacity.base', 'be a property that exists here', 'Write onDemandBase.'],
    ['no capacity', null, 'capacity', 'be a FargateCapacity, got null', 'FargateCapacity.mixed('],
    ['the capacity of instances', Ec2Capacity.instancesOfTheCluster(), 'capacity', 'be a FargateCapacity, got an object of class Ec2Capacity', 'FargateCapacity.mixed('],
    ['a factory that was not called', FargateCapacity.spot, 'capacity', 'a function that was not called', 'Call a factory'],
    ['a number for options', FargateCapacity.mixed(wrong(2)), 'capacity', 'be an object, got 2', '{ onDemandBase: 1, spotWeight: 4 }'],
  ])('%s', (_, capacity, property, rule, fix) => {
    const message = errorOf(capacity);
    expect(message).toMatch(told(property));
    expect(message).toContain(rule);
    expect(message).toContain(fix);
  });

  test.each<[string, FargateCapacityMixedOptions]>([
    ['the largest numbers', { onDemandBase: 100_000, onDemandWeight: 1000, spotWeight: 1000 }],
    ['all on Spot', { onDemandWeight: 0 }],
    ['the first on-demand, and on-demand only', { onDemandBase: 1, spotWeight: 0 }],
    ['no base', { onDemandBase: 0 }],
    ['numbers that are tokens', {
      onDemandBase: Lazy.number({ produce: () => 1 }), onDemandWeight: Lazy.number({ produce: () => 1 }),
      spotWeight: Lazy.number({ produce: () => 2 }),
    }],
  ])('accepted: %s', (_, options) => {
    expect(errorOf(FargateCapacity.mixed(options))).toBe('accepted');
  });
});
