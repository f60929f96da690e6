import { CfnService } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkValue, Shape } from '../../private/shape';

const PROPERTY = 'deployment.circuitBreaker';

/** Which failed tasks are counted. */
export enum FailureCounting {
  /** Consecutive failures: a healthy task resets the count. */
  CONSECUTIVE = 'CONSECUTIVE',
  /** All failures of one deployment. */
  CUMULATIVE = 'CUMULATIVE',
}

/** Options of a circuit breaker. */
export interface CircuitBreakerOptions {
  /**
   * Which failed tasks are counted.
   *
   * @default FailureCounting.CONSECUTIVE
   */
  readonly counting?: FailureCounting;
}

/** Options of `CircuitBreaker.afterFailures`. */
export interface CircuitBreakerAfterFailuresOptions extends CircuitBreakerOptions {}

/** Options of `CircuitBreaker.afterPercent`. */
export interface CircuitBreakerAfterPercentOptions extends CircuitBreakerOptions {}

/** Options of `CircuitBreaker.afterUnboundedPercent`. */
export interface CircuitBreakerAfterUnboundedPercentOptions extends CircuitBreakerOptions {}

export const CIRCUIT_BREAKER = new Shape<CircuitBreakerOptions>('Write options such as { counting: FailureCounting.CUMULATIVE }, or leave them out.', {
  counting: {
    kind: 'enum', values: Object.values(FailureCounting), must: 'be a FailureCounting', fix: 'Use FailureCounting.CONSECUTIVE or FailureCounting.CUMULATIVE.',
  },
}, {
  rollback: 'Leave it out: the circuit breaker always rolls back.',
  enable: 'Leave it out, or use CircuitBreaker.none().',
});

/** The threshold, as in CloudFormation. */
interface Threshold {
  readonly type: 'COUNT' | 'BOUNDED_PERCENT' | 'UNBOUNDED_PERCENT';
  readonly value: number;
}

/**
 * The number of failed tasks after which a deployment fails. The service then rolls back to its last successful deployment, and so does the stack.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
export class CircuitBreaker {
  /** The default threshold of ECS: half of the desired tasks, at least 3 and at most 200. */
  public static rollback(): CircuitBreaker {
    return new CircuitBreaker(true);
  }

  /**
   * A fixed number of failures.
   *
   * @param count at least 1
   * @param options which failures are counted
   */
  public static afterFailures(count: number, options: CircuitBreakerAfterFailuresOptions = {}): CircuitBreaker {
    return new CircuitBreaker(true, { type: 'COUNT', value: count }, options);
  }

  /**
   * A percentage of the desired tasks, at least 3 and at most 200 failures.
   *
   * @param percent at least 1; more than 100 allows more failures than there are tasks
   * @param options which failures are counted
   */
  public static afterPercent(percent: number, options: CircuitBreakerAfterPercentOptions = {}): CircuitBreaker {
    return new CircuitBreaker(true, { type: 'BOUNDED_PERCENT', value: percent }, options);
  }

  /**
   * A percentage of the desired tasks, without a minimum and a maximum number of failures.
   *
   * @param percent at least 1; more than 100 allows more failures than there are tasks
   * @param options which failures are counted
   */
  public static afterUnboundedPercent(percent: number, options: CircuitBreakerAfterUnboundedPercentOptions = {}): CircuitBreaker {
    return new CircuitBreaker(true, { type: 'UNBOUNDED_PERCENT', value: percent }, options);
  }

  /**
   * No circuit breaker: ECS starts failed tasks again and again. Without alarms, a deployment that cannot succeed lasts until CloudFormation times
   * out after three hours.
   */
  public static none(): CircuitBreaker {
    return new CircuitBreaker(false);
  }

  private constructor(
    private readonly enabled: boolean, private readonly threshold?: Threshold, private readonly options?: CircuitBreakerOptions,
  ) {}

  /** @internal */
  public _check(scope: IConstruct): void {
    if (this.threshold === undefined) {
      return;
    }
    const { type, value } = this.threshold;
    checkValue(scope, PROPERTY, value, {
      kind: 'integer', min: 1, required: true,
      fix: type === 'COUNT' ? 'Use a number of failed tasks, e.g. CircuitBreaker.afterFailures(5).' : 'Use a percentage of the desired tasks, e.g. 50.',
    });
    CIRCUIT_BREAKER.check(scope, PROPERTY, this.options);
  }

  /** @internal */
  public get _serviceProps(): { enable: boolean; rollback: boolean } {
    return { enable: this.enabled, rollback: this.enabled };
  }

  /**
   * The settings that the L2 does not support.
   *
   * @internal
   */
  public get _configuration(): Partial<CfnService.DeploymentConfigurationProperty> | undefined {
    const counting = this.options?.counting;
    return this.threshold === undefined ? undefined : {
      deploymentCircuitBreaker: {
        ...this._serviceProps,
        thresholdConfiguration: this.threshold,
        resetOnHealthyTask: counting === undefined ? undefined : counting === FailureCounting.CONSECUTIVE,
      },
    };
  }
}
