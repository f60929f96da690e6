import { CapacityProviderStrategy, Cluster, ICluster, ManagedInstancesCapacityProvider } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { BASE_RULE, checkProviders, checkShares, SHARE_REPLACEMENTS, strategyOf, WEIGHT_RULE } from './provider-shares';
import { Shape } from '../../private/shape';
import { reject } from '../../private/validation';

/** The share of the tasks that run on the instances of one capacity provider. */
export interface ManagedInstancesProviderShare {
  /** The capacity provider. A provider belongs to one cluster. If it has none yet, it is added to the cluster of the service. */
  readonly provider: ManagedInstancesCapacityProvider;

  /**
   * The share of the tasks, relative to the weights of the other providers, 0 to 1,000.
   *
   * @default 1
   */
  readonly weight?: number;

  /**
   * The number of tasks to place on this provider before the weights apply, 0 to 100,000. Only one provider can have a base.
   *
   * @default 0
   */
  readonly base?: number;
}

/** The rules of `ManagedInstancesProviderShare`. */
export const MANAGED_INSTANCES_PROVIDER_SHARE = new Shape<ManagedInstancesProviderShare>('Write an object such as { provider, weight: 1 }.', {
  provider: {
    kind: 'instance', methods: ['bind'], properties: ['capacityProviderName'], must: 'be a capacity provider of ECS Managed Instances',
    fix: 'Create one with new ecs.ManagedInstancesCapacityProvider(this, \'Provider\', { … }), and pass { provider }.', required: true,
  },
  weight: WEIGHT_RULE,
  base: BASE_RULE,
}, SHARE_REPLACEMENTS);

/**
 * The capacity of ECS Managed Instances for tasks: EC2 instances that ECS starts, patches and stops.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ManagedInstances.html
 */
export class ManagedInstancesCapacity {
  /**
   * Use one or more capacity providers, for example an on-demand provider and a Spot provider.
   *
   * The service throws if a number is out of range, if two providers have a base, if all weights are 0, if a provider is listed twice, and
   * if a provider belongs to another cluster.
   *
   * @param providers the capacity providers, 1 to 20
   */
  public static providers(...providers: ManagedInstancesProviderShare[]): ManagedInstancesCapacity {
    return new ManagedInstancesCapacity(providers);
  }

  private constructor(private readonly shares: ManagedInstancesProviderShare[]) {}

  /** @internal */
  public _bindManagedInstances(scope: IConstruct, cluster: ICluster): CapacityProviderStrategy[] {
    checkProviders(scope, this.shares, MANAGED_INSTANCES_PROVIDER_SHARE);
    this.shares.forEach(({ provider }, index) => checkCluster(scope, `capacity.providers[${index}].provider`, provider, cluster));
    const shares = this.shares.map(({ provider, weight, base }) => ({ capacityProvider: provider.capacityProviderName, weight, base }));
    checkShares(scope, 'capacity.providers', shares);
    const add = Cluster.isCluster(cluster)
      ? (provider: ManagedInstancesCapacityProvider) => cluster.addManagedInstancesCapacityProvider(provider)
      : (provider: ManagedInstancesCapacityProvider) => provider.bind(cluster);
    this.shares.forEach(({ provider }) => add(provider));
    return strategyOf(shares);
  }
}

function checkCluster(scope: IConstruct, property: string, { cluster: other }: ManagedInstancesCapacityProvider, cluster: ICluster): void {
  if (other !== undefined && other.clusterName !== cluster.clusterName) {
    reject(scope, { property, must: 'belong to the cluster of the service', got: other.node.path, fix: 'Create a capacity provider for each cluster.' });
  }
}
