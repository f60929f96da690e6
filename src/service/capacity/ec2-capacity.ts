import { AsgCapacityProvider, CapacityProviderStrategy, Cluster, ICluster } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkShares, ProviderShare, strategyOf } from './provider-shares';
import { isObject } from '../../private/shape';
import { reject } from '../../private/validation';

const PROPERTY = 'capacity.providers';

/** How many tasks run on the instances of one Auto Scaling group. */
export interface AsgProviderShare {
  /** The capacity provider of the Auto Scaling group. A cluster of the same app is given it; an imported one must have it. */
  readonly provider: AsgCapacityProvider;

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
 * The EC2 capacity of a service.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html
 */
export class Ec2Capacity {
  /** The instances of the cluster. Nothing adds instances when there is no capacity for a task. */
  public static instancesOfTheCluster(): Ec2Capacity {
    return new Ec2Capacity();
  }

  /**
   * Auto Scaling groups that scale with the tasks, for example one with Graviton and one with x86 instances for a multi-platform image, or one
   * on-demand and one on Spot.
   *
   * The service throws if a number is outside of its limits, if two have a base, if all weights are 0, and if a provider is repeated.
   * CloudFormation can replace a service that changes between `instancesOfTheCluster` and this.
   *
   * @param providers the providers and their shares
   */
  public static providers(...providers: AsgProviderShare[]): Ec2Capacity {
    return new Ec2Capacity(providers);
  }

  /** @internal */
  public readonly _kind = 'Ec2Capacity';

  private constructor(private readonly shares?: AsgProviderShare[]) {}

  /** @internal */
  public get _hasProviders(): boolean {
    return this.shares !== undefined;
  }

  /**
   * The capacity provider strategy; undefined for the launch type.
   *
   * @internal
   */
  public _bind(scope: IConstruct, cluster: ICluster): CapacityProviderStrategy[] | undefined {
    const shares = this.shares?.map((share, index) => checked(scope, share, `${PROPERTY}[${index}]`));
    if (shares === undefined) {
      return undefined;
    }
    checkShares(scope, PROPERTY, shares);
    if (Cluster.isCluster(cluster)) {
      this.shares?.forEach(({ provider }) => cluster.addAsgCapacityProvider(provider));
    }
    return strategyOf(shares);
  }
}

function checked(scope: IConstruct, share: AsgProviderShare, property: string): ProviderShare {
  const provider: unknown = isObject(share) ? share.provider : share;
  if (!isObject(provider) || typeof provider.capacityProviderName !== 'string' || !isObject(provider.autoScalingGroup)) {
    return reject(scope, {
      property: `${property}.provider`, must: 'be the capacity provider of an Auto Scaling group', got: provider,
      fix: 'Make one with new ecs.AsgCapacityProvider(this, \'Provider\', { autoScalingGroup }), and give { provider, weight: 1 }.',
    });
  }
  return { property, capacityProvider: provider.capacityProviderName, weight: share.weight, base: share.base };
}
