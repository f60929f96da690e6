import { CapacityProviderStrategy, Cluster, ICluster, ManagedInstancesCapacityProvider } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkShares, ProviderShare, strategyOf } from './provider-shares';
import { hasMethods, isObject } from '../../private/shape';
import { reject } from '../../private/validation';

const PROPERTY = 'capacity.providers';

/** The share of tasks on one capacity provider. */
export interface ManagedInstancesProviderShare {
  /** The capacity provider. It belongs to one cluster and is added to the cluster of the service if it has none. */
  readonly provider: ManagedInstancesCapacityProvider;

  /**
   * The share of tasks, relative to the weights of the other providers, 0 to 1,000.
   *
   * @default 1
   */
  readonly weight?: number;

  /**
   * The number of tasks that run here first, 0 to 100,000. For one provider only.
   *
   * @default 0
   */
  readonly base?: number;
}

/**
 * The capacity of a service on ECS Managed Instances, which ECS starts, patches and stops.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ManagedInstances.html
 */
export class ManagedInstancesCapacity {
  /**
   * One or several capacity providers, for example one on-demand and one on Spot.
   *
   * The service throws if a number is outside of its limits, if two have a base, if all weights are 0, if a provider is repeated, and if one belongs
   * to another cluster.
   *
   * @param providers the providers and their shares
   */
  public static providers(...providers: ManagedInstancesProviderShare[]): ManagedInstancesCapacity {
    return new ManagedInstancesCapacity(providers);
  }

  /** @internal */
  public readonly _kind = 'ManagedInstancesCapacity';

  private constructor(private readonly shares: ManagedInstancesProviderShare[]) {}

  /** @internal */
  public _bind(scope: IConstruct, cluster: ICluster): CapacityProviderStrategy[] {
    const shares = this.shares.map((share, index) => checked(scope, cluster, share, `${PROPERTY}[${index}]`));
    checkShares(scope, PROPERTY, shares);
    const add = Cluster.isCluster(cluster)
      ? (provider: ManagedInstancesCapacityProvider) => cluster.addManagedInstancesCapacityProvider(provider)
      : (provider: ManagedInstancesCapacityProvider) => provider.bind(cluster);
    this.shares.forEach(({ provider }) => add(provider));
    return strategyOf(shares);
  }
}

function checked(scope: IConstruct, cluster: ICluster, share: ManagedInstancesProviderShare, property: string): ProviderShare {
  const provider: unknown = isObject(share) ? share.provider : share;
  if (!hasMethods(provider, 'bind') || !isObject(provider) || typeof provider.capacityProviderName !== 'string') {
    return reject(scope, {
      property: `${property}.provider`, must: 'be a capacity provider of managed instances', got: provider,
      fix: 'Make one with new ecs.ManagedInstancesCapacityProvider(this, \'Provider\', { … }), and give { provider }.',
    });
  }
  const { provider: { cluster: other }, weight, base } = share;
  if (other !== undefined && other.clusterName !== cluster.clusterName) {
    reject(scope, {
      property: `${property}.provider`, must: 'belong to the cluster of the service', got: other.node.path, fix: 'Make one for each cluster.',
    });
  }
  return { property, capacityProvider: provider.capacityProviderName, weight, base };
}
