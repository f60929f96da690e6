import { Token } from 'aws-cdk-lib';
import { BaseService, ScalableTaskCount } from 'aws-cdk-lib/aws-ecs';
import { Construct, IConstruct } from 'constructs';
import { ExposureConfig } from '../exposure/exposure-config';

/** The fewest and the most tasks. */
export interface TaskLimits {
  readonly minTasks: number;
  readonly maxTasks: number;
}

/** What a policy works on. */
export interface ScalingTarget {
  readonly service: BaseService;
  readonly tasks: ScalableTaskCount;
  readonly exposed: ExposureConfig;
  /** Whether there may be times without any task. */
  readonly mayBeZero: boolean;
}

/** One thing that the number of tasks follows. Asked for anything else only after it was checked. */
export interface ScalingPolicy {
  /** What tells it apart from the others. */
  readonly id: string;
  /** The property in messages, e.g. `scaling.onCpu`. */
  readonly property: string;
  /** Whether it can start a first task where none runs. */
  readonly wakes: boolean;
  /** Whether it is what allows that no task runs. */
  readonly allowsNone?: boolean;
  check(scope: IConstruct, limits: TaskLimits): void;
  apply(scope: Construct, target: ScalingTarget): void;
}

/** Whether there may be no task at all, with this as the fewest. */
export function allowsNone(minTasks: number): boolean {
  return Token.isUnresolved(minTasks) || minTasks === 0;
}
