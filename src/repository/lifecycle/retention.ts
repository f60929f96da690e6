import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { hasMethods } from '../../private/check-types';
import { checkInteger, reject } from '../../private/validation';

/**
 * How long published images are kept, beside the one that is deployed.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 */
export class Retention {
  /** Published images never expire. */
  public static keepAll(): Retention {
    return new Retention('all');
  }

  /**
   * Of each image that is copied into the repository, the one that is deployed and those before it are kept; older ones expire.
   * An image that is deployed again, as a rollback does it, is kept for good. A deployment that fails and does not go back
   * (`cdk deploy --no-rollback`) counts as one that went well.
   *
   * Images that are pushed directly are all kept: nothing runs when such an image is deployed again, so nobody could tell that it is in use.
   *
   * The repository throws when the number is none of these.
   *
   * @param versions how many images before the deployed one, 1 to 10000, known at synthesis
   */
  public static keepForRollback(versions: number): Retention {
    return new Retention('copied', versions);
  }

  /**
   * As `keepForRollback`, also for images that are pushed directly. Of those, ECR counts every push, and looks at nothing but the time of
   * the first push. So with `versions` of 2, the image that runs can expire:
   *
   * - after 3 deployments in a row that fail. Each pushes a new image, and then goes back to the image that runs.
   * - when you deploy an old image again, and 3 images were pushed after it.
   *
   * Tasks that run are not stopped, but no new task starts: ECS cannot pull the image. Choose a number that is larger than the number of
   * deployments that can fail before somebody mends them. There is a warning for fewer than 10.
   *
   * The repository throws when the number is none of these.
   *
   * @param versions how many images before the newest one, 1 to 10000, known at synthesis; 10 or more are recommended. An image that
   *   runs expires when more than this many newer ones were pushed
   */
  public static keepForRollbackByPushDate(versions: number): Retention {
    return new Retention('every', versions);
  }

  private constructor(private readonly expiring: 'all' | 'copied' | 'every', private readonly versions?: number) {}

  /**
   * How many images are kept; undefined for all of them.
   *
   * @internal
   */
  public _keptImages(isPushedDirectly: boolean): number | undefined {
    return this.versions === undefined || (isPushedDirectly && !this._letsPushedExpire) ? undefined : this.versions + 1;
  }

  /**
   * Whether images that are pushed directly may expire.
   *
   * @internal
   */
  public get _letsPushedExpire(): boolean {
    return this.expiring === 'every';
  }

  /** @internal */
  public _check(scope: IConstruct): void {
    if (this.expiring === 'all') return;
    const property = 'retention.versions';
    const fix = 'A deployment that fails goes back to the image before: keep at least one, or use Retention.keepAll().';
    if (Token.isUnresolved(this.versions)) {
      reject(scope, { property, must: 'be known at synthesis, which adds the image that is deployed', got: 'a token', fix });
    }
    checkInteger(scope, { property, value: this.versions as number, min: 1, max: 10_000, fix });
  }
}

/** From JavaScript anything may come, a factory without its brackets for one. */
export function checkRetention(scope: IConstruct, retention?: Retention): void {
  if (retention === undefined) return;
  if (!hasMethods(retention, '_keptImages', '_check')) {
    reject(scope, { property: 'retention', must: 'be a Retention', got: retention, fix: 'Make it with brackets, e.g. Retention.keepForRollback(50).' });
  }
  retention._check(scope);
}
