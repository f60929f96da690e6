import { Lazy, Stack } from 'aws-cdk-lib';
import { AutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { AmiHardwareType, AsgCapacityProvider, Cluster, ContainerImage, EcsOptimizedImage } from 'aws-cdk-lib/aws-ecs';
import { AsgProviderShare, Ec2Capacity, Ec2Service, Ec2ServiceProps, FargateCapacity, ImageRepository } from '../../../src';
import { APP, Match, newStack, Template } from '../../helpers/stack';
import { messageOf, told, wrong } from '../../helpers/wrong-input';

const SERVICE = 'AWS::ECS::Service';
const ASSOCIATIONS = 'AWS::ECS::ClusterCapacityProviderAssociations';

/** A stack with a cluster without instances, and two Auto Scaling groups. One of them is for Graviton. */
function newFleet(stack = newStack()) {
  const vpc = new Vpc(stack, 'Vpc');
  const cluster = new Cluster(stack, 'Cluster', { vpc });
  const provider = (id: string, type: string, hardware: AmiHardwareType) => new AsgCapacityProvider(stack, `${id}Provider`, {
    autoScalingGroup: new AutoScalingGroup(stack, id, {
      vpc, instanceType: new InstanceType(type), machineImage: EcsOptimizedImage.amazonLinux2023(hardware),
    }),
  });
  return { stack, cluster, graviton: provider('Graviton', 'm8g.large', AmiHardwareType.ARM), intel: provider('Intel', 'm7i.large', AmiHardwareType.STANDARD) };
}

function define(stack: Stack, props: Partial<Ec2ServiceProps> & Pick<Ec2ServiceProps, 'cluster'>): void {
  new Ec2Service(stack, 'Service', { containers: { web: { image: ContainerImage.fromRegistry('nginx') } }, ...props });
}

describe('an Ec2Service', () => {
  test('runs on the instances of its cluster', () => {
    const { stack, cluster } = newFleet();
    cluster.addCapacity('Capacity', { instanceType: new InstanceType('t3.small') });
    define(stack, { cluster, capacity: Ec2Capacity.instancesOfTheCluster() });
    Template.fromStack(stack).hasResourceProperties(SERVICE, { LaunchType: 'EC2', CapacityProviderStrategy: Match.absent() });
  });

  test('runs on Graviton and x86 instances at once, with an image for both', () => {
    const { stack, cluster, graviton, intel } = newFleet();
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP, { platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] });
    define(stack, {
      cluster, containers: { web: { image } }, capacity: Ec2Capacity.providers({ provider: graviton, weight: 3, base: 1 }, { provider: intel }),
    });

    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::ECS::TaskDefinition', { RuntimePlatform: Match.absent() });
    template.hasResourceProperties(SERVICE, {
      LaunchType: Match.absent(),
      CapacityProviderStrategy: [
        { CapacityProvider: { Ref: Match.stringLikeRegexp('^GravitonProvider') }, Weight: 3, Base: 1 },
        { CapacityProvider: { Ref: Match.stringLikeRegexp('^IntelProvider') }, Weight: 1, Base: Match.absent() },
      ],
    });
  });

  test('adds the Auto Scaling groups to its cluster once, and is created after that', () => {
    const { stack, cluster, graviton, intel } = newFleet();
    cluster.addAsgCapacityProvider(intel, { spotInstanceDraining: true });
    define(stack, { cluster, capacity: Ec2Capacity.providers({ provider: graviton }, { provider: intel }) });

    const template = Template.fromStack(stack);
    const [associations] = Object.keys(template.findResources(ASSOCIATIONS));
    template.hasResourceProperties(ASSOCIATIONS, {
      CapacityProviders: [{ Ref: Match.stringLikeRegexp('^Intel') }, { Ref: Match.stringLikeRegexp('^Graviton') }],
    });
    template.hasResource(SERVICE, { DependsOn: Match.arrayWith([associations]) });
  });

  test('does not change an imported cluster', () => {
    const { stack, cluster: { vpc }, intel } = newFleet();
    const cluster = Cluster.fromClusterAttributes(stack, 'Imported', { clusterName: 'shared', vpc, securityGroups: [] });
    define(stack, { cluster, capacity: Ec2Capacity.providers({ provider: intel }) });
    Template.fromStack(stack).resourceCountIs(ASSOCIATIONS, 0);
  });
});

describe('a cluster without instances', () => {
  test('is reported as a warning, because instances can be added after the service', () => {
    const { stack, cluster } = newFleet();
    define(stack, { cluster });
    expect(() => Template.fromStack(stack)).toThrow(
      "'cluster' must have instances to run tasks on, got \"Stack/Cluster\". Add instances with cluster.addCapacity(…), "
      + 'set capacity: Ec2Capacity.providers({ provider }), or use a FargateService.',
    );
    cluster.addCapacity('Capacity', { instanceType: new InstanceType('t3.small') });
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('causes no warning if the service adds the instances', () => {
    const { stack, cluster, intel } = newFleet();
    define(stack, { cluster, capacity: Ec2Capacity.providers({ provider: intel }) });
    expect(() => Template.fromStack(stack)).not.toThrow();
  });

  test('causes no warning if the cluster is imported, because its instances are unknown', () => {
    const { stack, cluster: { vpc } } = newFleet();
    define(stack, { cluster: Cluster.fromClusterAttributes(stack, 'Imported', { clusterName: 'shared', vpc, securityGroups: [] }) });
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});

/** The error message for a service with this capacity. */
function errorOf(capacity: (fleet: ReturnType<typeof newFleet>) => unknown): string {
  const fleet = newFleet();
  return messageOf(() => define(fleet.stack, { cluster: fleet.cluster, capacity: wrong(capacity(fleet)) }));
}

const share = (options: object) => ({ intel }: ReturnType<typeof newFleet>) =>
  Ec2Capacity.providers(wrong<AsgProviderShare>({ provider: intel, ...options }));

describe('input that ECS would reject is reported at synthesis:', () => {
  test.each<[string, Parameters<typeof errorOf>[0], string, string, string]>([
    ['no provider', () => Ec2Capacity.providers(), 'capacity.providers', 'have at least 1 item, got []', 'each with its weight'],
    ['a negative weight', share({ weight: -1 }), 'capacity.providers[0].weight', 'be a whole number from 0 to 1000, got -1', 'relative to the other weights'],
    ['a negative base', share({ base: -1 }), 'capacity.providers[0].base', 'be a whole number from 0 to 100000, got -1', 'to place there first'],
    ['only a weight of zero', share({ weight: 0, base: 1 }), 'capacity.providers', 'have a weight above 0', 'main provider to 1'],
    ['two bases', ({ intel, graviton }) => Ec2Capacity.providers({ provider: intel, base: 1 }, { provider: graviton, base: 2 }),
      'capacity.providers[1].base', 'be set for one capacity provider only, got 2', 'Keep the base'],
    ['one provider twice', ({ intel }) => Ec2Capacity.providers({ provider: intel }, { provider: intel }),
      'capacity.providers[1].provider', 'be listed once', 'Add up the weights.'],
    ['the name of a provider', share({ provider: 'my-provider' }), 'capacity.providers[0].provider', 'be the capacity provider of an Auto Scaling group', 'AsgCapacityProvider'],
    ['the Auto Scaling group itself', ({ intel }) => Ec2Capacity.providers(wrong({ provider: intel.autoScalingGroup })),
      'capacity.providers[0].provider', 'be the capacity provider of an Auto Scaling group', 'AsgCapacityProvider'],
    ['undefined for a provider', () => Ec2Capacity.providers(wrong(undefined)), 'capacity.providers[0]', 'be an object, got undefined', '{ provider, weight: 1 }'],
    ['a list', ({ intel }) => Ec2Capacity.providers(wrong([{ provider: intel }])), 'capacity.providers[0]', 'be an object', '{ provider, weight: 1 }'],
    ['the capacity of Fargate', () => FargateCapacity.spot(), 'capacity', 'be an Ec2Capacity, got an object of class FargateCapacity', 'Ec2Capacity.providers('],
    ['a factory that was not called', () => Ec2Capacity.instancesOfTheCluster, 'capacity', 'a function that was not called', 'Call a factory'],
  ])('%s', (_, capacity, property, rule, fix) => {
    const message = errorOf(capacity);
    expect(message).toMatch(told(property));
    expect(message).toContain(rule);
    expect(message).toContain(fix);
  });

  test.each<[string, Parameters<typeof errorOf>[0]]>([
    ['the largest numbers', share({ weight: 1000, base: 100_000 })],
    ['a base of zero next to another', ({ intel, graviton }) => Ec2Capacity.providers({ provider: intel, base: 0 }, { provider: graviton, base: 2 })],
    ['one weight of zero next to another', ({ intel, graviton }) => Ec2Capacity.providers({ provider: intel, weight: 0, base: 2 }, { provider: graviton })],
    ['numbers that are tokens', share({ weight: Lazy.number({ produce: () => 1 }), base: Lazy.number({ produce: () => 1 }) })],
  ])('accepted: %s', (_, capacity) => {
    expect(errorOf(capacity)).toBe('accepted');
  });
});
