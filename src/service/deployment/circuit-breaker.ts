import { CfnService } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkObject, checkOneOf } from '../../private/check-types';
import { checkInteger } from '../../private/validation';

/** Which failed tasks count together. */
export enum FailureCounting {
  /** Those in a row: a healthy task begins the count anew. */
  CONSECUTIVE = 'CONSECUTIVE',
  /** All of one deployment. */
  CUMULATIVE = 'CUMULATIVE',
}

/** What may differ in a circuit breaker. */
export interface CircuitBreakerOptions {
  /**
   * Which failed tasks count together.
   *
   * @default FailureCounting.CONSECUTIVE
   */
  readonly counting?: FailureCounting;
}

/** How many failures are too many, in the words of CloudFormation. */
interface Threshold {
  readonly type: 'COUNT' | 'BOUNDED_PERCENT' | 'UNBOUNDED_PERCENT';
  readonly value: number;
}

/**
 * After how many failed tasks a deployment has failed. The service then goes back to its last good deployment, and the stack with it.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
export class CircuitBreaker {
  /** After as many failures as ECS takes for too many: half of the desired tasks, but at least 3 and at most 200. */
  public static rollback(): CircuitBreaker {
    return new CircuitBreaker(true);
  }

  /**
   * After this many failures.
   *
   * @param count at least 1
   * @param options what differs from the usual
   */
  public static afterFailures(count: number, options: CircuitBreakerOptions = {}): CircuitBreaker {
    return new CircuitBreaker(true, { type: 'COUNT', value: count }, options);
  }

  /**
   * After as many failures as this part of the desired tasks, but at least 3 and at most 200.
   *
   * @param percent at least 1; above 100 for more failures than there are tasks
   * @param options what differs from the usual
   */
  public static afterPercent(percent: number, options: CircuitBreakerOptions = {}): CircuitBreaker {
    return new CircuitBreaker(true, { type: 'BOUNDED_PERCENT', value: percent }, options);
  }

  /**
   * After as many failures as this part of the desired tasks, however few or many these are.
   *
   * @param percent at least 1; above 100 for more failures than there are tasks
   * @param options what differs from the usual
   */
  public static afterUnboundedPercent(percent: number, options: CircuitBreakerOptions = {}): CircuitBreaker {
    return new CircuitBreaker(true, { type: 'UNBOUNDED_PERCENT', value: percent }, options);
  }

  /**
   * Failed tasks are started again and again. Without alarms, a deployment that cannot succeed then lasts until CloudFormation gives up,
   * after three hours.
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
    checkInteger(scope, {
      property: 'deployment.circuitBreaker', value, min: 1,
      fix: type === 'COUNT' ? 'Give the number of failed tasks, e.g. CircuitBreaker.afterFailures(5).' : 'Give percent of the desired tasks, e.g. 50.',
    });
    const property = 'deployment.circuitBreaker.counting';
    checkObject(scope, 'deployment.circuitBreaker', this.options, 'Give options such as { counting: FailureCounting.CUMULATIVE }, or leave them out.');
    checkOneOf(scope, this.options?.counting, [undefined, ...Object.values(FailureCounting)], {
      property, must: 'be a FailureCounting', fix: 'Use FailureCounting.CONSECUTIVE or FailureCounting.CUMULATIVE.',
    });
  }

  /** @internal */
  public get _serviceProps(): { enable: boolean; rollback: boolean } {
    return { enable: this.enabled, rollback: this.enabled };
  }

  /**
   * What neither the L2 nor the L1 of this version has a property for.
   *
   * @internal
   */
  public _complete(service: CfnService): void {
    const override = (key: string, value: unknown) =>
      service.addPropertyOverride(`DeploymentConfiguration.DeploymentCircuitBreaker.${key}`, value);
    if (this.threshold !== undefined) {
      override('ThresholdConfiguration', { Type: this.threshold.type, Value: this.threshold.value });
    }
    if (this.options?.counting !== undefined) {
      override('ResetOnHealthyTask', this.options.counting === FailureCounting.CONSECUTIVE);
    }
  }
}
