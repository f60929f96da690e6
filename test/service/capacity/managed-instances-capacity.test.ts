import { Lazy, Size } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { CapacityOptionType, Cluster, ContainerImage, CpuArchitecture, ManagedInstancesCapacityProvider } from 'aws-cdk-lib/aws-ecs';
import { HttpNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import {
  BuildAndPushImageOptions, Deployment, Exposure, FargateService, FargateSize, ImageRepository, ManagedInstancesCapacity, ManagedInstancesService,
  ManagedInstancesServiceProps, Scaling, TaskSize,
} from '../../../src';
import { APP, Match, newStack, Template } from '../../helpers/stack';
import { messageOf, told, wrong } from '../../helpers/wrong-input';

const SERVICE = 'AWS::ECS::Service';
const TASK = 'AWS::ECS::TaskDefinition';
const image = ContainerImage.fromRegistry('nginx');

/** A stack with a cluster, and a capacity provider that no cluster has yet. */
function newFleet(stack = newStack()) {
  const vpc = new Vpc(stack, 'Vpc');
  const cluster = new Cluster(stack, 'Cluster', { vpc });
  const securityGroups = [new SecurityGroup(stack, 'Instances', { vpc })];
  const provider = (id: string, capacityOptionType?: CapacityOptionType) => new ManagedInstancesCapacityProvider(stack, id, {
    subnets: vpc.privateSubnets, securityGroups, capacityOptionType, instanceRequirements: { vCpuCountMin: 1, memoryMin: Size.gibibytes(2) },
  });
  return { stack, vpc, cluster, provider: provider('Provider'), newSpot: () => provider('SpotProvider', CapacityOptionType.SPOT) };
}

function synthesize(props: Partial<ManagedInstancesServiceProps>, fleet = newFleet()): Template {
  const { stack, cluster, provider } = fleet;
  new ManagedInstancesService(stack, 'Service', {
    cluster, containers: { web: { image, port: 80 } }, capacity: ManagedInstancesCapacity.providers({ provider }), ...props,
  });
  return Template.fromStack(stack);
}

describe('a ManagedInstancesService', () => {
  test('runs on instances of a capacity provider, behind a load balancer, and each task has its own IP address', () => {
    const template = synthesize({ exposure: Exposure.publicHttp() });
    template.hasResourceProperties(TASK, { RequiresCompatibilities: ['MANAGED_INSTANCES'], NetworkMode: 'awsvpc', Cpu: '256', Memory: '512' });
    template.hasResourceProperties(SERVICE, {
      LaunchType: Match.absent(),
      CapacityProviderStrategy: [{ CapacityProvider: { Ref: Match.stringLikeRegexp('^Provider') }, Weight: 1 }],
      NetworkConfiguration: { AwsvpcConfiguration: Match.objectLike({ AssignPublicIp: 'DISABLED' }) },
    });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', { TargetType: 'ip' });
  });

  test('adds the capacity provider to its cluster', () => {
    synthesize({}).hasResourceProperties('AWS::ECS::CapacityProvider', { ClusterName: { Ref: Match.stringLikeRegexp('^Cluster') } });
  });

  test('adds the capacity provider to an imported cluster', () => {
    const fleet = newFleet();
    const cluster = Cluster.fromClusterAttributes(fleet.stack, 'Imported', { clusterName: 'shared', vpc: fleet.vpc, securityGroups: [] });
    synthesize({ cluster, capacity: ManagedInstancesCapacity.providers({ provider: fleet.provider }) }, { ...fleet, cluster: wrong(cluster) })
      .resourcePropertiesCountIs('AWS::ECS::CapacityProvider', { ClusterName: 'shared' }, 1);
  });

  test('mixes on-demand and Spot', () => {
    const fleet = newFleet();
    const { provider, newSpot } = fleet;
    const capacity = ManagedInstancesCapacity.providers({ provider, base: 1 }, { provider: newSpot(), weight: 4 });
    synthesize({ capacity }, fleet).hasResourceProperties(SERVICE, {
      CapacityProviderStrategy: [
        { CapacityProvider: { Ref: Match.stringLikeRegexp('^Provider') }, Weight: 1, Base: 1 },
        { CapacityProvider: { Ref: Match.stringLikeRegexp('^Spot') }, Weight: 4 },
      ],
    });
  });

  test('rolls back when new tasks fail, and scales', () => {
    const template = synthesize({ scaling: Scaling.between(1, 3).onCpu(60) });
    template.hasResourceProperties(SERVICE, {
      DeploymentConfiguration: { DeploymentCircuitBreaker: { Enable: true, Rollback: true } }, DesiredCount: Match.absent(),
    });
    template.resourceCountIs('AWS::ApplicationAutoScaling::ScalableTarget', 1);
  });

  test.each<[string, Partial<ManagedInstancesServiceProps>, string, string]>([
    ['the sum of the containers', { containers: { web: { image, cpu: 300, memoryLimitMiB: 700 }, side: { image, memoryLimitMiB: 77 } } }, '300', '777'],
    ['the given size, in any combination', { size: TaskSize.of(128, 100_000) }, '128', '100000'],
    ['a token', { size: TaskSize.of(Lazy.number({ produce: () => 1 }), Lazy.number({ produce: () => 2 })) }, '1', '2'],
  ])('has a task size: %s', (_, props, Cpu, Memory) => {
    synthesize(props).hasResourceProperties(TASK, { Cpu, Memory });
  });

  test.each<[string, BuildAndPushImageOptions, CpuArchitecture | undefined, string | undefined]>([
    ['that of an image for one', { platform: Platform.LINUX_ARM64 }, undefined, 'ARM64'],
    ['any architecture, for an image for both', { platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] }, undefined, undefined],
    ['the given one, for an image for both', { platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] }, CpuArchitecture.ARM64, 'ARM64'],
  ])('runs on the right architecture: %s', (_, options, cpuArchitecture, expected) => {
    const fleet = newFleet();
    const published = new ImageRepository(fleet.stack, 'Repository').buildAndPushImage(APP, options);
    synthesize({ containers: { web: { image: published } }, cpuArchitecture }, fleet).hasResourceProperties(TASK, {
      RuntimePlatform: expected === undefined ? Match.absent() : { CpuArchitecture: expected, OperatingSystemFamily: 'LINUX' },
    });
  });

  test('turns zone rebalancing off if the deployment allows no additional tasks, and otherwise uses the ECS default', () => {
    const deployment = Deployment.rolling({ minHealthyPercent: 50, maxHealthyPercent: 100 });
    synthesize({ desiredCount: 2, deployment }).hasResourceProperties(SERVICE, { AvailabilityZoneRebalancing: 'DISABLED' });
    synthesize({}).hasResourceProperties(SERVICE, { AvailabilityZoneRebalancing: Match.absent() });
  });

  test('reserves CPU and memory for the proxy of Service Connect', () => {
    const fleet = newFleet();
    const exposure = Exposure.serviceConnect({ namespace: new HttpNamespace(fleet.stack, 'Namespace', { name: 'apps' }) });
    synthesize({ exposure }, fleet).hasResourceProperties(TASK, { Cpu: '512', Memory: '576' });
  });

  test('accepts a sidecar that fits, and rejects one that does not', () => {
    const { stack, cluster, provider } = newFleet();
    const repository = new ImageRepository(stack, 'Repository');
    const service = new ManagedInstancesService(stack, 'Service', {
      cluster, containers: { web: { image: repository.buildAndPushImage(APP) } }, capacity: ManagedInstancesCapacity.providers({ provider }),
    });
    expect(() => service.addContainer('side', { image, memoryLimitMiB: 513 })).toThrow("'size' must have at least what its containers need in total");
    expect(() => service.addContainer('side', { image: repository.buildAndPushImage(APP, { platform: Platform.LINUX_ARM64 }) }))
      .toThrow("'containers' must have images");
    expect(() => service.addContainer('side', { image, memoryLimitMiB: 512 })).not.toThrow();
  });
});

/** The error message for a service with these props. */
function errorOf(props: object | ((fleet: ReturnType<typeof newFleet>) => object)): string {
  const fleet = newFleet();
  return messageOf(() => synthesize(wrong(typeof props === 'function' ? props(fleet) : props), fleet));
}

const share = (options: object) => ({ provider }: ReturnType<typeof newFleet>) =>
  ({ capacity: ManagedInstancesCapacity.providers(wrong({ provider, ...options })) });

describe('input that cannot work is reported at synthesis:', () => {
  test.each<[string, Parameters<typeof errorOf>[0], string, string, string]>([
    ['no capacity', { capacity: undefined }, 'capacity', 'be a ManagedInstancesCapacity, got undefined', 'ManagedInstancesCapacity.providers('],
    ['a provider instead of capacity', ({ provider }) => ({ capacity: provider }), 'capacity', 'be a ManagedInstancesCapacity', 'ManagedInstancesCapacity.providers('],
    ['no provider', { capacity: ManagedInstancesCapacity.providers() }, 'capacity.providers', 'have at least 1 item, got []', 'Pass 1 to 20 capacity providers'],
    ['another value', share({ provider: {} }), 'capacity.providers[0].provider', 'be a capacity provider of ECS Managed Instances', 'ManagedInstancesCapacityProvider'],
    ['null for a provider', { capacity: ManagedInstancesCapacity.providers(wrong(null)) }, 'capacity.providers[0]', 'be an object, got null', '{ provider, weight: 1 }'],
    ['a wrong weight', share({ weight: 2000 }), 'capacity.providers[0].weight', 'got 2000', 'relative to the other weights'],
    ['two bases', ({ provider, newSpot }) => ({ capacity: ManagedInstancesCapacity.providers({ provider, base: 1 }, { provider: newSpot(), base: 1 }) }),
      'capacity.providers[1].base', 'be set for one capacity provider only', 'Keep the base'],
    ['a provider of another cluster', ({ stack, vpc, provider }) => {
      new Cluster(stack, 'Other', { vpc }).addManagedInstancesCapacityProvider(provider);
      return {};
    }, 'capacity.providers[0].provider', 'belong to the cluster of the service, got "Stack/Other"', 'Create a capacity provider for each cluster.'],
    ['too little CPU', { size: TaskSize.of(64, 512) }, 'size.cpu', 'be a whole number from 128 to 196608, got 64', '1024 for one vCPU'],
    ['a size of Fargate', { size: { cpu: 256, memoryLimitMiB: 512 } }, 'size', 'be a TaskSize', 'TaskSize.of(256, 512)'],
    ['containers that do not fit', { size: TaskSize.of(256, 512), containers: { web: { image, cpu: 512, memoryLimitMiB: 600 } } },
      'size', 'have at least what its containers need in total, 512 CPU units with 600 MiB, got "256 CPU units with 512 MiB"', 'TaskSize.of(512, 600)'],
    ['containers that need more than there is', { containers: { web: { image, cpu: 200_000 } } }, 'size.cpu', 'got 200000', '1024 for one vCPU'],
  ])('%s', (_, props, property, rule, fix) => {
    const message = errorOf(props);
    expect(message).toMatch(told(property));
    expect(message).toContain(rule);
    expect(message).toContain(fix);
  });

  test.each<[string, Parameters<typeof errorOf>[0]]>([
    ['the limits', { size: TaskSize.of(196_608, 6) }],
    ['containers that just fit', { size: TaskSize.of(512, 600), containers: { web: { image, cpu: 512, memoryLimitMiB: 600 } } }],
    ['a provider that is in the cluster already', ({ cluster, provider }) => {
      cluster.addManagedInstancesCapacityProvider(provider);
      return {};
    }],
    ['a weight of zero next to another', ({ provider, newSpot }) => ({ capacity: ManagedInstancesCapacity.providers({ provider, weight: 0, base: 1 }, { provider: newSpot() }) })],
  ])('accepted: %s', (_, props) => {
    expect(errorOf(props)).toBe('accepted');
  });

  test('a Fargate size is rejected on managed instances, and the other way round', () => {
    expect(errorOf({ size: FargateSize.of(256, 512) })).toMatch(told('size'));
    const { stack, cluster } = newFleet();
    expect(messageOf(() => new FargateService(stack, 'Service', { cluster, containers: { web: { image } }, size: wrong(TaskSize.of(256, 512)) })))
      .toContain("'size' must be a FargateSize");
  });
});
