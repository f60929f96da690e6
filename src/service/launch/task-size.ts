import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { CpuAndMemory, isTooSmall, TaskNeeds } from './task-needs';
import { checkValue, InstanceRule } from '../../private/shape';
import { reject } from '../../private/validation';

const GIB = 1024;

// The CPU units that Fargate offers, each with the supported memory sizes.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
const SIZES: { cpu: number; memory: number[] }[] = [
  { cpu: 256, memory: [512, 1 * GIB, 2 * GIB] },
  { cpu: 512, memory: steps(1, 4, 1) },
  { cpu: 1024, memory: steps(2, 8, 1) },
  { cpu: 2048, memory: steps(4, 16, 1) },
  { cpu: 4096, memory: steps(8, 30, 1) },
  { cpu: 8192, memory: steps(16, 60, 4) },
  { cpu: 16384, memory: steps(32, 120, 8) },
  { cpu: 32768, memory: [60 * GIB, 120 * GIB, 244 * GIB] },
];

// One vCPU costs about as much as nine GiB: https://aws.amazon.com/fargate/pricing/
const PRICE_OF_VCPU_IN_GIB = 9;

/**
 * The CPU and memory of a Fargate task.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
 */
export class FargateSize {
  /**
   * An exact size. The service throws if Fargate does not offer it, and suggests the nearest size.
   *
   * @param cpu CPU units; 1024 units are one vCPU
   * @param memoryLimitMiB memory in MiB
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
   */
  public static of(cpu: number, memoryLimitMiB: number): FargateSize {
    return new FargateSize(cpu, memoryLimitMiB);
  }

  /**
   * The cheapest size with at least this CPU and memory; undefined if there is none.
   *
   * @internal
   */
  public static _cheapest(cpu: number, memoryLimitMiB: number): FargateSize | undefined {
    return everySize()
      .filter(size => size.cpu >= cpu && size.memoryLimitMiB >= memoryLimitMiB)
      .sort((a, b) => price(a) - price(b))[0];
  }

  private constructor(
    /** CPU units; 1024 units are one vCPU. */
    public readonly cpu: number,
    /** Memory in MiB. */
    public readonly memoryLimitMiB: number,
  ) {}

  /** @internal */
  public _checkOffered(scope: IConstruct): void {
    const fix = 'Use whole numbers, e.g. FargateSize.of(256, 512).';
    checkValue(scope, 'size.cpu', this.cpu, { kind: 'integer', fix, required: true });
    checkValue(scope, 'size.memoryLimitMiB', this.memoryLimitMiB, { kind: 'integer', fix, required: true });
    if (Token.isUnresolved(this.cpu) || Token.isUnresolved(this.memoryLimitMiB)) {
      return;
    }
    if (!everySize().some(size => size.cpu === this.cpu && size.memoryLimitMiB === this.memoryLimitMiB)) {
      const nearest = FargateSize._cheapest(this.cpu, this.memoryLimitMiB);
      reject(scope, {
        property: 'size', must: 'be a size that Fargate offers', got: this.toString(),
        fix: nearest
          ? `Use the nearest size, FargateSize.of(${nearest.cpu}, ${nearest.memoryLimitMiB}).`
          : 'Use at most the largest size, FargateSize.of(32768, 249856).',
      });
    }
  }

  /** A description of the size, e.g. `256 CPU units with 512 MiB`. */
  public toString(): string {
    return textOf(this);
  }
}

/**
 * The CPU and memory of a task on EC2 instances, in any combination.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#task_size
 */
export class TaskSize {
  /**
   * An exact size. The service throws if a number is out of range, or if the containers do not fit.
   *
   * @param cpu CPU units, 128 to 196608; 1024 units are one vCPU
   * @param memoryLimitMiB memory in MiB, at least 6
   */
  public static of(cpu: number, memoryLimitMiB: number): TaskSize {
    return new TaskSize(cpu, memoryLimitMiB);
  }

  private constructor(
    /** CPU units; 1024 units are one vCPU. */
    public readonly cpu: number,
    /** Memory in MiB. */
    public readonly memoryLimitMiB: number,
  ) {}

  /** @internal */
  public _checkLimits(scope: IConstruct): void {
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
    checkValue(scope, 'size.cpu', this.cpu, { kind: 'integer', min: 128, max: 196_608, fix: 'Use CPU units: 1024 for one vCPU.', required: true });
    checkValue(scope, 'size.memoryLimitMiB', this.memoryLimitMiB, { kind: 'integer', min: 6, fix: 'Use MiB, e.g. 512.', required: true });
  }

  /** A description of the size, e.g. `256 CPU units with 512 MiB`. */
  public toString(): string {
    return textOf(this);
  }
}

export const FARGATE_SIZE_RULE: InstanceRule = {
  kind: 'instance', methods: ['_checkOffered'], must: 'be a FargateSize', fix: 'Use e.g. FargateSize.of(256, 512), or leave it out.',
};

export const TASK_SIZE_RULE: InstanceRule = {
  kind: 'instance', methods: ['_checkLimits'], must: 'be a TaskSize', fix: 'Use e.g. TaskSize.of(256, 512), or leave it out.',
};

/** The size that the user set, or the cheapest one. Throws if the containers do not fit. */
export function fargateSizeOf(scope: IConstruct, needs: TaskNeeds, wanted?: FargateSize): FargateSize {
  const { least, advised } = needs;
  const cheapest = FargateSize._cheapest(advised.cpu, advised.memoryLimitMiB) ?? FargateSize._cheapest(least.cpu, least.memoryLimitMiB);
  if (!cheapest) {
    return reject(scope, {
      property: 'containers', must: 'fit into the largest Fargate task, 32768 CPU units with 249856 MiB', got: textOf(least),
      fix: 'Reduce the CPU and memory of the containers, or split them into several services.',
    });
  }
  wanted?._checkOffered(scope);
  checkFits(scope, needs, wanted, `FargateSize.of(${cheapest.cpu}, ${cheapest.memoryLimitMiB})`);
  return wanted ?? cheapest;
}

/** The size that the user set, or the needs of the containers, at least those of the smallest Fargate task. Throws if the containers do not fit. */
export function taskSizeOf(scope: IConstruct, needs: TaskNeeds, wanted?: TaskSize): TaskSize {
  const needed = TaskSize.of(needs.advised.cpu, needs.advised.memoryLimitMiB);
  const size = wanted ?? needed;
  size._checkLimits(scope);
  checkFits(scope, needs, wanted, `TaskSize.of(${needed.cpu}, ${needed.memoryLimitMiB})`);
  return size;
}

function checkFits(scope: IConstruct, { who, least }: TaskNeeds, size: FargateSize | TaskSize | undefined, suggestion: string): void {
  if (size && isTooSmall(size, least)) {
    reject(scope, {
      property: 'size', must: `have at least what ${who} need in total, ${textOf(least)}`, got: size.toString(),
      fix: `Use ${suggestion}, or leave 'size' out.`,
    });
  }
}

function textOf({ cpu, memoryLimitMiB }: CpuAndMemory): string {
  return `${cpu} CPU units with ${memoryLimitMiB} MiB`;
}

function steps(from: number, to: number, step: number): number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, index) => (from + index * step) * GIB);
}

function everySize(): FargateSize[] {
  return SIZES.flatMap(({ cpu, memory }) => memory.map(memoryLimitMiB => FargateSize.of(cpu, memoryLimitMiB)));
}

function price(size: FargateSize): number {
  return (size.cpu / 1024) * PRICE_OF_VCPU_IN_GIB + size.memoryLimitMiB / GIB;
}
