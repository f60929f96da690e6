import { Token } from 'aws-cdk-lib';
import { ContainerOptions } from '../containers/container-options';
import { hasLogRouter, LOG_ROUTER_MEMORY_MIB } from '../containers/log-router';
import type { Exposure } from '../exposure/exposure';

/** CPU units and memory in MiB. */
export interface CpuAndMemory {
  readonly cpu: number;
  readonly memoryLimitMiB: number;
}

/** The CPU and memory that the containers of a task need. */
export interface TaskNeeds {
  /** The containers, for error messages. */
  readonly who: string;

  /** The minimum for a size that the user sets. */
  readonly least: CpuAndMemory;

  /** The minimum for a size that this library chooses. */
  readonly advised: CpuAndMemory;
}

// The smallest Fargate task, for containers without CPU and memory settings.
const USUAL: CpuAndMemory = { cpu: 256, memoryLimitMiB: 512 };

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html
const PROXY: CpuAndMemory = { cpu: 256, memoryLimitMiB: 64 };

/** The total of the containers, including the log router and the Service Connect proxy. */
export function needsOf(containers: ContainerOptions[], exposure?: Exposure): TaskNeeds {
  const least = { cpu: cpuOf(containers), memoryLimitMiB: memoryOf(containers) };
  const usual = { cpu: Math.max(least.cpu, USUAL.cpu), memoryLimitMiB: Math.max(least.memoryLimitMiB, USUAL.memoryLimitMiB) };
  if (!hasProxy(exposure)) {
    return { who: 'its containers', least, advised: usual };
  }
  return {
    who: 'its containers and the Service Connect proxy',
    // ECS requires more memory for the task than for its containers.
    least: { ...least, memoryLimitMiB: least.memoryLimitMiB + 1 },
    advised: { cpu: usual.cpu + PROXY.cpu, memoryLimitMiB: usual.memoryLimitMiB + PROXY.memoryLimitMiB },
  };
}

/** The memory limit in MiB of a task on EC2 with a Service Connect proxy. ECS requires a task-level limit for it. */
export function memoryWithProxy(containers: ContainerOptions[], usual: number): number {
  const limits = containers.map(container => ({ ...container, memoryLimitMiB: container.memoryLimitMiB ?? container.memoryReservationMiB ?? usual }));
  return memoryOf(limits) + PROXY.memoryLimitMiB;
}

/** Whether ECS adds a Service Connect proxy to the task. A custom exposure may have only a `bind` method. */
export function hasProxy(exposure?: Exposure): boolean {
  return exposure?._addsProxy?.() ?? false;
}

/** Whether a size is known to be too small. Tokens pass. */
export function isTooSmall(size: CpuAndMemory, { cpu, memoryLimitMiB }: CpuAndMemory): boolean {
  return isLess(size.cpu, cpu) || isLess(size.memoryLimitMiB, memoryLimitMiB);
}

function isLess(value: number, than: number): boolean {
  return !Token.isUnresolved(value) && value < than;
}

function cpuOf(containers: ContainerOptions[]): number {
  return sumOf(containers.map(({ cpu }) => cpu));
}

function memoryOf(containers: ContainerOptions[]): number {
  const own = sumOf(containers.map(({ memoryLimitMiB, memoryReservationMiB }) => memoryLimitMiB ?? memoryReservationMiB));
  return hasLogRouter(containers) ? own + LOG_ROUTER_MEMORY_MIB : own;
}

/** Adds up numbers. Tokens count as 0. */
function sumOf(needs: (number | undefined)[]): number {
  return needs.reduce<number>((sum, need = 0) => Token.isUnresolved(need) ? sum : sum + need, 0);
}
