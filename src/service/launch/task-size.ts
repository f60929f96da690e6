import { IConstruct } from 'constructs';
import { isTooSmall, TaskNeeds } from './container-needs';
import { hasMethods } from '../../private/check-types';
import { checkInteger, reject } from '../../private/validation';

/**
 * How much CPU and memory a task has on instances, where any combination is possible.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#task_size
 */
export class TaskSize {
  /**
   * A size. The service throws when a number is outside of these limits, and when the containers do not fit.
   *
   * @param cpu CPU units, 128 to 196608; 1024 are one virtual CPU
   * @param memoryLimitMiB memory in MiB, at least 6
   */
  public static of(cpu: number, memoryLimitMiB: number): TaskSize {
    return new TaskSize(cpu, memoryLimitMiB);
  }

  private constructor(
    /** CPU units; 1024 are one virtual CPU. */
    public readonly cpu: number,
    /** Memory in MiB. */
    public readonly memoryLimitMiB: number,
  ) {}

  /**
   * Not called as that of a `FargateSize`: else one would pass for the other.
   *
   * @internal
   */
  public _checkLimits(scope: IConstruct): void {
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
    checkInteger(scope, { property: 'size.cpu', value: this.cpu, min: 128, max: 196_608, fix: 'Give CPU units, 1024 for one virtual CPU.' });
    checkInteger(scope, { property: 'size.memoryLimitMiB', value: this.memoryLimitMiB, min: 6, fix: 'Give MiB, e.g. 512.' });
  }

  /** For people, e.g. `256 CPU units with 512 MiB`. */
  public toString(): string {
    return `${this.cpu} CPU units with ${this.memoryLimitMiB} MiB`;
  }
}

/** The size that was asked for, if the containers fit into it; else what they need, and at least what the smallest Fargate task has. */
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
