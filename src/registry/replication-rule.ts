import { Stack } from 'aws-cdk-lib';
import { CfnReplicationConfiguration } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { checkUnique, filters, REPOSITORY_PREFIXES } from './registry-rules';
import { ACCOUNT, REGION } from '../private/rules';
import { checkValue, InstanceRule, Shape } from '../private/shape';
import { reject } from '../private/validation';

const MAX_DESTINATIONS = 25;

/** Options of a replication rule. */
export interface ReplicationRuleOptions {
  /**
   * Prefixes of the names of the repositories, 1 to 100, without `*`.
   *
   * @default - all repositories
   */
  readonly repositoryPrefixes?: string[];
}

/** Options of `ReplicationRule.toRegions`. */
export interface ReplicationRuleToRegionsOptions extends ReplicationRuleOptions {}

/** Options of `ReplicationRule.toAccounts`. */
export interface ReplicationRuleToAccountsOptions extends ReplicationRuleOptions {}

export const REPLICATION = new Shape<ReplicationRuleOptions>('Write an object such as { repositoryPrefixes: ["prod/"] }, or leave it out.', {
  repositoryPrefixes: { ...REPOSITORY_PREFIXES, max: 100 },
}, { repositoryFilters: 'Write `repositoryPrefixes`.', filters: 'Write `repositoryPrefixes`.', prefix: 'Write `repositoryPrefixes`, a list.' });

/** A value that must be a replication rule. */
export const REPLICATION_RULE: InstanceRule = {
  kind: 'instance', must: 'be a ReplicationRule', methods: ['_replicationRule'], fix: 'Call the factory, e.g. ReplicationRule.toRegions(["eu-central-1"]).',
};

/**
 * A rule that replicates images to other registries when they are pushed. The settings throw for more than 10 rules or 25 different destinations.
 *
 * Images that were pushed before are not replicated. Policies, lifecycle rules and other settings of repositories are not replicated
 * either. Set those with a `RepositoryCreationTemplate` in the destination registry.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
 */
export class ReplicationRule {
  /**
   * Replicate to other regions of the same account.
   *
   * Creating the settings throws if a region is malformed, repeated, or the region of the registry itself, and if a list is a token.
   *
   * @param regions the regions, without the region of the registry itself
   * @param options which repositories
   */
  public static toRegions(regions: string[], options: ReplicationRuleToRegionsOptions = {}): ReplicationRule {
    return new ReplicationRule(undefined, regions, options);
  }

  /**
   * Replicate to other accounts. Each of them must allow it with `RegistryPolicy.allowReplicationFrom` in its own `RegistrySettings`.
   *
   * Creating the settings throws if an account or region is malformed or repeated, if both are those of the registry itself, and
   * if a list is a token.
   *
   * @param accounts the account IDs
   * @param regions the regions in each of the accounts
   * @param options which repositories
   */
  public static toAccounts(accounts: string[], regions: string[], options: ReplicationRuleToAccountsOptions = {}): ReplicationRule {
    return new ReplicationRule(accounts, regions, options);
  }

  private constructor(
    private readonly accounts: string[] | undefined,
    private readonly regions: string[],
    private readonly options: ReplicationRuleOptions,
  ) {}

  /** @internal */
  public _replicationRule(scope: Construct): CfnReplicationConfiguration.ReplicationRuleProperty {
    const { accounts = [Stack.of(scope).account], regions, options } = this;
    const list = { kind: 'list', required: true, min: 1, max: MAX_DESTINATIONS } as const;
    checkValue(scope, 'replication.regions', regions, { ...list, of: REGION, fix: 'Write it like ["eu-central-1"].' });
    checkUnique(scope, 'replication.regions', regions);
    checkValue(scope, 'replication.accounts', accounts, { ...list, of: ACCOUNT, fix: 'Write it like ["111122223333"].' });
    checkUnique(scope, 'replication.accounts', accounts);
    REPLICATION.check(scope, 'replication', options);
    const { repositoryPrefixes } = options;
    checkUnique(scope, 'replication.repositoryPrefixes', repositoryPrefixes);
    return {
      destinations: accounts.flatMap(registryId => regions.map(region => ({ region, registryId }))),
      repositoryFilters: repositoryPrefixes && filters(repositoryPrefixes, 'PREFIX_MATCH'),
    };
  }
}

/** Creates the replication configuration of a registry. */
export function createReplication(scope: Construct, replication: ReplicationRule[]): void {
  const rules = replication.map(each => each._replicationRule(scope));
  const { account, region } = Stack.of(scope);
  const key = (one: object) => JSON.stringify(Stack.of(scope).resolve(one));
  const destinations = new Set(rules.flatMap(rule => rule.destinations as object[]).map(key));
  if (destinations.has(key({ region, registryId: account }))) {
    reject(scope, {
      property: 'replication', must: 'go to other registries than its own', got: 'the account and region of the stack',
      fix: 'Write the other regions or accounts.',
    });
  }
  if (destinations.size > MAX_DESTINATIONS) {
    reject(scope, {
      property: 'replication', must: `have at most ${MAX_DESTINATIONS} different destinations, because ECR takes no more`, got: destinations.size,
      fix: 'Replicate to fewer regions or accounts.',
    });
  }
  new CfnReplicationConfiguration(scope, 'Replication', { replicationConfiguration: { rules } });
}
