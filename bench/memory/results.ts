import type { Conditions } from '../machine/conditions';

/** One copy with the CPU share of a memory size. */
export interface MemorySample {
  readonly memoryMebibytes: number;
  readonly scenario: string;
  readonly megabytes: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
}

/** All results of a series. */
export interface MemoryResults {
  readonly conditions: Conditions & { readonly loadAfter: number };
  readonly runs: number;
  readonly samples: readonly MemorySample[];
}

/**
 * The memory size with which a Lambda function gets one core. CPU time is proportional to memory.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
export const ONE_CORE_MEBIBYTES = 1769;

/** The share of the CPU for a memory size. */
export function coresOf(memoryMebibytes: number): number {
  return memoryMebibytes / ONE_CORE_MEBIBYTES;
}
