import { BaseService } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { ExposureConfig } from '../exposure/exposure-config';

/**
 * What is scaled.
 *
 * @internal
 */
export interface _ScalingTarget {
  readonly service: BaseService;
  readonly exposed: ExposureConfig;
}

type Policy = (scope: Construct, target: _ScalingTarget) => void;

/**
 * How the number of tasks follows what there is to do. Each method answers with another `Scaling`, which does this too.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
 */
export class Scaling {
  /**
   * Never fewer and never more tasks than these.
   *
   * @param minTasks the fewest tasks
   * @param maxTasks the most tasks
   */
  public static between(minTasks: number, maxTasks: number): Scaling {
    return new Scaling(minTasks, maxTasks, []);
  }

  private constructor(
    /** The fewest tasks. */
    public readonly minTasks: number,
    /** The most tasks. */
    public readonly maxTasks: number,
    private readonly policies: Policy[],
  ) {}

  /**
   * Keep the average use of the CPU at this.
   *
   * @param targetPercent percent of the CPU of the tasks
   */
  public onCpu(targetPercent: number): Scaling {
    return this.with((_scope, { service }) => {
      service.autoScaleTaskCount({ minCapacity: this.minTasks, maxCapacity: this.maxTasks })
        .scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: targetPercent });
    });
  }

  /** @internal */
  public _apply(scope: Construct, target: _ScalingTarget): void {
    this.policies.forEach(policy => policy(scope, target));
  }

  private with(policy: Policy): Scaling {
    return new Scaling(this.minTasks, this.maxTasks, [...this.policies, policy]);
  }
}
