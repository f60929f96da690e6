import { IConstruct } from 'constructs';
import { hasMethods } from '../../private/check-types';
import { checkInteger, reject } from '../../private/validation';

/**
 * How long published images are kept, beside the one that is deployed.
 *
 * @see https://github.com/cdk-container-delivery/cdk-container-delivery/blob/main/docs/what-gets-deleted.md
 */
export class Retention {
  /** Published images never expire. */
  public static keepAll(): Retention {
    return new Retention(Infinity);
  }

  /**
   * Of each image that is copied into the repository, the one that is deployed and those before it are kept; older ones expire.
   * An image that is deployed again, as a rollback does it, is kept for good.
   *
   * Images that are pushed directly are all kept: nothing runs when such an image is deployed again, so nobody could tell that it is in use.
   *
   * @param versions how many images before the deployed one, 1 to 10000
   */
  public static keepForRollback(versions: number): Retention {
    return new Retention(versions);
  }

  /**
   * As `keepForRollback`, also for images that are pushed directly. There ECR counts by the time of the first push alone: an image that
   * you deploy again after more than this many newer ones were pushed can expire while it runs.
   *
   * @param versions how many images before the newest one, 1 to 10000
   */
  public static keepForRollbackByPushDate(versions: number): Retention {
    return new Retention(versions, true);
  }

  private constructor(private readonly versions: number, private readonly isByPushDate = false) {}

  /**
   * How many images are kept; undefined for all of them.
   *
   * @internal
   */
  public _keptImages(isPushedDirectly: boolean): number | undefined {
    return this.versions === Infinity || (isPushedDirectly && !this.isByPushDate) ? undefined : this.versions + 1;
  }

  /** @internal */
  public _check(scope: IConstruct): void {
    if (this.versions === Infinity) return;
    checkInteger(scope, {
      property: 'retention.versions', value: this.versions, min: 1, max: 10_000,
      cure: 'A deployment that fails goes back to the image before: keep at least one, or use Retention.keepAll().',
    });
  }
}

/** From JavaScript anything may come, a factory without its brackets for one. */
export function checkRetention(scope: IConstruct, retention?: Retention): void {
  if (retention === undefined) return;
  if (!hasMethods(retention, '_keptImages', '_check')) {
    reject(scope, { property: 'retention', must: 'be a Retention', got: retention, cure: 'Make it with brackets, e.g. Retention.keepForRollback(50).' });
  }
  retention._check(scope);
}
