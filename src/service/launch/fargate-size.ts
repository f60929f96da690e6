import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
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
 * How much CPU and memory a Fargate task has.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
 */
export class FargateSize {
  /**
   * An exact size.
   *
   * The service throws when Fargate does not offer it, and names the nearest size that it does offer.
   *
   * @param cpu CPU units; 1024 are one virtual CPU
   * @param memoryLimitMiB memory in MiB
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
   */
  public static of(cpu: number, memoryLimitMiB: number): FargateSize {
    return new FargateSize(cpu, memoryLimitMiB);
  }

  /**
   * The cheapest size that has at least this much of both; undefined when there is none.
   *
   * @internal
   */
  public static _cheapest(cpu: number, memoryLimitMiB: number): FargateSize | undefined {
    return everySize()
      .filter(size => size.cpu >= cpu && size.memoryLimitMiB >= memoryLimitMiB)
      .sort((a, b) => price(a) - price(b))[0];
  }

  private constructor(
    /** CPU units; 1024 are one virtual CPU. */
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

  /** For people, e.g. `256 CPU units with 512 MiB`. */
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
