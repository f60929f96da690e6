import { Lazy, Size } from 'aws-cdk-lib';
import { AutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AsgCapacityProvider, Cluster, ContainerImage, EcsOptimizedImage, PlacementConstraint, PlacementStrategy } from 'aws-cdk-lib/aws-ecs';
import { Deployment, Ec2Capacity, Ec2Placement, Ec2Service, Ec2ServiceProps, Scaling, TaskVolume } from '../../../src';
import { Match, newStack, Template } from '../../helpers/stack';
import { messageOf, told, wrong } from '../../helpers/wrong-input';

const SERVICE = 'AWS::ECS::Service';
const GRAVITON = PlacementConstraint.memberOf('attribute:ecs.cpu-architecture == arm64');

const NGINX = ContainerImage.fromRegistry('nginx');
const EBS = TaskVolume.managedEbs('data', { size: Size.gibibytes(5) });

function synthesize(props: Partial<Ec2ServiceProps>, hasInstances = true): Template {
  const stack = newStack();
  const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') });
  if (hasInstances) {
    cluster.addCapacity('Capacity', { instanceType: new InstanceType('t3.small') });
  }
  new Ec2Service(stack, 'Service', { cluster, containers: { web: { image: NGINX } }, ...props });
  return Template.fromStack(stack);
}

describe('an Ec2Service', () => {
  test('leaves the spread over the zones to ECS', () => {
    synthesize({}).hasResourceProperties(SERVICE, {
      SchedulingStrategy: 'REPLICA', PlacementStrategies: Match.absent(), PlacementConstraints: Match.absent(), DesiredCount: 1,
    });
  });

  test('places its tasks by your rules', () => {
    synthesize({
      placement: Ec2Placement.replicas({ strategies: [PlacementStrategy.spreadAcross('attribute:ecs.availability-zone'), PlacementStrategy.packedByMemory()], constraints: [GRAVITON] }),
    }).hasResourceProperties(SERVICE, {
      PlacementStrategies: [{ Type: 'spread', Field: 'attribute:ecs.availability-zone' }, { Type: 'binpack', Field: 'MEMORY' }],
      PlacementConstraints: [{ Type: 'memberOf', Expression: 'attribute:ecs.cpu-architecture == arm64' }],
    });
  });

  test('runs one task on each instance, and the old task stops before the new one starts', () => {
    synthesize({ placement: Ec2Placement.daemon({ constraints: [GRAVITON] }) }).hasResourceProperties(SERVICE, {
      SchedulingStrategy: 'DAEMON', DesiredCount: Match.absent(), LaunchType: 'EC2', PlacementConstraints: [Match.objectLike({ Type: 'memberOf' })],
      DeploymentConfiguration: Match.objectLike({
        MinimumHealthyPercent: 0, MaximumPercent: 100, DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      }),
    });
  });

  test('runs a daemon on a cluster without instances', () => {
    expect(() => synthesize({ placement: Ec2Placement.daemon() }, false)).not.toThrow();
  });
});

const provider = () => {
  const stack = newStack();
  const autoScalingGroup = new AutoScalingGroup(stack, 'Group', {
    vpc: new Vpc(stack, 'Vpc'), instanceType: new InstanceType('t3.small'), machineImage: EcsOptimizedImage.amazonLinux2023(),
  });
  return new AsgCapacityProvider(stack, 'Provider', { autoScalingGroup });
};
const replicas = (options: object) => ({ placement: Ec2Placement.replicas(wrong(options)) });
const daemon = (props: object) => ({ placement: Ec2Placement.daemon(), ...props });

describe('input that ECS would reject is reported at synthesis:', () => {
  test.each<[string, object, string, string, string]>([
    ['a number of daemons', daemon({ desiredCount: 2 }), 'desiredCount', 'be left out for a daemon, which runs one task on each instance, got 2', 'Ec2Placement.replicas()'],
    ['no daemons', daemon({ desiredCount: 0 }), 'desiredCount', 'be left out for a daemon', 'Ec2Placement.replicas()'],
    ['a daemon that scales', daemon({ scaling: Scaling.between(1, 2).onCpu(50) }), 'scaling', 'be left out for a daemon', 'Ec2Placement.replicas()'],
    ['a daemon on capacity providers', daemon({ capacity: Ec2Capacity.providers({ provider: provider() }) }), 'capacity', 'be left out for a daemon, because ECS does not support capacity providers', 'constraints'],
    ['a daemon with two tasks per instance', daemon({ deployment: Deployment.blueGreen() }), 'deployment', 'be rolling for a daemon', 'Deployment.rolling()'],
    ['a daemon with room for more', daemon({ deployment: Deployment.rolling({ minHealthyPercent: 0, maxHealthyPercent: 150 }) }),
      'deployment.maxHealthyPercent', 'be 100 for a daemon, which runs one task on each instance, got 150', 'maxHealthyPercent: 100'],
    ['a daemon that may never miss a task', daemon({ deployment: Deployment.rolling({ minHealthyPercent: 100, maxHealthyPercent: 100 }) }),
      'deployment.minHealthyPercent', 'be below 100 for a daemon, whose old task stops before the new one starts, got 100', 'minHealthyPercent: 0'],
    ['a daemon with room that is known later', daemon({ deployment: Deployment.rolling({ maxHealthyPercent: Lazy.number({ produce: () => 100 }) }) }),
      'deployment.maxHealthyPercent', 'be 100 for a daemon, which runs one task on each instance, got "a token"', 'maxHealthyPercent: 100'],
    ['a daemon with an EBS volume', daemon({ containers: { web: { image: NGINX, volumes: { '/data': EBS } } } }),
      'containers.web.volumes./data', 'not be an EBS volume in a daemon', 'Ec2Placement.replicas()'],
    ['six strategies', replicas({ strategies: Array.from({ length: 6 }, () => PlacementStrategy.randomly()) }), 'placement.strategies', 'have at most 5 rules, got 6', 'most important'],
    ['six fields in one strategy', replicas({ strategies: [PlacementStrategy.spreadAcross('a', 'b', 'c', 'd', 'e', 'f')] }), 'placement.strategies', 'got 6', 'most important'],
    ['eleven constraints', replicas({ constraints: Array.from({ length: 11 }, () => GRAVITON) }), 'placement.constraints', 'have at most 10 rules, got 11', 'most important'],
    ['a word', replicas({ strategies: ['random'] }), 'placement.strategies[0]', 'be a PlacementStrategy, got "random"', 'PlacementStrategy.'],
    ['a factory that was not called', replicas({ constraints: [PlacementConstraint.distinctInstances] }), 'placement.constraints[0]', 'was not called', 'PlacementConstraint.distinctInstances()'],
    ['a number for options', replicas(wrong(7)), 'placement', 'be an object, got 7', '{ strategies: [] }'],
    ['a daemon with strategies', { placement: Ec2Placement.daemon(wrong({ strategies: [PlacementStrategy.randomly()] })) },
      'placement.strategies', 'be a property that exists here', 'Leave it out: a daemon runs one task on each instance.'],
    ['constraints by their name in aws-cdk', replicas({ placementConstraints: [GRAVITON] }), 'placement.placementConstraints', 'be a property that exists here', 'Write constraints.'],
    ['no placement', { placement: null }, 'placement', 'be an Ec2Placement, got null', 'Ec2Placement.daemon()'],
    ['a placement that was not called', { placement: Ec2Placement.daemon }, 'placement', 'was not called', 'Call a factory'],
  ])('%s', (_, props, property, rule, fix) => {
    const message = messageOf(() => synthesize(wrong(props)));
    expect(message).toMatch(told(property));
    expect(message).toContain(rule);
    expect(message).toContain(fix);
  });

  test.each<[string, object]>([
    ['a daemon with its own deployment options', daemon({ deployment: Deployment.rolling({ minHealthyPercent: 0, maxHealthyPercent: 100 }) })],
    ['a daemon that keeps half of its tasks', daemon({ deployment: Deployment.rolling({ minHealthyPercent: 50, maxHealthyPercent: 100 }) })],
    ['a daemon that keeps a share of its tasks that is a token', daemon({
      deployment: Deployment.rolling({ minHealthyPercent: Lazy.number({ produce: () => 50 }), maxHealthyPercent: 100 }),
    })],
    ['replicas with an EBS volume', { containers: { web: { image: NGINX, volumes: { '/data': EBS } } } }],
    ['five strategies', replicas({ strategies: [PlacementStrategy.spreadAcross('a', 'b', 'c', 'd', 'e')] })],
    ['ten constraints', replicas({ constraints: Array.from({ length: 10 }, () => GRAVITON) })],
    ['empty lists', replicas({ strategies: [], constraints: [] })],
    ['none', replicas({})],
  ])('accepted: %s', (_, props) => {
    expect(messageOf(() => synthesize(wrong(props)))).toBe('accepted');
  });
});
