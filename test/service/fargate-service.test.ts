import { Stack } from 'aws-cdk-lib';
import { Peer, Port, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Exposure, FargateService, FargateServiceProps, FargateSize, ImageRepository } from '../../src';
import { APP, BY_DIGEST, flatten, imageOfTask, Match, newCluster, newPublicCluster, newStack, Template } from '../helpers/stack';

const NGINX = ContainerImage.fromRegistry('nginx');

function synthesize(props: Partial<FargateServiceProps>, stack = newStack()) {
  const service = new FargateService(stack, 'Service', {
    cluster: props.cluster ?? newCluster(stack), containers: { web: { image: NGINX, port: 80 } }, ...props,
  });
  return { stack, service, template: Template.fromStack(stack) };
}

describe('a FargateService', () => {
  test('runs a public nginx on the internet without any other setting', () => {
    const { service, template, stack } = synthesize({ exposure: Exposure.publicHttp() });

    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      Cpu: '256',
      Memory: '512',
      NetworkMode: 'awsvpc',
      RequiresCompatibilities: ['FARGATE'],
      ContainerDefinitions: [Match.objectLike({
        Name: 'web', Image: 'nginx', Essential: true, PortMappings: [{ ContainerPort: 80, Protocol: 'tcp' }],
      })],
    });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internet-facing', Type: 'application' });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      HealthCheckPath: '/', Matcher: { HttpCode: '200-399' }, TargetType: 'ip',
    });
    expect(flatten(stack.resolve(service.endpoint))).toMatch(/^http:\/\/\$\{ServiceExposureLoadBalancer\w+\.DNSName\}$/);
  });

  test('runs an image of your repository by digest', () => {
    const stack = newStack();
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
    const { template } = synthesize({ containers: { web: { image, memoryLimitMiB: 128, port: 80 } }, desiredCount: 2 }, stack);

    expect(imageOfTask(template)).toMatch(BY_DIGEST);
    template.hasResourceProperties('AWS::ECS::TaskDefinition', { ContainerDefinitions: [Match.objectLike({ Memory: 128 })] });
    template.hasResourceProperties('AWS::ECS::Service', { DesiredCount: 2 });
  });

  test('rolls back when new tasks fail, and never runs fewer than the desired number', () => {
    synthesize({}).template.hasResourceProperties('AWS::ECS::Service', {
      DesiredCount: 1,
      DeploymentConfiguration: {
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
      },
    });
  });

  test('keeps its logs for a month, also after a rollback', () => {
    synthesize({}).template.hasResource('AWS::Logs::LogGroup', {
      DeletionPolicy: 'Retain', Properties: { RetentionInDays: 30 },
    });
  });

  test('has permission to pull its image before the first task starts', () => {
    const stack = newStack();
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
    const { template } = synthesize({ containers: { web: { image } } }, stack);

    template.hasResource('AWS::ECS::Service', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('ExecutionRoleDefaultPolicy')]),
    });
  });

  test('has a public IP address in public subnets only', () => {
    const assigns = (AssignPublicIp: string) => ({ NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp } } });
    synthesize({}).template.hasResourceProperties('AWS::ECS::Service', assigns('DISABLED'));

    const stack = newStack();
    synthesize({ cluster: newPublicCluster(stack), vpcSubnets: { subnetType: SubnetType.PUBLIC } }, stack)
      .template.hasResourceProperties('AWS::ECS::Service', assigns('ENABLED'));
  });

  test('without an exposure has no load balancer and no open port', () => {
    const { template } = synthesize({});

    template.resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 0);
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  });

  test('with an internal exposure is open only to the VPC', () => {
    const { template } = synthesize({ exposure: Exposure.internalHttp({ port: 8080 }) });

    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internal' });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 8080 });
    const open = Object.values(template.findResources('AWS::EC2::SecurityGroup'))
      .flatMap(group => group.Properties.SecurityGroupIngress ?? []);
    expect(open).toEqual([expect.objectContaining({
      CidrIp: '10.0.0.0/16', FromPort: 8080, ToPort: 8080,
    })]);
  });

  test('can be granted permissions and connections, like any other CDK construct', () => {
    const stack = newStack();
    const service = new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image: NGINX, port: 80 } } });
    new Queue(stack, 'Queue').grantSendMessages(service);
    service.connections.allowFrom(Peer.ipv4('10.0.0.0/8'), Port.tcp(80));

    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('TaskRole') }],
      PolicyDocument: { Statement: [Match.objectLike({ Action: Match.arrayWith(['sqs:SendMessage']) })] },
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', { SecurityGroupIngress: [Match.objectLike({ CidrIp: '10.0.0.0/8' })] });
  });

  test('runs on the architecture of its images', () => {
    const stack = newStack();
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP, { platform: Platform.LINUX_ARM64 });

    synthesize({ containers: { web: { image }, sidecar: { image: NGINX } } }, stack)
      .template.hasResourceProperties('AWS::ECS::TaskDefinition', { RuntimePlatform: { CpuArchitecture: 'ARM64' } });
  });

  test.each([
    ['the default one, where an image for several platforms has it', [Platform.LINUX_ARM64, Platform.LINUX_AMD64], 'X86_64'],
    ['arm64, where such an image has that alone', [Platform.custom('linux/arm/v7'), Platform.LINUX_ARM64], 'ARM64'],
  ])('runs on %s', (_, platforms, expected) => {
    const stack = newStack();
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP, { platforms });

    const { template } = synthesize({ containers: { web: { image } } }, stack);
    const [{ Properties: { RuntimePlatform } }] = Object.values(template.findResources('AWS::ECS::TaskDefinition'));
    expect(RuntimePlatform?.CpuArchitecture ?? 'X86_64').toBe(expected);
  });

  test('passes container settings to ECS unchanged', () => {
    const { template } = synthesize({
      containers: {
        web: {
          image: NGINX, cpu: 64, command: ['serve'], entryPoint: ['/bin/app'], environment: { MODE: 'fast' },
          healthCheck: { command: ['CMD', 'true'] },
        },
        sidecar: { image: NGINX, essential: false },
      },
    });

    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({ Name: 'sidecar', Essential: false }),
        Match.objectLike({
          Cpu: 64, Command: ['serve'], EntryPoint: ['/bin/app'], Environment: [{ Name: 'MODE', Value: 'fast' }],
          HealthCheck: Match.objectLike({ Command: ['CMD', 'true'] }),
        }),
      ],
    });
  });

  test('accepts a sidecar later, if it fits', () => {
    const stack = newStack();
    const service = new FargateService(stack, 'Service', {
      cluster: newCluster(stack), containers: { web: { image: NGINX, port: 80 } },
    });
    service.addContainer('metrics', { image: NGINX, port: 9090, memoryLimitMiB: 256 });

    Template.fromStack(stack).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({ Name: 'web' }), Match.objectLike({ Name: 'metrics', Memory: 256 })],
    });
    expect(() => service.addContainer('web', { image: NGINX }))
      .toThrow("Stack/Service: 'containers.web' must have a unique name, got \"web\". Use another name for the second container.");
    expect(() => service.addContainer('big', { image: NGINX, memoryLimitMiB: 512 }))
      .toThrow("'size' must have at least what its containers need in total, 0 CPU units with 768 MiB, got \"256 CPU units with 512 MiB\".");
  });

  test('exposes the container that you name', () => {
    synthesize({
      containers: { web: { image: NGINX, port: 80 }, admin: { image: NGINX, port: 9000 } },
      exposure: Exposure.publicHttp({ containerName: 'admin', healthCheck: { path: '/up' } }),
    }).template.hasResourceProperties('AWS::ECS::Service', { LoadBalancers: [Match.objectLike({ ContainerName: 'admin', ContainerPort: 9000 })] });
  });

  test('keeps its logical ids between versions, so that nothing is replaced', () => {
    const { template } = synthesize({});
    expect(Object.keys(template.findResources('AWS::ECS::Service'))).toEqual(['Service9571FDD8']);
  });

  test('exposes the task definition for all other settings', () => {
    const { service } = synthesize({});
    expect(service.taskDefinition).toBeInstanceOf(FargateTaskDefinition);
    expect(service.ecsService.serviceName).toBeDefined();
    expect(Stack.of(service.logGroup)).toBe(Stack.of(service));
  });
});

test('the size in the fix of an error is a size that Fargate offers', () => {
  const { template } = synthesize({ size: FargateSize.of(512, 4096) });
  template.hasResourceProperties('AWS::ECS::TaskDefinition', { Cpu: '512', Memory: '4096' });
});
