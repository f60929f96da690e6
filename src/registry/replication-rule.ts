import { Stack } from 'aws-cdk-lib';
import { CfnReplicationConfiguration } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { ACCOUNT, checkPrefixes, checkSettings, checkTexts, filters, REGION } from './registry-rules';
import { checkObject } from '../private/check-types';
import { reject } from '../private/validation';

const MAX_DESTINATIONS = 25;

/** What a replication rule replicates. */
export interface ReplicationRuleOptions {
  /**
   * What the names of the repositories begin with; 1 to 100, without `*`.
   *
   * @default - all repositories
   */
  readonly repositoryPrefixes?: string[];
}

/**
 * Where images are replicated to when they are pushed. A registry can have 10 rules and 25 different destinations; more throw.
 *
 * What was pushed before is not replicated, and neither are policies, lifecycle rules and other settings of repositories:
 * give those by a `RepositoryCreationTemplate` in the registry that receives.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
 */
export class ReplicationRule {
  /**
   * To other regions of the same account.
   *
   * Creating the settings throws when a region is malformed, twice there or that of the registry itself, and when a list is only known at
   * deployment.
   *
   * @param regions the regions, none of them that of the registry itself
   * @param options which repositories
   */
  public static toRegions(regions: string[], options: ReplicationRuleOptions = {}): ReplicationRule {
    return new ReplicationRule(undefined, regions, options);
  }

  /**
   * To other accounts, each of which has to allow it: `RegistryPolicy.allowReplicationFrom` in its own `RegistrySettings`.
   *
   * Creating the settings throws when an account or region is malformed or twice there, when both are those of the registry itself, and
   * when a list is only known at deployment.
   *
   * @param accounts numbers of the accounts
   * @param regions in which regions of each of them
   * @param options which repositories
   */
  public static toAccounts(accounts: string[], regions: string[], options: ReplicationRuleOptions = {}): ReplicationRule {
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
    checkTexts(scope, {
      property: 'replication.regions', value: regions, pattern: REGION, must: 'be names of regions', max: MAX_DESTINATIONS, example: '["eu-central-1"]',
    });
    checkTexts(scope, {
      property: 'replication.accounts', value: accounts, pattern: ACCOUNT, must: 'be accounts of 12 digits', max: MAX_DESTINATIONS, example: '["111122223333"]',
    });
    checkObject(scope, 'replication.options', options);
    const { repositoryPrefixes } = options;
    checkPrefixes(scope, 'replication.repositoryPrefixes', repositoryPrefixes);
    return {
      destinations: accounts.flatMap(registryId => regions.map(region => ({ region, registryId }))),
      repositoryFilters: repositoryPrefixes && filters(repositoryPrefixes, 'PREFIX_MATCH'),
    };
  }
}

/** The replication configuration of a registry. */
export function createReplication(scope: Construct, replication: ReplicationRule[]): void {
  checkSettings(scope, {
    property: 'replication', value: replication, be: 'ReplicationRules', method: '_replicationRule', max: 10, example: 'ReplicationRule.toRegions(["eu-central-1"])',
  });
  const rules = replication.map(each => each._replicationRule(scope));
  const { account, region } = Stack.of(scope);
  const key = (one: object) => JSON.stringify(Stack.of(scope).resolve(one));
  const destinations = new Set(rules.flatMap(rule => rule.destinations as object[]).map(key));
  if (destinations.has(key({ region, registryId: account }))) {
    reject(scope, {
      property: 'replication', must: 'go to other registries than its own', got: 'the account and region of the stack',
      fix: 'Name the other regions, or the other accounts.',
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
