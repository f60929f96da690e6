import { CapacityProviderStrategy, Cluster, ICluster } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkShares, ProviderShare, strategyOf } from './provider-shares';
import { isObject } from '../../private/shape';
import { reject } from '../../private/validation';

/** Options of a mix of Fargate and Fargate Spot. */
export interface MixedFargateCapacityOptions {
  /**
   * The number of tasks that run on-demand first, 0 to 100,000.
   *
   * @default 0
   */
  readonly onDemandBase?: number;

  /**
   * The share of the other tasks that run on-demand, relative to `spotWeight`, 0 to 1,000.
   *
   * @default 1
   */
  readonly onDemandWeight?: number;

  /**
   * The share of the other tasks that run on Spot, relative to `onDemandWeight`, 0 to 1,000.
   *
   * @default 1
   */
  readonly spotWeight?: number;
}

/**
 * The Fargate capacity: on-demand, or Fargate Spot, which costs less and can stop a task with a warning of two minutes.
 *
 * Spot also runs Graviton tasks. A cluster of the same app gets the Fargate capacity providers; an imported cluster must have them.
 * CloudFormation can replace a service that changes between `onDemand` and the others.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
 */
export class FargateCapacity {
  /** On-demand, without interruption. */
  public static onDemand(): FargateCapacity {
    return new FargateCapacity();
  }

  /** Spot only, for tasks that can be interrupted and can wait for capacity. */
  public static spot(): FargateCapacity {
    return new FargateCapacity(() => [{ property: 'capacity', capacityProvider: 'FARGATE_SPOT' }]);
  }

  /**
   * Some tasks on-demand, the others on Spot.
   *
   * The service throws if a number is outside of its limits, or if both weights are 0.
   *
   * @param options base and weights
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
   * The capacity provider strategy; undefined for the launch type.
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
