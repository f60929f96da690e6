import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { isTooSmall, TaskNeeds } from './task-needs';
import { checkValue, hasMethods } from '../../private/shape';
import { reject } from '../../private/validation';

const GIB = 1024;

// CPU units, and the memory that goes with them: from, to, in steps of.
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
   * An exact size.
   *
   * The service throws if Fargate does not support it, and names the nearest supported size.
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
  public _check(scope: IConstruct): void {
    if (Token.isUnresolved(this.cpu) || Token.isUnresolved(this.memoryLimitMiB)) {
      return;
    }
    if (![this.cpu, this.memoryLimitMiB].every(value => typeof value === 'number')) {
      reject(scope, { property: 'size', must: 'be made of two numbers', got: [this.cpu, this.memoryLimitMiB], fix: 'Use e.g. FargateSize.of(256, 512).' });
    }
    if (!everySize().some(size => size.cpu === this.cpu && size.memoryLimitMiB === this.memoryLimitMiB)) {
      const nearest = FargateSize._cheapest(this.cpu, this.memoryLimitMiB);
      reject(scope, {
        property: 'size',
        must: 'be a size that Fargate offers',
        got: this.toString(),
        fix: nearest
          ? `The nearest is FargateSize.of(${nearest.cpu}, ${nearest.memoryLimitMiB}).`
          : 'The largest is FargateSize.of(32768, 249856).',
      });
    }
  }

  /** A description, e.g. `256 CPU units with 512 MiB`. */
  public toString(): string {
    return `${this.cpu} CPU units with ${this.memoryLimitMiB} MiB`;
  }
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

/** The requested size if the containers fit, or the cheapest size in which they fit. */
export function fittingSize(scope: IConstruct, { who, least, advised }: TaskNeeds, wanted?: FargateSize): FargateSize {
  const cheapest = FargateSize._cheapest(advised.cpu, advised.memoryLimitMiB) ?? FargateSize._cheapest(least.cpu, least.memoryLimitMiB);
  if (!cheapest) {
    return reject(scope, {
      property: 'containers',
      must: 'fit into the largest Fargate task, 32768 CPU units with 249856 MiB',
      got: `${least.cpu} CPU units with ${least.memoryLimitMiB} MiB`,
      fix: 'Give the containers less, or spread them over several services.',
    });
  }
  if (wanted !== undefined && !hasMethods(wanted, '_check')) {
    reject(scope, { property: 'size', must: 'be a FargateSize', got: wanted, fix: `Use FargateSize.of(${cheapest.cpu}, ${cheapest.memoryLimitMiB}), or leave it out.` });
  }
  wanted?._check(scope);
  if (wanted && isTooSmall(wanted, least)) {
    reject(scope, {
      property: 'size',
      must: `hold what ${who} need together, ${least.cpu} CPU units with ${least.memoryLimitMiB} MiB`,
      got: wanted.toString(),
      fix: `Use FargateSize.of(${cheapest.cpu}, ${cheapest.memoryLimitMiB}), or leave 'size' out.`,
    });
  }
  return wanted ?? cheapest;
}

/**
 * The CPU and memory of a task on instances, in any combination.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#task_size
 */
export class TaskSize {
  /**
   * A size. The service throws if a number is outside of these limits, and if the containers do not fit.
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

  /**
   * Named differently than in `FargateSize`, so that the two classes are not interchangeable.
   *
   * @internal
   */
  public _checkLimits(scope: IConstruct): void {
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
    checkValue(scope, 'size.cpu', this.cpu, { kind: 'integer', min: 128, max: 196_608, fix: 'Give CPU units, 1024 for one virtual CPU.', required: true });
    checkValue(scope, 'size.memoryLimitMiB', this.memoryLimitMiB, { kind: 'integer', min: 6, fix: 'Give MiB, e.g. 512.', required: true });
  }

  /** A description, e.g. `256 CPU units with 512 MiB`. */
  public toString(): string {
    return `${this.cpu} CPU units with ${this.memoryLimitMiB} MiB`;
  }
}

/** The requested size if the containers fit, or the sum of the containers and at least the smallest Fargate size. */
export function taskSizeOf(scope: IConstruct, { who, least, advised }: TaskNeeds, wanted?: TaskSize): TaskSize {
  const needed = TaskSize.of(advised.cpu, advised.memoryLimitMiB);
  if (wanted === undefined) {
    needed._checkLimits(scope);
    return needed;
  }
  if (!hasMethods(wanted, '_checkLimits')) {
    reject(scope, { property: 'size', must: 'be a TaskSize', got: wanted, fix: `Use TaskSize.of(${needed.cpu}, ${needed.memoryLimitMiB}), or leave it out.` });
  }
  wanted._checkLimits(scope);
  if (isTooSmall(wanted, least)) {
    reject(scope, {
      property: 'size', must: `hold what ${who} need together, ${least.cpu} CPU units with ${least.memoryLimitMiB} MiB`, got: wanted.toString(),
      fix: `Use TaskSize.of(${needed.cpu}, ${needed.memoryLimitMiB}), or leave 'size' out.`,
    });
  }
  return wanted;
}
