import { CfnParameter, Lazy } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import * as fc from 'fast-check';
import { ContainerOptions, Exposure, FargateService, FargateServiceProps, FargateSize, ImageRepository } from '../../src';
import { APP, newCluster, newPublicCluster, newStack } from '../helpers/stack';

const image = ContainerImage.fromRegistry('nginx');

/** What a user gets to read when a service is defined like this. */
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

describe('bad input fails at synthesis with path, property, rule, value and cure', () => {
  test('no container', () => {
    expect(errorOf({ containers: {} })).toBe(
      "Stack/Service: 'containers' must have at least one container, got {}. Add one: containers: { web: { image, port: 80 } }.",
    );
  });

  test('no container that keeps the task running', () => {
    expect(errorOf(web({ essential: false }))).toBe(
      "Stack/Service: 'containers' must have a container that is essential, got [\"web\"]. "
      + "Leave 'essential' out for the container that does the work.",
    );
  });

  test.each(['', 'web app', 'web.app', 'w'.repeat(256)])('the container name %j', name => {
    expect(errorOf({ containers: { [name]: { image } } })).toContain('must be named with 1 to 255 letters, digits, "-" or "_"');
  });

  test.each([0, 65536, -1, 80.5, NaN])('port %p', port => {
    expect(errorOf(web({ port }))).toBe(
      `Stack/Service: 'containers.web.port' must be a whole number from 1 to 65535, got ${port}. `
      + 'Give the port that the process in the container listens on.',
    );
  });

  test.each([5, 0, 128.5])('%p MiB for a container', memoryLimitMiB => {
    expect(errorOf(web({ memoryLimitMiB }))).toBe(
      `Stack/Service: 'containers.web.memoryLimitMiB' must be a whole number of at least 6, got ${memoryLimitMiB}. `
      + 'Docker starts no container with less than 6 MiB.',
    );
  });

  test.each([0, -256, 0.25])('%p CPU units for a container', cpu => {
    expect(errorOf(web({ cpu }))).toContain("'containers.web.cpu' must be a whole number of at least 1");
  });

  test('two containers on one port', () => {
    expect(errorOf({ containers: { web: { image, port: 80 }, admin: { image, port: 80 } } })).toBe(
      "Stack/Service: 'containers.admin.port' must differ from the port of 'web' in the same task, got 80. "
      + 'Let one of the two processes listen on another port.',
    );
  });

  test('a task with less memory than its containers', () => {
    expect(errorOf({ ...web({ memoryLimitMiB: 1500 }), size: FargateSize.of(256, 1024) })).toBe(
      "Stack/Service: 'size' must hold what its containers need together, 0 CPU units with 1500 MiB, "
      + "got \"256 CPU units with 1024 MiB\". Use FargateSize.of(256, 2048), or leave 'size' out.",
    );
  });

  test.each([
    [FargateSize.of(256, 4096), 'The nearest is FargateSize.of(512, 4096).'],
    [FargateSize.of(300, 600), 'The nearest is FargateSize.of(512, 1024).'],
    [FargateSize.of(65536, 512), 'The largest is FargateSize.of(32768, 249856).'],
  ])('a size that Fargate does not offer', (size, cure) => {
    expect(errorOf({ size })).toBe(`Stack/Service: 'size' must be a size that Fargate offers, got "${size.toString()}". ${cure}`);
  });

  test('containers that fit into no task', () => {
    expect(errorOf(web({ memoryLimitMiB: 300_000 }))).toContain("'containers' must fit into the largest Fargate task");
  });

  test.each([-1, 1.5, NaN])('%p tasks', desiredCount => {
    expect(errorOf({ desiredCount })).toBe(
      `Stack/Service: 'desiredCount' must be a whole number of at least 0, got ${desiredCount}. Give the number of tasks, 0 to run none.`,
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
      + 'got {"web":"linux/amd64","worker":"linux/arm64"}. Build them with the same \'platform\'.',
    );
  });

  test('an image for a platform that Fargate does not run', () => {
    const stack = newStack();
    const published = new ImageRepository(stack, 'Repository').buildAndPushImage(APP, { platform: Platform.custom('linux/s390x') });
    expect(() => new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image: published } } }))
      .toThrow("'containers' must have images for linux/amd64 or linux/arm64, which is what Fargate runs, got \"linux/s390x\"");
  });

  test('a VPC in which tasks could not pull their image', () => {
    const stack = newStack();
    expect(() => new FargateService(stack, 'Service', { cluster: newPublicCluster(stack), containers: { web: { image } } })).toThrow(
      "Stack/Service: 'vpcSubnets' must be given, because the VPC has no private subnets with a way out, got undefined. "
      + 'Run in public subnets, with vpcSubnets: { subnetType: SubnetType.PUBLIC }, or give the VPC a NAT gateway.',
    );
  });

  test('an exposed service in which nothing listens, or too much', () => {
    const exposure = Exposure.publicHttp();
    expect(errorOf({ ...web({}), exposure })).toContain(
      "Stack/Service/Exposure: 'containers' must have one container with a port, because the service is exposed, got []. "
      + 'Give the container that answers a port',
    );
    expect(errorOf({ containers: { web: { image, port: 80 }, admin: { image, port: 81 } }, exposure }))
      .toContain("Say which: Exposure.publicHttp({ containerName: 'web' }).");
    expect(errorOf({ exposure: Exposure.publicHttp({ containerName: 'admin' }) }))
      .toContain("'exposure.containerName' must name a container that has a port, got \"admin\". Use one of: web.");
  });

  test('a listener port or a health check that no load balancer takes', () => {
    expect(errorOf({ exposure: Exposure.publicHttp({ listenerPort: 70000 }) }))
      .toContain("'exposure.listenerPort' must be a whole number from 1 to 65535, got 70000");
    expect(errorOf({ exposure: Exposure.publicHttp({ healthCheckPath: 'health' }) }))
      .toContain("'exposure.healthCheckPath' must start with \"/\"");
  });

  test('the endpoint of a service that is not exposed', () => {
    const stack = newStack();
    const service = new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image } } });
    expect(() => service.endpoint).toThrow(
      "Stack/Service: 'exposure' must give the service an endpoint, got \"an exposure without one\". "
      + 'Choose another, e.g. exposure: Exposure.publicHttp().',
    );
  });

  test('but not values that are only known at deployment', () => {
    const number = () => Lazy.number({ produce: () => 512 });
    expect(errorOf({
      containers: { web: { image, port: number(), cpu: number(), memoryLimitMiB: number() } },
      desiredCount: new CfnParameter(newStack(), 'Count', { type: 'Number' }).valueAsNumber,
      size: FargateSize.of(number(), number()),
    })).toBeUndefined();
  });
});

test('whatever fits into a Fargate task gets the cheapest size that holds it', () => {
  const need = fc.record({ cpu: fc.integer({ min: 1, max: 32768 }), memoryLimitMiB: fc.integer({ min: 6, max: 244 * 1024 }) });
  const price = (size: FargateSize) => size.cpu / 1024 * 9 + size.memoryLimitMiB / 1024;

  fc.assert(fc.property(need, need, (small, extra) => {
    const size = FargateSize._cheapest(small.cpu, small.memoryLimitMiB);
    const larger = FargateSize._cheapest(Math.max(small.cpu, extra.cpu), Math.max(small.memoryLimitMiB, extra.memoryLimitMiB));
    if (!size || !larger) {
      throw new Error('every need up to the largest size has a size');
    }
    return size.cpu >= small.cpu && size.memoryLimitMiB >= small.memoryLimitMiB && price(size) <= price(larger);
  }));
});
