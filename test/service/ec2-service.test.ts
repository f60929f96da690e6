import { InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Ec2Service, Ec2ServiceProps, Exposure, ImageRepository } from '../../src';
import { APP, BY_DIGEST, imageOfTask, Match, newStack, Template } from '../helpers/stack';

function synthesize(props: Partial<Ec2ServiceProps>, stack = newStack()) {
  const cluster = new Cluster(stack, 'Instances', { vpc: new Vpc(stack, 'Network') });
  cluster.addCapacity('Capacity', { instanceType: new InstanceType('t3.small') });
  const service = new Ec2Service(stack, 'Service', {
    cluster, containers: { web: { image: ContainerImage.fromRegistry('nginx'), port: 80 } }, ...props,
  });
  return { stack, service, template: Template.fromStack(stack) };
}

describe('an Ec2Service', () => {
  test('runs an image of your repository by digest behind a load balancer, and each task has its own IP address', () => {
    const stack = newStack();
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
    const { template } = synthesize({ containers: { web: { image, port: 80 } }, exposure: Exposure.publicHttp() }, stack);

    expect(imageOfTask(template)).toMatch(BY_DIGEST);
    template.hasResourceProperties('AWS::ECS::TaskDefinition', { NetworkMode: 'awsvpc', RequiresCompatibilities: ['EC2'] });
    template.hasResourceProperties('AWS::ECS::Service', { LaunchType: 'EC2', LoadBalancers: [Match.objectLike({ ContainerPort: 80 })] });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', { TargetType: 'ip' });
  });

  test('rolls back when new tasks fail', () => {
    synthesize({}).template.hasResourceProperties('AWS::ECS::Service', {
      DeploymentConfiguration: { DeploymentCircuitBreaker: { Enable: true, Rollback: true }, MinimumHealthyPercent: 100, MaximumPercent: 200 },
    });
  });

  test('reserves memory for a container without a memory option, because ECS needs it for the placement', () => {
    synthesize({}).template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({ MemoryReservation: 512 })],
    });
  });

  test.each([
    ['one platform to instances of that platform', { platform: Platform.LINUX_ARM64 }, 'ARM64'],
    ['both platforms to any instance', { platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] }, undefined],
  ])('accepts an image for %s', (_what, options, architecture) => {
    const stack = newStack();
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP, options);
    synthesize({ containers: { web: { image } } }, stack).template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      RuntimePlatform: architecture === undefined ? Match.absent() : { CpuArchitecture: architecture, OperatingSystemFamily: 'LINUX' },
    });
  });
});
