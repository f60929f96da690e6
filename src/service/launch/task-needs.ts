import { Token } from 'aws-cdk-lib';
import { ContainerOptions } from '../containers/container-options';
import { hasLogRouter, LOG_ROUTER_MEMORY_MIB } from '../containers/log-router';
import type { Exposure } from '../exposure/exposure';

/** An amount of both: CPU units and MiB. */
export interface CpuAndMemory {
  readonly cpu: number;
  readonly memoryLimitMiB: number;
}

/** What a task has to have room for. */
export interface TaskNeeds {
  /** For error messages. */
  readonly who: string;

  /** What a size has to have that somebody chose. */
  readonly least: CpuAndMemory;

  /** What a size is found for where nobody chose one. */
  readonly advised: CpuAndMemory;
}

// The smallest Fargate task: what containers have of which nothing is said.
const USUAL: CpuAndMemory = { cpu: 256, memoryLimitMiB: 512 };

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html
const PROXY: CpuAndMemory = { cpu: 256, memoryLimitMiB: 64 };

/** What containers need together, with those that ECS and this library add to them: the log router, and the proxy of Service Connect. */
export function needsOf(containers: ContainerOptions[], exposure?: Exposure): TaskNeeds {
  const least = { cpu: cpuOf(containers), memoryLimitMiB: memoryOf(containers) };
  const usual = { cpu: Math.max(least.cpu, USUAL.cpu), memoryLimitMiB: Math.max(least.memoryLimitMiB, USUAL.memoryLimitMiB) };
  if (!hasProxy(exposure)) {
    return { who: 'its containers', least, advised: usual };
  }
  return {
    who: 'its containers and the proxy of Service Connect',
    // ECS wants more memory for the task than its containers may have together.
    least: { ...least, memoryLimitMiB: least.memoryLimitMiB + 1 },
    advised: { cpu: usual.cpu + PROXY.cpu, memoryLimitMiB: usual.memoryLimitMiB + PROXY.memoryLimitMiB },
  };
}

/** MiB of a task on instances that has a proxy, for which ECS wants the whole task to have a limit. */
export function memoryWithProxy(containers: ContainerOptions[], usual: number): number {
  const limits = containers.map(container => ({ ...container, memoryLimitMiB: container.memoryLimitMiB ?? container.memoryReservationMiB ?? usual }));
  return memoryOf(limits) + PROXY.memoryLimitMiB;
}

/** Whether ECS adds a proxy to the task. From JavaScript, an exposure may be anything with a `bind`. */
export function hasProxy(exposure?: Exposure): boolean {
  return exposure?._addsProxy?.() ?? false;
}

/** MiB that containers may use, or have kept for them, together. */
function memoryOf(containers: ContainerOptions[]): number {
  const own = sumOf(containers.map(({ memoryLimitMiB, memoryReservationMiB }) => memoryLimitMiB ?? memoryReservationMiB));
  return hasLogRouter(containers) ? own + LOG_ROUTER_MEMORY_MIB : own;
}

/** Whether a size is too small; one that is only known at deployment is not. */
export function isTooSmall(size: CpuAndMemory, { cpu, memoryLimitMiB }: CpuAndMemory): boolean {
  return isLess(size.cpu, cpu) || isLess(size.memoryLimitMiB, memoryLimitMiB);
}

function isLess(value: number, than: number): boolean {
  return !Token.isUnresolved(value) && value < than;
}

/** CPU units that are kept for containers, together. */
function cpuOf(containers: ContainerOptions[]): number {
  return sumOf(containers.map(({ cpu }) => cpu));
}

/** What is only known at deployment counts as nothing. */
function sumOf(needs: (number | undefined)[]): number {
  return needs.reduce<number>((sum, need = 0) => Token.isUnresolved(need) ? sum : sum + need, 0);
}
