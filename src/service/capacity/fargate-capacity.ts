import { CapacityProviderStrategy, Cluster, ICluster } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkShares, ProviderShare, strategyOf } from './provider-shares';
import { isObject } from '../../private/shape';
import { reject } from '../../private/validation';

/** How many tasks run on Fargate Spot. */
export interface MixedFargateCapacityOptions {
  /**
   * How many tasks run on-demand before others run on Spot, 0 to 100,000.
   *
   * @default 0
   */
  readonly onDemandBase?: number;

  /**
   * How many of the other tasks run on-demand, in relation to `spotWeight`, 0 to 1,000.
   *
   * @default 1
   */
  readonly onDemandWeight?: number;

  /**
   * How many of the other tasks run on Spot, in relation to `onDemandWeight`, 0 to 1,000.
   *
   * @default 1
   */
  readonly spotWeight?: number;
}

/**
 * Whether tasks run on Fargate for the full price, or on Fargate Spot, which costs less and may stop a task with a warning of two minutes.
 *
 * Spot runs Graviton tasks too. A cluster of the same app gets the capacity providers of Fargate; an imported one must have them.
 * CloudFormation may replace a service that changes from `onDemand` to another, or back.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
 */
export class FargateCapacity {
  /** For the full price, without interruption. */
  public static onDemand(): FargateCapacity {
    return new FargateCapacity();
  }

  /** All on Spot: for what may be interrupted, and may wait until there is room. */
  public static spot(): FargateCapacity {
    return new FargateCapacity(() => [{ property: 'capacity', capacityProvider: 'FARGATE_SPOT' }]);
  }

  /**
   * Some on-demand, the others on Spot.
   *
   * The service throws when a number is outside of its limits, or when both weights are 0.
   *
   * @param options how many
   */
  public static mixed(options: MixedFargateCapacityOptions = {}): FargateCapacity {
    return new FargateCapacity(scope => {
      const given: unknown = options;
      if (!isObject(given)) {
        const fix = 'Give options in brackets, e.g. FargateCapacity.mixed({ onDemandBase: 1, spotWeight: 4 }).';
        reject(scope, { property: 'capacity', must: 'be an object', got: given, fix });
      }
      const { onDemandBase, onDemandWeight, spotWeight } = options;
      const names = { weight: 'onDemandWeight', base: 'onDemandBase' };
      return [
        { property: 'capacity', names, capacityProvider: 'FARGATE', base: onDemandBase, weight: onDemandWeight },
        { property: 'capacity', names: { ...names, weight: 'spotWeight' }, capacityProvider: 'FARGATE_SPOT', weight: spotWeight },
      ];
    });
  }

  /** @internal */
  public readonly _kind = 'FargateCapacity';

  private constructor(private readonly sharesOf?: (scope: IConstruct) => ProviderShare[]) {}

  /**
   * The strategy of the service; undefined for the launch type.
   *
   * @internal
   */
  public _bind(scope: IConstruct, cluster: ICluster): CapacityProviderStrategy[] | undefined {
    const shares = this.sharesOf?.(scope);
    if (shares === undefined) {
      return undefined;
    }
    checkShares(scope, 'capacity', shares);
    if (Cluster.isCluster(cluster)) {
      cluster.enableFargateCapacityProviders();
    }
    return strategyOf(shares);
  }
}
