import { CapacityProviderStrategy, CfnClusterCapacityProviderAssociations, ICluster } from 'aws-cdk-lib/aws-ecs';
import { Dependable, IConstruct, IDependable } from 'constructs';
import { checkValue, hasMethods } from '../../private/shape';
import { reject } from '../../private/validation';

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
const MAX_PROVIDERS = 20;

/** The share of tasks on one capacity provider. */
export interface ProviderShare {
  /** The property in messages, e.g. `capacity.providers[0]`. */
  readonly property: string;
  /** The names of weight and base in the property. */
  readonly names?: { readonly weight: string; readonly base: string };
  readonly capacityProvider: string;
  readonly weight?: number;
  readonly base?: number;
}

/**
 * Renders a capacity provider strategy.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
 */
export function strategyOf(shares: ProviderShare[]): CapacityProviderStrategy[] {
  return shares.map(({ capacityProvider, weight = 1, base }) => ({ capacityProvider, weight, base: base === 0 ? undefined : base }));
}

/** Rejects weights and bases outside of the limits, two bases, and weights that place no task. */
export function checkShares(scope: IConstruct, property: string, shares: ProviderShare[]): void {
  if (shares.length === 0 || shares.length > MAX_PROVIDERS) {
    reject(scope, {
      property, must: `have 1 to ${MAX_PROVIDERS} capacity providers`, got: shares.length, fix: 'Give each with its weight: { provider, weight: 1 }.',
    });
  }
  shares.forEach(share => checkShare(scope, share));
  shares.forEach(({ property: share, capacityProvider }, index) => {
    if (shares.findIndex(each => each.capacityProvider === capacityProvider) < index) {
      reject(scope, { property: share, must: 'name each capacity provider once', got: 'one that is there already', fix: 'Add up their weights.' });
    }
  });
  const based = shares.filter(({ base = 0 }) => base !== 0);
  if (based.length > 1) {
    reject(scope, {
      property: `${based[1].property}.base`, must: 'be given for one capacity provider alone', got: based[1].base,
      fix: 'Keep the one of the provider that the first tasks are to run on.',
    });
  }
  if (shares.every(({ weight }) => weight === 0)) {
    reject(scope, {
      property, must: 'have a weight above 0, because no task is placed by others', got: 'only weights of 0',
      fix: 'Give the provider that most tasks are to run on a weight of 1.',
    });
  }
}

function checkShare(scope: IConstruct, { property, names = { weight: 'weight', base: 'base' }, weight, base }: ProviderShare): void {
  checkValue(scope, `${property}.${names.weight}`, weight, {
    kind: 'integer', min: 0, max: 1000, fix: 'Give how many tasks go there in relation to the others.',
  });
  checkValue(scope, `${property}.${names.base}`, base, { kind: 'integer', min: 0, max: 100_000, fix: 'Give how many tasks go there first.' });
}

/** Rejects capacity of another class. Each class has a `_kind`, because bundling can change the name of a class. */
export function checkCapacity(scope: IConstruct, capacity: unknown, kind: string, example: string): void {
  if (!hasMethods(capacity, '_bind') || (capacity as { _kind?: string })._kind !== kind) {
    reject(scope, { property: 'capacity', must: `be of class ${kind}`, got: capacity, fix: `Make one with brackets, e.g. ${example}.` });
  }
}

/**
 * The association of capacity providers with a cluster. ECS rejects a service without it, and it cannot be deleted before the service.
 *
 * The cluster adds it at synthesis, so it is looked up late. The service cannot depend on the whole cluster, which can contain the service.
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
