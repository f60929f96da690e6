import { CfnParameter, Duration, Lazy } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Cluster, ContainerImage, HealthCheck, Secret as EcsSecret } from 'aws-cdk-lib/aws-ecs';
import { Secret as SecretsManager } from 'aws-cdk-lib/aws-secretsmanager';
import { ContainerOptions, Exposure, FargateService, FargateServiceProps, FargateSize, ImageRepository } from '../../src';
import { APP, newCluster, newPublicCluster, newStack } from '../helpers/stack';

const image = ContainerImage.fromRegistry('nginx');

/** The error message of a service with this definition. */
function errorOf(props: Partial<FargateServiceProps>): string | undefined {
  const stack = newStack();
  try {
    new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image, port: 80 } }, ...props });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const web = (options: Partial<ContainerOptions>) => ({ containers: { web: { image, ...options } } });

describe('bad input fails at synthesis with path, property, rule, value and fix', () => {
  test('no container', () => {
    expect(errorOf({ containers: {} })).toBe(
      "Stack/Service: 'containers' must have at least one container, got []. Write containers: { web: { image, port: 80 } }.",
    );
  });

  test('no container that keeps the task running', () => {
    expect(errorOf(web({ essential: false }))).toBe(
      "Stack/Service: 'containers' must have an essential container, got [\"web\"]. "
      + "Remove 'essential' from the container that does the work.",
    );
  });

  test.each(['', 'web app', 'web.app', 'w'.repeat(256)])('the container name %j', name => {
    expect(errorOf({ containers: { [name]: { image } } })).toContain('must be named with 1 to 255 letters, digits, "-" or "_"');
  });

  test.each([0, 65536, -1, 80.5, NaN])('port %p', port => {
    expect(errorOf(web({ port }))).toBe(
      `Stack/Service: 'containers.web.port' must be a whole number from 1 to 65535, got ${port}. `
      + 'Use the port that the container listens on.',
    );
  });

  test.each([5, 0, 128.5])('%p MiB for a container', memoryLimitMiB => {
    expect(errorOf(web({ memoryLimitMiB }))).toBe(
      `Stack/Service: 'containers.web.memoryLimitMiB' must be a whole number of at least 6, got ${memoryLimitMiB}. `
      + 'Use at least 6 MiB, the minimum of Docker.',
    );
  });

  test.each([-1, -256, 0.25])('%p CPU units for a container', cpu => {
    expect(errorOf(web({ cpu }))).toContain("'containers.web.cpu' must be a whole number of at least 0");
  });

  test('two containers on one port', () => {
    expect(errorOf({ containers: { web: { image, port: 80 }, admin: { image, port: 80 } } })).toBe(
      "Stack/Service: 'containers.admin.port' must differ from the port of 'web' in the same task, got 80. "
      + 'Use another port for one of the two processes.',
    );
  });

  test('a task with less memory than its containers', () => {
    expect(errorOf({ ...web({ memoryLimitMiB: 1500 }), size: FargateSize.of(256, 1024) })).toBe(
      "Stack/Service: 'size' must have at least what its containers need in total, 0 CPU units with 1500 MiB, "
      + "got \"256 CPU units with 1024 MiB\". Use FargateSize.of(256, 2048), or leave 'size' out.",
    );
  });

  test.each([
    [FargateSize.of(256, 4096), 'Use the nearest size, FargateSize.of(512, 4096).'],
    [FargateSize.of(300, 600), 'Use the nearest size, FargateSize.of(512, 1024).'],
    [FargateSize.of(65536, 512), 'Use at most the largest size, FargateSize.of(32768, 249856).'],
  ])('a size that Fargate does not offer', (size, cure) => {
    expect(errorOf({ size })).toBe(`Stack/Service: 'size' must be a size that Fargate offers, got "${size.toString()}". ${cure}`);
  });

  test('containers that fit into no task', () => {
    expect(errorOf(web({ memoryLimitMiB: 300_000 }))).toContain("'containers' must fit into the largest Fargate task");
  });

  test.each([-1, 1.5, NaN])('%p tasks', desiredCount => {
    expect(errorOf({ desiredCount })).toBe(
      `Stack/Service: 'desiredCount' must be a whole number of at least 0, got ${desiredCount}. Use the number of tasks, 0 for none.`,
    );
  });

  test('images of two platforms in one task', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository');
    const containers = {
      web: { image: repository.buildAndPushImage(APP) },
      worker: { image: repository.buildAndPushImage(APP, { platform: Platform.LINUX_ARM64 }) },
    };
    expect(() => new FargateService(stack, 'Service', { cluster: newCluster(stack), containers })).toThrow(
      "Stack/Service: 'containers' must have images of one platform, because a task runs on one, "
      + 'got ["web: linux/amd64","worker: linux/arm64"]. Build them with the same \'platform\'.',
    );
  });

  test('an image for a platform that Fargate does not run', () => {
    const stack = newStack();
    const published = new ImageRepository(stack, 'Repository').buildAndPushImage(APP, { platform: Platform.custom('linux/s390x') });
    expect(() => new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image: published } } }))
      .toThrow("'containers' must have images for linux/amd64 or linux/arm64, on which ECS runs tasks, got \"linux/s390x\"");
  });

  test('a VPC in which tasks could not pull their image', () => {
    const stack = newStack();
    expect(() => new FargateService(stack, 'Service', { cluster: newPublicCluster(stack), containers: { web: { image } } })).toThrow(
      "Stack/Service: 'vpcSubnets' must be given, because the VPC has no private subnets with internet egress, got undefined. "
      + 'Use public subnets (vpcSubnets: { subnetType: SubnetType.PUBLIC }), add a NAT gateway, or use isolated subnets with VPC endpoints for ECR, S3 and Logs.',
    );
  });

  test('an exposed service without a port, or with more than one', () => {
    const exposure = Exposure.publicHttp();
    expect(errorOf({ ...web({}), exposure })).toContain(
      "Stack/Service/Exposure: 'containers' must have a container with a TCP port for the exposure, got []. "
      + 'Give a container a TCP port',
    );
    expect(errorOf({ containers: { web: { image, port: 80 }, admin: { image, port: 81 } }, exposure }))
      .toContain("'exposure' must select one of several TCP ports, got [\"web: 80/tcp\",\"admin: 81/tcp\"]. Select it: { containerName: 'web' }.");
    expect(errorOf({ exposure: Exposure.publicHttp({ containerName: 'admin' }) }))
      .toContain("'exposure.containerName' must be the name of a container with such a port, got \"admin\". Use one of: web.");
  });

  test('a listener port or a health check that a load balancer rejects', () => {
    expect(errorOf({ exposure: Exposure.publicHttp({ port: 70000 }) }))
      .toContain("'exposure.port' must be a whole number from 1 to 65535, got 70000");
    expect(errorOf({ exposure: Exposure.publicHttp({ healthCheck: { path: 'health' } }) }))
      .toContain("'exposure.healthCheck.path' must start with \"/\"");
  });

  test('the endpoint of a service without an exposure', () => {
    const stack = newStack();
    const service = new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image } } });
    expect(() => service.endpoint).toThrow(
      "Stack/Service: 'exposure' must have an endpoint, got \"no endpoint\". "
      + 'Use another exposure, e.g. exposure: Exposure.publicHttp().',
    );
  });

  test('more containers than ECS allows', () => {
    const names = Array.from({ length: 11 }, (_, index) => `c${index}`);
    expect(errorOf({ containers: Object.fromEntries(names.map(name => [name, { image }])) }))
      .toContain("'containers' must have at most 10 containers");
  });

  test.each<[string, unknown]>([
    ['a container without an image', {}], ['a name of an image', { image: 'nginx' }],
    ['a factory that was not called', { image: ContainerImage.fromRegistry }],
  ])('%s in place of an image', (_, container) => {
    expect(errorOf({ containers: { web: container as ContainerOptions } }))
      .toMatch(/^Stack\/Service: 'containers\.web\.image' must be a container image, got .*\. Use a PublishedImage, or another image/);
  });

  test('an environment variable without a value, or with the name of a secret', () => {
    expect(errorOf(web({ environment: { URL: undefined as unknown as string } })))
      .toContain("'containers.web.environment.URL' must be a string, got undefined.");
    const secret = EcsSecret.fromSecretsManager(SecretsManager.fromSecretNameV2(newStack(), 'Secret', 'password'));
    expect(errorOf(web({ environment: { PASSWORD: 'x' }, secrets: { PASSWORD: secret } })))
      .toContain("'containers.web.environment.PASSWORD' must not be a secret as well");
  });

  test.each<[string, Partial<HealthCheck>]>([
    ['interval', { interval: Duration.seconds(4) }],
    ['timeout', { timeout: Duration.seconds(61) }],
    ['startPeriod', { startPeriod: Duration.seconds(301) }],
    ['retries', { retries: 11 }],
  ])('a health check whose %s is outside the limits of ECS', (key, healthCheck) => {
    expect(errorOf(web({ healthCheck: { command: ['CMD', 'true'], ...healthCheck } })))
      .toContain(`'containers.web.healthCheck.${key}' must be a whole number from`);
  });

  test('a subnet selection without subnets', () => {
    expect(errorOf({ vpcSubnets: { availabilityZones: ['elsewhere'] } }))
      .toContain("'vpcSubnets' must select at least one subnet, got [\"availabilityZones\"].");
  });

  test('a load balancer in one availability zone', () => {
    const stack = newStack();
    const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 1 }) });
    expect(() => new FargateService(stack, 'Service', {
      cluster, containers: { web: { image, port: 80 } }, exposure: Exposure.publicHttp(),
    })).toThrow("'exposure' must find public subnets in two availability zones, which a load balancer needs");
  });

  test('an exposure that is a function which was not called', () => {
    expect(errorOf({ exposure: Exposure.publicHttp as unknown as Exposure })).toBe(
      "Stack/Service: 'exposure' must be an Exposure, got \"a function that was not called\". "
      + 'Use e.g. Exposure.publicHttp().',
    );
  });

  test('a sidecar that does not fit into the task', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository');
    const service = new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image, port: 80 } } });
    expect(() => service.addContainer('side', { image, port: 80 })).toThrow("'containers.side.port' must differ from the port of 'web'");
    expect(() => service.addContainer('side', { image: repository.buildAndPushImage(APP, { platform: Platform.LINUX_ARM64 }) }))
      .toThrow("'containers' must have images for the architecture of the task, got \"arm64\".");
    expect(() => service.addContainer('side', { image: repository.buildAndPushImage(APP) })).not.toThrow();
  });

  test('but not a container named like a construct of CDK', () => {
    const names = ['Resource', 'TaskRole', 'ExecutionRole', 'constructor', 'toString'];
    expect(errorOf({ containers: Object.fromEntries(names.map(name => [name, { image }])) })).toBeUndefined();
  });

  test('but not tokens', () => {
    const number = () => Lazy.number({ produce: () => 512 });
    expect(errorOf({
      containers: {
        web: {
          image, port: number(), cpu: number(), memoryLimitMiB: number(),
          environment: { URL: new CfnParameter(newStack(), 'Url').valueAsString },
          healthCheck: { command: ['CMD', 'true'], timeout: Duration.seconds(number()), retries: number() },
        },
      },
      exposure: Exposure.publicHttp({
        port: number(), healthCheck: { path: new CfnParameter(newStack(), 'Path').valueAsString },
      }),
      desiredCount: new CfnParameter(newStack(), 'Count', { type: 'Number' }).valueAsNumber,
      size: FargateSize.of(number(), number()),
    })).toBeUndefined();
  });
});
