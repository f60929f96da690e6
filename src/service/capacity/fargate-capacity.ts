import { CapacityProviderStrategy, Cluster, ICluster } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { BASE_RULE, checkShares, strategyOf, WEIGHT_RULE } from './provider-shares';
import { Shape } from '../../private/shape';

/** The shares of Fargate on-demand and Fargate Spot. */
export interface FargateCapacityMixedOptions {
  /**
   * The number of tasks to run on-demand before the weights apply, 0 to 100,000.
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

/** The rules of `FargateCapacityMixedOptions`. */
export const MIXED_FARGATE_CAPACITY = new Shape<FargateCapacityMixedOptions>('Write an object such as { onDemandBase: 1, spotWeight: 4 }, or leave it out.', {
  onDemandBase: BASE_RULE,
  onDemandWeight: WEIGHT_RULE,
  spotWeight: WEIGHT_RULE,
}, {
  base: 'Write onDemandBase.',
  weight: 'Write onDemandWeight or spotWeight.',
  spotBase: 'Write onDemandBase. Only on-demand can have a base here.',
});

/**
 * The Fargate capacity for tasks: on-demand, or Fargate Spot, which costs less and can stop a task with two minutes' notice.
 *
 * Spot supports x86 and Graviton. The Fargate capacity providers are added to a cluster of the same app; an imported cluster must have them.
 * A change between `onDemand` and the others can replace the service.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
 */
export class FargateCapacity {
  /** Run all tasks on-demand, without interruptions. */
  public static onDemand(): FargateCapacity {
    return new FargateCapacity();
  }

  /** Run all tasks on Spot, for tasks that can be interrupted and can wait for capacity. */
  public static spot(): FargateCapacity {
    return new FargateCapacity('spot');
  }

  /**
   * Run some tasks on-demand and the others on Spot.
   *
   * The service throws if a number is out of range, or if both weights are 0.
   *
   * @param options base and weights
   */
  public static mixed(options: FargateCapacityMixedOptions = {}): FargateCapacity {
    return new FargateCapacity(options);
  }

  private constructor(private readonly options?: FargateCapacityMixedOptions | 'spot') {}

  /**
   * The capacity provider strategy; undefined for the launch type FARGATE.
   *
   * @internal
   */
  public _bindFargate(scope: IConstruct, cluster: ICluster): CapacityProviderStrategy[] | undefined {
    const { options } = this;
    if (options === undefined) {
      return undefined;
    }
    const shares = options === 'spot' ? [{ capacityProvider: 'FARGATE_SPOT' }] : mixedShares(scope, options);
    if (Cluster.isCluster(cluster)) {
      cluster.enableFargateCapacityProviders();
    }
    return strategyOf(shares);
  }
}

function mixedShares(scope: IConstruct, options: FargateCapacityMixedOptions) {
  MIXED_FARGATE_CAPACITY.check(scope, 'capacity', options);
  const shares = [
    { capacityProvider: 'FARGATE', base: options.onDemandBase, weight: options.onDemandWeight },
    { capacityProvider: 'FARGATE_SPOT', weight: options.spotWeight },
  ];
  checkShares(scope, 'capacity', shares);
  return shares;
}
