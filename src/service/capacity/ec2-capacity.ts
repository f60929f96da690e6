import { AsgCapacityProvider, CapacityProviderStrategy, Cluster, ICluster } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { BASE_RULE, checkProviders, checkShares, SHARE_REPLACEMENTS, strategyOf, WEIGHT_RULE } from './provider-shares';
import { Shape } from '../../private/shape';

/** The share of the tasks that run on the instances of one Auto Scaling group. */
export interface AsgProviderShare {
  /** The capacity provider of the Auto Scaling group. It is added to a cluster of the same app; an imported cluster must have it. */
  readonly provider: AsgCapacityProvider;

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

/** The rules of `AsgProviderShare`. */
export const ASG_PROVIDER_SHARE = new Shape<AsgProviderShare>('Write an object such as { provider, weight: 1 }.', {
  provider: {
    kind: 'instance', properties: ['capacityProviderName', 'autoScalingGroup'], must: 'be the capacity provider of an Auto Scaling group',
    fix: 'Create one with new ecs.AsgCapacityProvider(this, \'Provider\', { autoScalingGroup }), and pass { provider, weight: 1 }.', required: true,
  },
  weight: WEIGHT_RULE,
  base: BASE_RULE,
}, SHARE_REPLACEMENTS);

/**
 * The EC2 capacity for tasks: the instances of the cluster, or Auto Scaling groups.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html
 */
export class Ec2Capacity {
  /** Use the container instances of the cluster. ECS does not start more instances if tasks do not fit. */
  public static instancesOfTheCluster(): Ec2Capacity {
    return new Ec2Capacity();
  }

  /**
   * Use Auto Scaling groups that scale with the tasks. Examples are a Graviton group and an x86 group for a multi-platform image, or an
   * on-demand group and a Spot group.
   *
   * The service throws if a number is out of range, if two providers have a base, if all weights are 0, and if a provider is listed twice.
   * A change between `instancesOfTheCluster` and `providers` can replace the service.
   *
   * @param providers the capacity providers, 1 to 20
   */
  public static providers(...providers: AsgProviderShare[]): Ec2Capacity {
    return new Ec2Capacity(providers);
  }

  private constructor(private readonly shares?: AsgProviderShare[]) {}

  /** @internal */
  public get _hasProviders(): boolean {
    return this.shares !== undefined;
  }

  /**
   * The capacity provider strategy; undefined for the launch type EC2.
   *
   * @internal
   */
  public _bindEc2(scope: IConstruct, cluster: ICluster): CapacityProviderStrategy[] | undefined {
    if (this.shares === undefined) {
      return undefined;
    }
    checkProviders(scope, this.shares, ASG_PROVIDER_SHARE);
    const shares = this.shares.map(({ provider, weight, base }) => ({ capacityProvider: provider.capacityProviderName, weight, base }));
    checkShares(scope, 'capacity.providers', shares);
    if (Cluster.isCluster(cluster)) {
      this.shares.forEach(({ provider }) => cluster.addAsgCapacityProvider(provider));
    }
    return strategyOf(shares);
  }
}
