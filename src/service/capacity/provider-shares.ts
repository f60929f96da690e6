import { CapacityProviderStrategy, CfnClusterCapacityProviderAssociations, ICluster } from 'aws-cdk-lib/aws-ecs';
import { Dependable, IConstruct, IDependable } from 'constructs';
import { checkValue, Shape } from '../../private/shape';
import { reject } from '../../private/validation';

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
export const WEIGHT_RULE = { kind: 'integer', min: 0, max: 1000, fix: 'Use the share of the tasks relative to the other weights, e.g. 1.' } as const;
export const BASE_RULE = { kind: 'integer', min: 0, max: 100_000, fix: 'Use the number of tasks to place there first, e.g. 1.' } as const;

/** Property names of `CapacityProviderStrategy` in aws-cdk, with the fix for each. */
export const SHARE_REPLACEMENTS = {
  capacityProvider: 'Write provider, with the capacity provider construct.',
  capacityProviderName: 'Write provider, with the capacity provider construct.',
};

/** One capacity provider with its share of the tasks. */
export interface ProviderShare {
  readonly capacityProvider: string;
  readonly weight?: number;
  readonly base?: number;
}

/** Checks the arguments of `providers`. */
export function checkProviders(scope: IConstruct, shares: unknown, shape: Pick<Shape<never>, 'check'>): void {
  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
  const fix = 'Pass 1 to 20 capacity providers, each with its weight: { provider, weight: 1 }.';
  checkValue(scope, 'capacity.providers', shares, { kind: 'list', of: { kind: 'struct', shape }, min: 1, max: 20, fix, required: true });
}

/** Rejects a provider that is listed twice, a second base, and weights that place no task. */
export function checkShares(scope: IConstruct, property: string, shares: ProviderShare[]): void {
  const twice = shares.findIndex(({ capacityProvider }, index) => shares.findIndex(each => each.capacityProvider === capacityProvider) < index);
  if (twice >= 0) {
    reject(scope, {
      property: `${property}[${twice}].provider`, must: 'be listed once', got: 'a provider that is already listed', fix: 'Add up the weights.',
    });
  }
  const withBase = shares.flatMap(({ base = 0 }, index) => base === 0 ? [] : [{ base, index }]);
  if (withBase.length > 1) {
    reject(scope, {
      property: `${property}[${withBase[1].index}].base`, must: 'be set for one capacity provider only', got: withBase[1].base,
      fix: 'Keep the base of the provider for the first tasks.',
    });
  }
  if (shares.every(({ weight }) => weight === 0)) {
    reject(scope, {
      property, must: 'have a weight above 0, because ECS places no tasks with a weight of 0', got: 'only weights of 0',
      fix: 'Set the weight of the main provider to 1.',
    });
  }
}

/** Converts the shares to a capacity provider strategy. */
export function strategyOf(shares: ProviderShare[]): CapacityProviderStrategy[] {
  return shares.map(({ capacityProvider, weight = 1, base }) => ({ capacityProvider, weight, base: base === 0 ? undefined : base }));
}

/**
 * The resource that associates the capacity providers with the cluster. ECS rejects a service that is created before it or deleted after it.
 *
 * aws-cdk creates it at synthesis, so it is looked up when it is needed. A dependency on the whole cluster would be circular for a service in the
 * scope of the cluster.
 */
export class ProviderAssociations implements IDependable {
  constructor(cluster: ICluster) {
    Dependable.implement(this, {
      get dependencyRoots() {
        return cluster.node.children.filter(child => child instanceof CfnClusterCapacityProviderAssociations);
      },
    });
  }
}
