import { Duration } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { hasMethods } from '../private/check-types';
import { checkInteger, reject } from '../private/validation';

/** When untagged images expire. */
export interface ExpireUntaggedOptions {
  /** How long ago the image was pushed, in whole days, at least one. */
  readonly olderThan: Duration;
}

/**
 * What one rule looks like in the policy text, its priority aside.
 *
 * @internal
 */
export interface _RenderedLifecycleRule {
  readonly description: string;
  readonly selection: { readonly [key: string]: unknown };
  readonly action: { readonly type: 'expire' };
}

/**
 * Which images of a repository expire, and when.
 *
 * Images published by this library carry a `live-…` tag, so a rule for untagged images never touches them.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */
export class LifecycleRule {
  /**
   * Untagged images expire some days after they were pushed.
   *
   * A repository can have one such rule.
   *
   * @param options after how many days
   */
  public static expireUntagged(options: ExpireUntaggedOptions): LifecycleRule {
    return new LifecycleRule(options?.olderThan);
  }

  private constructor(private readonly olderThan?: Duration) {}

  /** @internal */
  public _render(scope: IConstruct): _RenderedLifecycleRule {
    const property = 'lifecycle.expireUntagged.olderThan';
    const cure = 'ECR counts whole days: use Duration.days(7) or the like.';
    if (!isDuration(this.olderThan)) {
      return reject(scope, { property, must: 'be a Duration', got: this.olderThan, cure });
    }
    if (this.olderThan.isUnresolved() && this.olderThan.unitLabel() !== 'days') {
      reject(scope, { property, must: 'be in days when it is only known at deployment', got: 'a token', cure });
    }
    const days = this.olderThan.toDays({ integral: false });
    checkInteger(scope, { property, value: days, min: 1, cure });
    return {
      description: 'Untagged images expire',
      selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: days },
      action: { type: 'expire' },
    };
  }
}

function isDuration(value?: Duration): value is Duration {
  return hasMethods(value, 'isUnresolved', 'unitLabel', 'toDays');
}
