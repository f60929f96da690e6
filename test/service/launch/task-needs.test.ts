import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import { GenericLogDriver, LogDrivers } from 'aws-cdk-lib/aws-ecs';
import { HttpNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { ContainerLogging, Exposure, ExposureConfig, FargateSize } from '../../../src';
import { NGINX, saidOf, serviceWith, taskOf } from '../../helpers/containers';
import { Match, newStack } from '../../helpers/stack';
import { told } from '../../helpers/wrong-input';

const firelens = () => ContainerLogging.to(LogDrivers.firelens({ options: { Name: 'stdout' } }));

type Options = { launch?: 'Fargate' | 'EC2' };

/** A service with Service Connect in its own namespace. */
function connected(containers: { [name: string]: object }, props: object = {}, { launch }: Options = {}) {
  const stack = newStack();
  const namespace = new HttpNamespace(stack, 'Namespace', { name: 'apps' });
  return serviceWith(containers, { exposure: Exposure.serviceConnect({ namespace }), ...props }, { launch, stack });
}

const sizeOf = ({ stack }: ReturnType<typeof serviceWith>) => {
  const { Cpu, Memory } = taskOf(stack).task;
  return `${Cpu} ${Memory}`;
};

describe('a container whose memory is only known at deployment', () => {
  const warning = 'The default \'size\' does not include the container \'web\'';
  const web = (stack: Stack) => ({ web: { memoryLimitMiB: new CfnParameter(stack, 'Memory', { type: 'Number' }).valueAsNumber } });

  test('is reported, because the default size of the task ignores it', () => {
    const stack = newStack();
    serviceWith(web(stack), {}, { stack });
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp(warning));
  });

  test('is not reported with a size', () => {
    const stack = newStack();
    serviceWith(web(stack), { size: FargateSize.of(1024, 2048) }, { stack });
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp(warning));
  });
});

describe('the log router of FireLens', () => {
  test('gets its CPU and memory on top of the containers', () => {
    expect(sizeOf(serviceWith({ web: { memoryLimitMiB: 462, logging: firelens() } }))).toBe('256 512');
    expect(sizeOf(serviceWith({ web: { memoryLimitMiB: 463, logging: firelens() } }))).toBe('256 1024');
    expect(sizeOf(serviceWith({ web: { memoryLimitMiB: 512 } }))).toBe('256 512');
  });

  test('gets them also if the driver is a generic one named awsfirelens', () => {
    const generic = (logDriver: string) => ContainerLogging.to(new GenericLogDriver({ logDriver, options: { Name: 'stdout' } }));
    expect(sizeOf(serviceWith({ web: { memoryLimitMiB: 512, logging: generic('awsfirelens') } }))).toBe('256 1024');
    expect(sizeOf(serviceWith({ web: { memoryLimitMiB: 512, logging: generic('splunk') } }))).toBe('256 512');
  });

  test('gets them once for all containers', () => {
    expect(sizeOf(serviceWith({ a: { memoryLimitMiB: 231, logging: firelens() }, b: { memoryLimitMiB: 231, logging: firelens() } }))).toBe('256 512');
  });

  test('does not fit into a size that the containers alone fill', () => {
    const message = saidOf({ web: { memoryLimitMiB: 512, logging: firelens() } }, { size: FargateSize.of(256, 512) });
    expect(message).toMatch(told('size'));
    expect(message).toContain('have at least what its containers need in total, 0 CPU units with 562 MiB, got "256 CPU units with 512 MiB". Use FargateSize.of(256, 1024)');
  });

  test('counts as one of the ten containers that ECS allows', () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`, index === 0 ? { logging: firelens() } : {}]));
    expect(saidOf(many(9))).toBe('accepted');
    const message = saidOf(many(10));
    expect(message).toMatch(told('containers'));
    expect(message).toContain('have at most 10 containers, got ["c0","c1","c2","c3","c4","c5","c6","c7","c8","c9","log-router"]');
  });

  test('counts from the first container that needs it, also if that is added later', () => {
    const { service } = serviceWith({ web: { memoryLimitMiB: 512 } });
    expect(() => service.addContainer('side', { image: NGINX, logging: firelens() })).toThrow('\'size\' must have at least what its containers need in total, 0 CPU units with 562 MiB');
  });
});

describe('the proxy of Service Connect', () => {
  test('gets the 256 CPU units and 64 MiB that AWS recommends, on top of the containers', () => {
    expect(sizeOf(connected({ web: { port: 80 } }))).toBe('512 1024');
    expect(sizeOf(connected({ web: { port: 80, cpu: 256, memoryLimitMiB: 960 } }))).toBe('512 1024');
    expect(sizeOf(connected({ web: { port: 80, cpu: 256, memoryLimitMiB: 961 } }))).toBe('512 2048');
    expect(sizeOf(connected({ web: { port: 80, cpu: 257 } }))).toBe('1024 2048');
    expect(sizeOf(serviceWith({ web: { port: 80 } }))).toBe('256 512');
  });

  test('gets them for clients too, and if Service Connect is the second exposure', () => {
    const stack = newStack();
    const namespace = new HttpNamespace(stack, 'Namespace', { name: 'apps' });
    const exposure = Exposure.publicHttp().also('Mesh', Exposure.serviceConnectClient({ namespace }));
    expect(sizeOf(serviceWith({ web: { port: 80 } }, { exposure }, { stack }))).toBe('512 1024');
    expect(sizeOf(serviceWith({ web: { port: 80 } }, { exposure: Exposure.publicHttp().also('None', Exposure.none()) }))).toBe('256 512');
  });

  test('gets the rest of a size that you choose, as long as some memory is left', () => {
    const size = FargateSize.of(256, 512);
    expect(sizeOf(connected({ web: { port: 80, memoryLimitMiB: 511 } }, { size }))).toBe('256 512');
    expect(() => connected({ web: { port: 80, memoryLimitMiB: 512 } }, { size }))
      .toThrow('\'size\' must have at least what its containers and the Service Connect proxy need in total, 0 CPU units with 513 MiB, got "256 CPU units with 512 MiB"');
  });

  test('does not keep the largest containers from fitting into Fargate', () => {
    expect(sizeOf(connected({ web: { port: 80, cpu: 32768, memoryLimitMiB: 1024 } }))).toBe('32768 61440');
  });

  test('needs a memory limit of the task on instances, because ECS rejects Service Connect without it', () => {
    const { stack, service } = connected({ web: { port: 80, memoryLimitMiB: 300 }, side: { memoryReservationMiB: 100 }, other: {} }, {}, { launch: 'EC2' });
    service.addContainer('late', { image: NGINX, memoryLimitMiB: 24, logging: firelens() });
    expect(taskOf(stack).task.Memory).toBe(String(300 + 100 + 512 + 24 + 50 + 64));
    expect(taskOf(serviceWith({ web: {} }, {}, { launch: 'EC2' }).stack).task.Memory).toBeUndefined();
  });

  test('is not reserved for your own exposure class', () => {
    class Own extends Exposure {
      public bind(): ExposureConfig {
        return {};
      }
    }
    expect(sizeOf(serviceWith({ web: {} }, { exposure: new Own() }))).toBe('256 512');
    expect(sizeOf(serviceWith({ web: {} }, { exposure: { bind: () => ({}) } }))).toBe('256 512');
  });
});
